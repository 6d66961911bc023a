"""Exports of Viva Goals, as a zip of JSON files and as a workbook."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from config.problems import ConfigError
from importing.model import ImportedTree
from importing.viva_goals import read
from mapping.model import Kind, Level
from tests.importing.made import AS_OF, check_in, export, forms, noted, outcome, reason, row
from tests.real.prepare import DATA


def values(tree: ImportedTree, key: str) -> dict[str, Decimal]:
    items: list[Any] = [*tree.kpis]
    for objective in tree.objectives:
        items += [*objective.key_results, *objective.initiatives]
    (item,) = [one for one in items if one.key == key]
    return {made.day.isoformat(): made.value for made in item.check_ins}


def test_tree_of_objective_key_result_and_initiative(tmp_path: Path) -> None:
    rows = [
        row(1, "Big rock", Title="Grow", Teams=[{"ID": 3, "Name": "Sales"}], Tags=[{"ID": 1, "Tag Name": "Committed"}]),
        row(2, parent=1, Title="Sales"),
        row(3, "Project", parent=2, Title="Fair", Outcome=outcome("Complete", None, None), Progress="25.0%"),
        row(4, "Big rock", parent=1, Title="Serve"),
    ]
    tree = read(export(tmp_path, rows), as_of=AS_OF)

    grow, serve = tree.objectives
    assert (grow.title, grow.level, grow.kind, grow.about.owner) == (
        "Grow",
        Level.TEAM,
        Kind.COMMITTED,
        "ada@contoso.com",
    )
    assert (serve.parent, serve.kind) == ("1", Kind.ASPIRATIONAL)
    (sales,) = grow.key_results
    assert (sales.unit, sales.start, sales.target, sales.period.name) == ("number", 458, 556, "2024-Q1")
    assert [made.title for made in grow.initiatives] == ["Fair"]
    assert values(tree, "3") == {"2025-11-20": Decimal(25)}
    assert "nearest objective, 1" in noted(tree, "objectives row 3, ID 3")


def test_progress_of_a_number_is_its_value_and_the_last_of_a_day_counts(tmp_path: Path) -> None:
    rows = [row(1, "Big rock"), row(2, parent=1, Progress=500, **{"Last Check-in": "2024-03-01"})]
    history = [
        check_in(11, 2, "2024-02-01 10:00:00", 470),
        check_in(12, 2, "2024-02-01 09:00:00", 465),
        check_in(13, 2, "2024-02-09 09:00:00", None),
        check_in(14, 99, "2024-02-09 09:00:00", 1),
        check_in(15, 1, "2024-02-09 09:00:00", 1),
    ]
    tree = read(export(tmp_path, rows, history), as_of=AS_OF)

    assert values(tree, "2") == {"2024-02-01": Decimal(470), "2024-03-01": Decimal(500)}
    assert [made.value for made in tree.objectives[0].key_results[0].check_ins] == [465, 470, 500]
    assert reason(tree, "checkins row 3, ID 13") == "it has neither a value nor a note"
    assert "99, was not imported" in reason(tree, "checkins row 4, ID 14")
    assert [made.written for made in tree.objectives[0].check_ins] == ["1"]
    assert not tree.lost


@pytest.mark.parametrize(
    ("given", "unit", "aim"),
    [
        (outcome("Dollar", 0, 2_000_000, "Reach"), "USD", (0, 2_000_000, None, None)),
        (outcome("Number", None, 20, "Reach"), "number", (0, 20, None, None)),
        (outcome("Percentage", "40%", "80%"), "%", (40, 80, None, None)),
        (outcome("Percentage", 90, 50, "Decrease From"), "%", (90, 50, None, None)),
        (outcome("Complete", None, None, "Reach"), "%", (0, 100, None, None)),
        (outcome("Percentage", None, 99.5, "Stay Above"), "%", (None, None, Decimal("99.5"), None)),
        (outcome("Number", 0, 3, "Stay Below"), "number", (None, None, None, 3)),
        (None, "%", (0, 100, None, None)),
    ],
)
def test_outcomes(tmp_path: Path, given: Any, unit: str, aim: tuple[Any, ...]) -> None:
    tree = read(export(tmp_path, [row(1, "Big rock"), row(2, parent=1, Outcome=given)]), as_of=AS_OF)

    (made,) = tree.objectives[0].key_results
    assert made.unit == unit
    assert (made.start, made.target, made.stay_above, made.stay_below) == aim
    assert forms(tree)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"Outcome": outcome(start=5, target=5)}, "both 5"),
        ({"Outcome": outcome(target=None)}, "no target"),
        ({"Outcome": outcome(target="a lot")}, "'a lot' is not a value"),
        ({"Outcome": outcome(target="$5")}, "write both in one unit"),
        ({"Outcome": outcome("Bananas")}, "'Bananas' is not known"),
        ({"Outcome": outcome(way="Wander")}, "not allowed as aim"),
        ({"Outcome": outcome(target=10**400)}, "too large"),
        ({"Title": " \u0000\ud800"}, "no title"),
        ({"Type": "Dream"}, "'dream' is not allowed as type"),
        ({"Time Period": {"ID": 77, "Name": "Sommer"}}, "'Sommer' are not known"),
        ({"Time Period": None, "Start Date": "2024-02-30", "End Date": "2024-03-01"}, "not a day"),
    ],
)
def test_a_row_that_cannot_be_taken_has_its_reason(tmp_path: Path, other: dict[str, Any], why: str) -> None:
    file = export(tmp_path, [row(1, "Big rock"), row(2, parent=1, **other)], [check_in(9, 2, "2024-02-01", 1)])
    tree = read(file, as_of=AS_OF)

    assert why in reason(tree, "objectives row 2, ID 2")
    assert "was not imported" in reason(tree, "checkins row 1, ID 9")


def test_rows_without_a_place_and_without_an_id(tmp_path: Path) -> None:
    rows = [row(1, "Big rock"), row(1, "Big rock"), row(None), "text", row(5, "Project"), row(6, "Project", parent=99)]
    tree = read(export(tmp_path, rows), as_of=AS_OF)

    assert "objectives row 1, ID 1 already" in reason(tree, "objectives row 2, ID 1")
    assert reason(tree, "objectives row 3") == "it has no ID"
    assert reason(tree, "objectives row 4") == "it is not an object"
    assert "needs an objective" in reason(tree, "objectives row 5, ID 5")
    assert "needs an objective" in reason(tree, "objectives row 6, ID 6")


def test_key_results_without_an_objective_are_kpis(tmp_path: Path) -> None:
    tree = read(export(tmp_path, [row(2), row(3, parent=99)]), as_of=AS_OF)

    assert [made.key for made in tree.kpis] == ["2", "3"]
    assert "its parent 99 was not imported" in noted(tree, "objectives row 2, ID 3")


@pytest.mark.parametrize(
    ("weights", "kept", "kpis"),
    [
        (["0.0%", "0.0%"], [1, 1], []),
        (["50.0%", "50.0%"], [1, 1], []),
        (["75.0%", "25.0%"], [Decimal("0.75"), Decimal("0.25")], []),
        (["100.0%", "0.0%"], [1], ["3"]),
    ],
)
def test_weights(tmp_path: Path, weights: list[str], kept: list[Any], kpis: list[str]) -> None:
    rows = [row(1, "Big rock")]
    rows += [row(n, parent=1, Alignment=[{"ID": 1, "Weight": weight}]) for n, weight in enumerate(weights, 2)]
    tree = read(export(tmp_path, rows), as_of=AS_OF)

    assert [made.weight for made in tree.objectives[0].key_results] == kept
    assert [made.key for made in tree.kpis] == kpis


def test_circles_are_broken_and_several_parents_noted(tmp_path: Path) -> None:
    rows = [row(1, "Big rock", parent=2), row(2, "Big rock", parent=1), row(3, **{"Parent IDs": [2, 1]})]
    tree = read(export(tmp_path, rows), as_of=AS_OF)

    assert [made.parent for made in tree.objectives] == [None, "1"]
    assert "is also its descendant" in noted(tree, "objectives row 1, ID 1")
    assert [made.key for made in tree.objectives[1].key_results] == ["3"]
    assert "2 is kept, 1 left out" in noted(tree, "objectives row 3, ID 3")


def test_parent_that_only_its_children_list_tells(tmp_path: Path) -> None:
    rows = [row(1, "Big rock", Children=[{"ID": 2, "Title": "x", "Type": "Kpi"}]), row(2)]
    tree = read(export(tmp_path, rows), as_of=AS_OF)

    assert [made.key for made in tree.objectives[0].key_results] == ["2"]


def test_a_fiscal_quarter_keeps_its_days(tmp_path: Path) -> None:
    tree = read(export(tmp_path, [row(1, "Big rock", **{"Time Period": {"ID": 2}})]), as_of=AS_OF)

    period = tree.objectives[0].period
    assert (period.name, period.start, period.end) == ("FY25 Q1", date(2024, 7, 1), date(2024, 9, 30))
    assert list(forms(tree)) == ["fy25-q1.yaml"]


def test_a_percentage_beside_check_ins_takes_its_value_from_them(tmp_path: Path) -> None:
    rows = [row(1, "Big rock"), row(2, parent=1, Outcome=outcome("Percentage", 40, 80), Progress=50)]
    tree = read(export(tmp_path, rows, [check_in(9, 2, "2024-02-01 00:00:00", "55%")]), as_of=AS_OF)

    assert values(tree, "2") == {"2024-02-01": Decimal(55)}


def test_a_percentage_without_check_ins_is_read_in_its_unit(tmp_path: Path) -> None:
    rows = [row(1, "Big rock"), row(2, parent=1, Outcome=outcome("Percentage", 40, 80), Progress=50)]
    tree = read(export(tmp_path, rows), as_of=AS_OF)

    assert values(tree, "2") == {"2025-11-20": Decimal(50)}


# -- nothing is lost --------------------------------------------------------------------------------------------

junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.just([]),
)
ids = st.one_of(st.integers(1, 8), st.integers(1, 8), junk)
outcomes = st.builds(
    outcome,
    st.sampled_from(["Number", "Percentage", "Dollar", "Complete", "Pears"]),
    st.one_of(st.integers(-5, 5), junk),
    st.one_of(st.integers(-5, 5), junk),
    st.sampled_from(["Reach", "Increase From", "Stay Above", "Stay Below", "Find a baseline", "?"]),
)
rows = st.builds(
    lambda number, kind, parents, title, made, period, progress, weight: {
        **row(number, kind, Title=title, Outcome=made, Progress=progress),
        "Parent IDs": parents,
        "Time Period": period,
        "Alignment": [{"ID": parents[0], "Weight": weight}] if parents else None,
    },
    ids,
    st.sampled_from(["Big rock", "Big rock", "Kpi", "Kpi", "Project", "Dream"]),
    st.lists(st.integers(1, 8), max_size=3),
    st.one_of(st.text(max_size=12), st.sampled_from(["1.5e3", "yes", "null", "2024-01-01", "a: b", "- x", "Same"])),
    st.one_of(outcomes, junk),
    st.sampled_from([{"ID": 1}, {"ID": 1}, {"ID": 2}, {"ID": 3, "Name": "2025"}, {"ID": 3, "Name": "?"}, None]),
    junk,
    st.sampled_from(["0.0%", "50.0%", "10.5%", None, "x", -1]),
)
check_ins = st.builds(check_in, ids, ids, st.sampled_from(["2024-01-01 10:00:00", "2024-02-01", "x"]), junk)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(st.lists(st.one_of(rows, rows, junk), max_size=14), st.lists(st.one_of(check_ins, junk), max_size=8))
def test_every_row_is_in_the_tree_or_skipped_and_the_tree_can_be_written(
    tmp_path: Path, objectives: list[Any], history: list[Any]
) -> None:
    comments = [{"ID": 1}, {"ID": 2}]
    tree = read(export(tmp_path, objectives, history, {"comments": comments}), as_of=AS_OF)

    parts = {"objectives": len(objectives), "checkins": len(history), "comments": 2, "timeperiods": 2, "users": 1}
    expected = {f"{part} row {number}" for part, count in parts.items() for number in range(1, count + 1)}
    taken = [place.partition(",")[0] for place in tree.taken()]
    skipped = [one.where.partition(",")[0] for one in tree.skipped]
    assert sorted([*taken, *skipped, *tree.others]) == sorted(expected)
    assert all(one.reason for one in tree.skipped)
    for name, form in forms(tree).items():
        assert re.fullmatch(r"[A-Za-z0-9-]+\.yaml", name)
        assert all(made.initiatives or made.key_results or made.title for made in form.objectives)


def refused(file: Path, columns: Path | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        read(file, as_of=AS_OF, columns=columns)
    return str(caught.value)


def zipped(file: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name.replace("__", "/"), data)
    return file


# -- workbooks --------------------------------------------------------------------------------------------------

HEADERS = ["Ref", "Objective Title", "Object", "Aligned", "When", "Unit", "From", "To", "Now", "On", "Share"]
MAP = """
columns: {id: Ref, title: Objective Title, type: Object, parent: Aligned, cycle: When, unit: Unit, start: From,
          target: To, current: Now, date: On, weight: Share}
