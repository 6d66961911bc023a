"""The plain CSV, as its document tells it."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.problems import ConfigError
from importing.plain_csv import read
from mapping.model import Level
from tests.importing.made import AS_OF, forms, noted, reason

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "importing.md"
HEADER = "id,parent,type,title,cycle,start,target,current,date,unit,weight\n"


def csv(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    (folder / "okrs.csv").write_bytes(text.encode(encoding))
    return folder / "okrs.csv"


def refused(file: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        read(file, as_of=AS_OF)
    return str(caught.value)


def test_the_example_of_the_document(tmp_path: Path) -> None:
    example = re.search(r"```csv\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert example
    tree = read(csv(tmp_path, example[1]), as_of=AS_OF)

    assert (tree.skipped, tree.notes) == ((), ())
    (growth,) = tree.objectives
    assert (growth.level, growth.about.owner) == (Level.COMPANY, "ada@contoso.com")
    sales, audit = growth.key_results
    assert (sales.unit, sales.target, sales.weight) == ("USD", 2_000_000, 2)
    assert [(made.day.day, made.value) for made in sales.check_ins] == [(15, 150_000), (31, 400_000)]
    assert (audit.unit, audit.target, audit.check_ins[0].value) == ("%", 100, 0)
    (form,) = forms(tree).values()
    assert [made.id for made in form.objectives[0].key_results] == ["sales", "audit"]
    assert form.objectives[0].initiatives[0].value == {"manual": {"2026-10-31": 25}, "unit": "%"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_spreadsheets_write(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = HEADER + "o,,objective,Größe,2026-Q4,,,,,,\n"
    tree = read(csv(tmp_path, text.replace(",", delimiter), encoding), as_of=AS_OF)

    assert [made.title for made in tree.objectives] == ["Größe"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("k,o,key result,Sales,,0,1.200;5,,,,", "'1.200;5' is not a value: write a number"),
        ("k,o,key result,Sales,,,,,,,", "it has no target"),
        ("k,o,key result,Sales,,0,5,,,widgets,", "'widgets' is not known: write number"),
        ("k,o,key result,Sales,,0,5,,,NPS,", "'NPS' is not known"),
        ("k,o,key result,,,0,5,,,,", "it has no title"),
        ("k,o,,Sales,,0,5,,,,", "it has no type: write objective"),
        (",o,key result,Sales,,0,5,,,,", "it has no id"),
        ("o,,key result,Sales,2026-Q4,0,5,,,,", "its id o is used at row 2 already"),
        ("k,o,key result,Sales, but with a comma,2026-Q4,0,5,,,,1", "it has 12 cells"),
        ("k,o,key result,Sales,Winter,0,5,,,,", "'Winter' are not known: write 2026-Q4"),
        ("k,,key result,Sales,,0,5,,,,", "no time period"),
        ("k,,initiative,Fair,,,,,,,", "needs an objective"),
        (",o,check-in,,,,,5,31.10.2026,,", "'31.10.2026' is not a day: write 2026-10-31"),
        (",k,check-in,,,,,5,2026-10-01,,", "there is no 'k' in the file"),
    ],
)
def test_a_row_that_cannot_be_taken_has_its_reason(tmp_path: Path, line: str, why: str) -> None:
    tree = read(csv(tmp_path, HEADER + "o,,objective,Grow,2026-Q4\n" + line + "\n"), as_of=AS_OF)

    assert why in reason(tree, "row 3")
    assert len(tree.objectives) == 1


@pytest.mark.parametrize(
    ("unit", "start", "target", "current", "kept"),
    [
        ("", "$0", "$2M", "$1.5k", ("USD", 0, 2_000_000, 1500)),
        ("", "10%", "80%", "45%", ("%", 10, 80, 45)),
        ("ratio", "0.1", "0.8", "45%", ("ratio", Decimal("0.1"), Decimal("0.8"), Decimal("0.45"))),
        ("hours", "10", "2h30m", "4", ("hours", 10, Decimal("2.5"), 4)),
        ("", "3h", "30m", "1h", ("seconds", 10800, 1800, 3600)),
        ("usd", "0", "1e6", "1,200", ("USD", 0, 1_000_000, 1200)),
        ("yes/no", "", "", "done", ("%", 0, 100, 100)),
        ("number", "", "12", "1/2", ("number", 0, 12, None)),
    ],
)
def test_units(tmp_path: Path, unit: str, start: str, target: str, current: str, kept: tuple[object, ...]) -> None:
    line = f'k,o,kr,Sales,,{start},{target},"{current}",2026-10-01,{unit},\n'
    tree = read(csv(tmp_path, HEADER + "o,,objective,Grow,2026-Q4\n" + line), as_of=AS_OF)

    (made,) = tree.objectives[0].key_results
    value = made.check_ins[0].value if made.check_ins else None
    assert (made.unit, made.start, made.target, value) == kept
    assert ("current value is left out" in noted(tree, "row 3")) is (value is None)
    assert forms(tree)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("id,type,title,targt\n", "okrs.csv:1: the column 'targt' is not known. Did you mean 'target'?"),
        ("id,title\n", "the column 'type' is missing"),
        ("id,id,type,title\n", "two columns are named 'id'"),
        ("id,ID,type,title\n", "differ only in capital"),
        ('id,type,title\n1,objective,"open\n', "is not a CSV file"),
        ("id,type,title\n1,objective,a\0b\n", "is not a text"),
        ("id,type,title\n1,objective," + "x" * 200_000 + "\n", "is not a CSV file: field larger"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, text: str, why: str) -> None:
    assert why in refused(csv(tmp_path, text))


def test_latin_text_is_refused(tmp_path: Path) -> None:
    assert "Save it as CSV UTF-8" in refused(csv(tmp_path, "id,type,title\n1,objective,Größe\n", "latin-1"))


words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters='"\r\n\0'), max_size=6)
cells = st.one_of(words, st.sampled_from(["a", "b", "c", "objective", "kr", "check-in", "2026-Q4", "5", "9%", "$3"]))
lines = st.tuples(
    st.sampled_from(["a", "b", "c", "d", ""]),
    st.sampled_from(["a", "b", "c", ""]),
    st.sampled_from(["objective", "kr", "initiative", "check-in", "?"]),
    cells,
    st.sampled_from(["2026-Q4", "2026", "", "?"]),
    cells,
    cells,
    cells,
    st.sampled_from(["2026-10-01", "2026-10-02", "", "?"]),
    st.sampled_from(["", "%", "USD", "hours", "binary", "?"]),
    cells,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(st.lists(lines, max_size=12))
def test_every_row_is_in_the_tree_or_skipped(tmp_path: Path, rows: list[tuple[str, ...]]) -> None:
    text = HEADER + "".join(",".join(f'"{cell}"' for cell in line) + "\n" for line in rows)
    tree = read(csv(tmp_path, text), as_of=AS_OF)

    told = [*tree.taken(), *(one.where for one in tree.skipped)]
    assert sorted(told) == sorted(f"row {number}" for number in range(2, len(rows) + 2))
    forms(tree)
