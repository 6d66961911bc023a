"""What the command line makes of an import: into a workspace that is there, of workbooks that say enough, of mixed days."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from cli.main import run
from config.load import load
from config.yaml_source import read
from importing import viva_goals
from importing.model import ImportedTree
from mapping.model import Level
from tests.importing.made import AS_OF, check_in, export, noted, outcome, reason, row

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def init(folder: Path, file: Path, *more: str) -> int:
    return run(["init", str(folder), "--from-viva-goals", str(file), *more], clock=lambda: NOW)


def workbook(folder: Path, *lines: list[Any], before: tuple[str, ...] = ()) -> Path:
    book = Workbook()
    for name in before:
        book.create_sheet(name)
    sheet = book.active
    assert sheet is not None
    if before:
        book.remove(sheet)
        sheet = book.create_sheet("OKRs and Projects")
    for line in lines:
        sheet.append(line)
    book.save(folder / "export.xlsx")
    return folder / "export.xlsx"


def titles(tree: ImportedTree) -> dict[str, list[str]]:
    return {one.title: [made.title for made in one.key_results] for one in tree.objectives}


def test_headers_that_say_enough_need_no_column_map(tmp_path: Path) -> None:
    file = workbook(
        tmp_path,
        ["PARENT OKR", "owner", "Time Period", "title", "Okr reference", "TYPE", "Colour"],
        [None, "ada@contoso.com", "Q4 2025", "Grow", "R1", "Objective", "red"],
        ["R1", "bob@contoso.com", "Q4 2025", "Sales", "R2", "Key Result", "blue"],
        before=("Read Me", "Basic Fields"),
    )
    tree = viva_goals.read(file, as_of=AS_OF)

    assert titles(tree) == {"Grow": ["Sales"]}
    assert tree.objectives[0].key_results[0].about.owner == "bob@contoso.com"


def test_a_type_that_is_a_level_leaves_the_tree_to_tell(tmp_path: Path) -> None:
    file = workbook(
        tmp_path,
        ["Title", "Owner", "Type", "Time period", "OKR Reference", "Parent OKR"],
        ["Grow", "ada", "Organization", "Q4 2025", "R1", None],
        ["Grow abroad", "ada", "Team", "Q4 2025", "R2", "R1"],
        ["Sales", "ada", "Team", "Q4 2025", None, "R2"],
    )
    tree = viva_goals.read(file, as_of=AS_OF)

    assert titles(tree) == {"Grow": [], "Grow abroad": ["Sales"]}
    assert [one.level for one in tree.objectives] == [Level.COMPANY, Level.TEAM]


def test_days_of_mixed_forms_are_told_by_row_while_the_rest_is_written(tmp_path: Path) -> None:
    days = ["2024-02-01 10:00:00", "2024/2/2", "2024. 2. 3.", "Feb 4, 2024", "05/02/2024", "soon"]
    check_ins = [check_in(n, 2, day, 460 + n) for n, day in enumerate(days, 1)]
    tree = viva_goals.read(export(tmp_path, [row(1, "Big rock"), row(2, parent=1)], check_ins), as_of=AS_OF)

    (made,) = tree.objectives[0].key_results
    assert [(one.day.day, one.value) for one in made.check_ins] == [(1, 461), (2, 462), (3, 463), (4, 464)]
    assert "'05/02/2024' is not a day" in reason(tree, "checkins row 5, ID 5")
    assert "'soon' is not a day" in reason(tree, "checkins row 6, ID 6")
    assert not tree.lost


def test_into_a_workspace_that_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "acme"
    (folder / "okrs").mkdir(parents=True)
    (folder / "okrsync.yaml").write_text("workspace: acme\ntime_zone: Asia/Seoul\nconnections: {}\n")
    mine = 'cycle: "2024-Q1"\nobjectives: [{id: grow, title: Mine}]\n'
    (folder / "okrs" / "2024-Q1.yaml").write_text(mine)
    file = export(tmp_path, [row(1, "Big rock", Title="Grow"), row(2, parent=1, Title="Sales")])

    assert init(folder, file) == 0
    assert "grow: is an id of this workspace already: here it is grow-1" in " ".join(capsys.readouterr().out.split())
    assert (folder / "okrs" / "2024-Q1.yaml").read_text() == mine
    assert {one.id: one.title for one in load(folder).objectives} == {"grow": "Mine", "grow-1": "Grow"}
    assert {one.name for one in (folder / "okrs").iterdir()} == {"2024-Q1.yaml", "2024-Q1-2.yaml"}


def test_what_was_reached_waits_for_a_new_target(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        row(1, "Big rock", Title="Grow"),
        row(2, parent=1, Title="Sales to 556", Progress=500),
        row(3, parent=1, Title="Leads", Progress=600),
        row(4, parent=1, Title="Book", Progress=40, Outcome=outcome("Complete", None, None)),
    ]
    assert init(tmp_path / "acme", export(tmp_path, rows), "--into", "2026-Q4") == 0

    told = " ".join(capsys.readouterr().out.split())
    assert "objectives row 3, ID 3: it has reached its target" in told
    assert "with numbers that may be out of date: sales-to-556-2026-Q4" in told
    bindings = load(tmp_path / "acme").bindings
    assert {key for key in bindings if key.endswith("2026-Q4")} == {"sales-to-556-2026-Q4", "book-2026-Q4"}
    moved = bindings["sales-to-556-2026-Q4"]
    assert str(read(moved.file).at((*moved.path, "start"))) == "500"


@pytest.mark.parametrize(("into", "why"), [("2025-Q4", "ended on"), ("2026-Q9", "not a cycle")])
def test_a_cycle_that_cannot_begin(tmp_path: Path, into: str, why: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert init(tmp_path / "acme", export(tmp_path, [row(1, "Big rock")]), "--into", into) == 2
    assert why in capsys.readouterr().err
    assert not (tmp_path / "acme").exists()


def test_a_phase_that_falls_back_is_told(tmp_path: Path) -> None:
    phased = [{"Target Value": 520, "Target Date": "2024-02-01"}, {"Target Value": 500, "Target Date": "2024-03-01"}]
    rows = [row(1, "Big rock"), row(2, parent=1, **{"Phased Targets": {"Phased Targets": phased}})]
    tree = viva_goals.read(export(tmp_path, rows), as_of=AS_OF)

    assert "its phased targets are left out" in noted(tree, "objectives row 2, ID 2")


def test_what_was_imported_and_edited_since_is_not_imported_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "acme"
    file = export(tmp_path, [row(1, "Big rock"), row(2, parent=1, Progress=500)])
    assert init(folder, file) == 0
    (okrs,) = (folder / "okrs").glob("*.yaml")
    okrs.write_text(okrs.read_text().replace("Kpi 2", "Kpi 2, as we call it"))
    before = okrs.read_text()
    capsys.readouterr()

    assert init(folder, file) == 2

    assert "is in" in (told := capsys.readouterr().err)
    assert "nothing was written. To import it again, remove" in told
    assert okrs.read_text() == before
    assert [*(folder / "okrs").glob("*.yaml")] == [okrs]