types: {North Star: objective}
"""


def workbook(folder: Path, *lines: list[Any], second: list[list[Any]] | None = None) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in [HEADERS, *lines]:
        sheet.append(line)
    for cell in (cell for line in sheet.iter_rows(min_row=2) for cell in line if isinstance(cell.value, float)):
        cell.number_format = "0.0%"
    if second:
        extra = book.create_sheet("Check-ins")
        for line in second:
            extra.append(line)
    book.save(folder / "export.xlsx")
    return folder / "export.xlsx"


def column_map(folder: Path, text: str = MAP) -> Path:
    (folder / "columns.yaml").write_text(text)
    return folder / "columns.yaml"


def test_workbook_by_column_map(tmp_path: Path) -> None:
    file = workbook(
        tmp_path,
        [1, "Grow", "North Star", None, "Q1 2024"],
        [2, "Share", "KR", 1, None, "%", 0.4, 0.8, 0.45, datetime.fromisoformat("2024-02-01"), 0.75],
        [3, "Leads", "KR", "Grow", None, "No unit", 0, 10, None, None, 0.25],
        [4, "Cost", "Key Result", 1, "Q1 2024", "€", 100, 50, 80],
        [],
        [5, "Dream on", "Vision"],
        [6, "Done", "Kpi", 1, "Q1 2024"],
        second=[
            ["OKR", "Day", "Value"],
            [3, datetime.fromisoformat("2024-02-03"), 4],
            [9, datetime.fromisoformat("2024-02-03"), 4],
            [3, None, 1],
        ],
    )
    checks = "check_ins: {sheet: Check-ins, columns: {parent: OKR, date: Day, current: Value}}\n"
    tree = read(file, as_of=AS_OF, columns=column_map(tmp_path, MAP + checks))

    share, leads, cost, done = tree.objectives[0].key_results
    assert (share.unit, share.start, share.target, share.weight) == ("%", 40, 80, Decimal("0.75"))
    assert values(tree, "2") == {"2024-02-01": Decimal(45)}
    assert values(tree, "3") == {"2024-02-03": Decimal(4)}
    assert (leads.unit, cost.unit, cost.target) == ("number", "EUR", 50)
    assert (done.unit, done.start, done.target) == ("%", 0, 100)
    assert "'vision' is not allowed as type" in reason(tree, "row 7")
    assert "no '9' in the file" in reason(tree, "Check-ins row 3")
    assert "no date" in reason(tree, "Check-ins row 4")
    assert forms(tree)


def test_without_ids_parents_are_titles_of_the_same_period(tmp_path: Path) -> None:
    file = workbook(
        tmp_path,
        [None, "Grow", "objective", None, "Q1 2024"],
        [None, "Grow", "objective", None, "Q2 2024"],
        [None, "Sales", "KR", "grow", "Q2 2024", "number", 0, 5],
        [None, "Lost", "KR", "Grow", "Q3 2024", "number", 0, 5],
    )
    tree = read(file, as_of=AS_OF, columns=column_map(tmp_path, MAP.replace("id: Ref, ", "")))

    assert [len(made.key_results) for made in tree.objectives] == [0, 1]
    assert [made.title for made in tree.kpis] == ["Lost"]
    assert "2 rows are titled 'Grow'" in noted(tree, "row 5")


def test_csv_with_days_of_its_own_country(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text("T;K;C;N;D\nGrow;goal;2024;;\nSales;kpi;2024;30%;10/31/2024\nMore;kpi;2024;3%;2024-10-31\n")
    text = 'columns: {title: T, type: K, cycle: C, current: N, date: D}\ndates: "%m/%d/%Y"\n'
    tree = read(file, as_of=AS_OF, columns=column_map(tmp_path, text))

    assert values(tree, "row 3") == {"2024-10-31": Decimal(30)}
    assert "write it as %m/%d/%Y" in noted(tree, "row 4")
    assert not tree.skipped


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (MAP.replace("To,", "Till,"), "export.xlsx:1: there is no column 'Till' for 'target'"),
        (MAP.replace("id: Ref", "ident: Ref"), "columns.yaml:2: 'ident' is not a field"),
        ("columns: {id: Ref}", "'title' is missing"),
        ("colums: {}", "Did you mean 'columns'?"),
        (MAP + "sheet: Nowhere\n", "there is no sheet 'Nowhere'"),
        (MAP + "types: {x: dream}\n", "is written twice"),
    ],
)
def test_column_maps_that_do_not_fit(tmp_path: Path, text: str, why: str) -> None:
    assert why in refused(workbook(tmp_path), column_map(tmp_path, text))


def test_a_table_needs_a_column_map(tmp_path: Path) -> None:
    assert "there is Ref, Objective Title" in refused(workbook(tmp_path))


def test_a_zip_that_calls_itself_a_workbook_is_refused(tmp_path: Path) -> None:
    file = zipped(tmp_path / "x.xlsx", **{"[Content_Types].xml": b"<Types/>"})

    assert "is not a workbook" in refused(file, column_map(tmp_path))


# -- what the notes on a real export say ------------------------------------------------------------------------


@pytest.mark.skipif(not (DATA / "viva-goals").is_dir(), reason="the real data is not beside this checkout")
def test_names_of_the_made_up_exports_are_those_of_the_notes() -> None:
    notes = " ".join((DATA / "viva-goals" / "FORMAT.md").read_text().split())

    for name in [*row(1), *check_in(1, 1, "", 1)]:
        assert name in notes, name
    for name in outcome():
        assert name in notes, name
    samples = sorted((DATA / "viva-goals").glob("*.zip"))
    for sample in samples:
        assert read(sample, as_of=AS_OF).objectives
