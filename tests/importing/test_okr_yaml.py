"""The written files: what is in them, and that it is read back as it was meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.load import load
from config.yaml_source import parse
from importing.model import ImportedCheckIn, ImportedInitiative, ImportedKeyResult, ImportedObjective, ImportedTree
from importing.okr_yaml import write
from importing.periods import period_of
from importing.slugs import ids_of, slug
from mapping.about import About
from mapping.model import Kind, Level
from tests.importing.made import forms

Q4 = period_of("Q4 2026", None, None)
assert Q4 is not None
KNOWN = (ImportedCheckIn(where="row 4", at=datetime.fromisoformat("2026-10-01"), value=Decimal("42.50")),)
SALES = ImportedKeyResult(
    key="2",
    where="row 2",
    title="Sales",
    period=Q4,
    unit="USD",
    start=Decimal(0),
    target=Decimal("1E+3"),
    check_ins=KNOWN,
)
GROW = ImportedObjective(
    key="1", where="row 1", title="Grow", period=Q4, level=Level.COMPANY, kind=Kind.COMMITTED, key_results=(SALES,)
)


def test_text() -> None:
    serve = replace(GROW, key="3", title="Serve", parent="1", about=About(owners=("ada@contoso.com",)), key_results=())
    fair = ImportedInitiative(key="4", where="row 5", title="Fair", check_ins=KNOWN)
    tree = ImportedTree(objectives=(GROW, replace(serve, initiatives=(fair,))))

    assert write(tree, ids_of(tree)) == {
        "2026-Q4.yaml": """\
# Imported. Values are by hand, as they were last known. Put a query in their place, and they keep
# themselves current.
cycle: "2026-Q4"
objectives:
  - id: grow
    title: Grow
    level: company
    kind: committed
    key_results:
      - id: sales
        title: Sales
        start: 0
        target: 1000
        unit: USD
        value:
          manual:
            2026-10-01: 42.5
  - id: serve
    title: Serve
    level: company
    kind: committed
    owner: ada@contoso.com
    parent: grow
    initiatives:
      - id: fair
        title: Fair
        value:
          manual:
            2026-10-01: 42.5
          unit: "%"
"""
    }


def test_without_history_the_value_is_said_to_be_unknown() -> None:
    (form,) = forms(ImportedTree(kpis=(replace(SALES, check_ins=()),))).values()

    assert form.kpis[0].value == {"manual": {"2026-10-01": None}}


def test_a_file_for_each_period() -> None:
    years = [period_of(name, None, None) for name in ("2026", "H1 2026", "Q4 2026")]
    own = period_of("2026 Q4", date(2026, 9, 1), date(2026, 12, 31))
    other = period_of("2026, Q4", date(2026, 9, 2), date(2026, 12, 31))
    found = [one for one in [*years, own, other] if one]
    tree = ImportedTree(kpis=tuple(replace(SALES, key=str(n), period=period) for n, period in enumerate(found)))

    made = forms(tree)
    assert sorted(made) == ["2026-H1.yaml", "2026-Q4-3.yaml", "2026-q4-2.yaml", "2026-q4.yaml", "2026.yaml"]
    assert sum(len(form.kpis) for form in made.values()) == 5


# -- ids --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "made"),
    [
        ("New-product sales: $12M → $15M", "new-product-sales-12m-15m"),
        ("Größe & Übersicht", "groe-ubersicht"),
        ("売上", ""),
        ("売上 30% Q4", ""),
        ("매출 30% 성장", "maechul-30-seongjang"),
        ("고객 만족도를 90점으로", "gogaek-manjokdoreul-90jeomeuro"),
        ("word " * 30, "word-" * 11 + "word"),
        ("x" * 90, "x" * 60),
    ],
)
def test_slugs(title: str, made: str) -> None:
    assert slug(title) == made


def ids(*items: ImportedKeyResult) -> list[str]:
    return [kpi.id for form in forms(ImportedTree(kpis=items)).values() for kpi in form.kpis]


def test_ids_do_not_move_when_rows_are_added_or_reordered() -> None:
    rows = [replace(SALES, key=str(key)) for key in (9, 10, 101)]

    assert ids(*rows) == ["sales", "sales-10", "sales-101"]
    assert ids(*reversed(rows)) == ["sales-101", "sales-10", "sales"]
    assert ids(*rows, replace(SALES, key="102", title="Other")) == ["sales", "sales-10", "sales-101", "other"]


def test_ids_that_were_asked_for_are_kept() -> None:
    rows = [
        replace(SALES, key="a"),
        replace(SALES, key="Sales", wanted="sales"),
        replace(SALES, key="KR 1", wanted="KR 1"),
        replace(SALES, key="x", title="売上"),
    ]
    assert ids(*rows) == ["sales-a", "sales", "kr-1", "key-result-x"]


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=70)), unique_by=lambda pair: pair[0], max_size=12))
def test_ids_are_unique_and_valid_whatever_the_titles(pairs: list[tuple[str, str]]) -> None:
    made = ids(*(replace(SALES, key=key, title="T" + "".join(title.split())) for key, title in pairs if _fits(title)))

    assert len(set(made)) == len(made)


def _fits(title: str) -> bool:
    return title.isprintable()


# -- round trip -------------------------------------------------------------------------------------------------

titles = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=200),
    st.sampled_from(
        ["yes", "null", "~", "1.5e3", "017", "12:30:00", "2026-01-01", "a: b", "# x", "- x", "Yes: no", "a #b"]
    ),
)
amounts = st.decimals(min_value=-(10**14), max_value=10**14, places=6)


@given(titles, titles, amounts, amounts.filter(bool))
def test_titles_and_amounts_come_back_as_they_were(title: str, owner: str, value: Decimal, way: Decimal) -> None:
    made = replace(
        SALES,
        title=title,
        about=About(owners=(owner,)),
        target=way,
        check_ins=(ImportedCheckIn(where="row 3", at=datetime.fromisoformat("2026-10-02"), value=value),),
    )
    ((name, text),) = write(tree := ImportedTree(kpis=(made,)), ids_of(tree)).items()
    (kpi,) = parse(text, Path(name)).data["kpis"]

    assert (kpi["title"], kpi["owner"], kpi["target"]) == (title, owner, way)
    assert kpi["value"] == {"manual": {"2026-10-02": value}}


def test_a_whole_workspace_loads(tmp_path: Path) -> None:
    share = replace(SALES, key="5", title="Share", unit="%", start=Decimal(40), target=Decimal(80))
    quick = replace(SALES, key="6", title="Quick", unit="hours", start=None, target=None, stay_below=Decimal(4))
    tree = ImportedTree(objectives=(replace(GROW, key_results=(SALES, share)),), kpis=(quick,))
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okrsync.yaml").write_text("connections: {}\n")
    for name, text in write(tree, ids_of(tree)).items():
        (tmp_path / "okrs" / name).write_text(text)

    assert sorted(load(tmp_path).bindings) == ["quick", "sales", "share"]
