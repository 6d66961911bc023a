"""An export of Viva Goals in the documented shape, from the zip to a workspace that syncs."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from config.load import load
from config.problems import ConfigError
from importing import viva_goals
from mapping.model import Baseline, StayAbove, Toward

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
STAMP = "_contoso_ada_Organization_contoso_20251120101500.json"
OWNER = [{"ID": 1, "Name": "Ada", "Email": "ada@contoso.com"}]


def row(number: int, title: str, kind: str = "Kpi", **more: Any) -> dict[str, Any]:
    base = {
        "ID": number,
        "Title": title,
        "Type": kind,
        "Owner": OWNER,
        "Time Period": {"ID": 7, "Name": "Q4 2026"},
        "Start Date": "2026-10-01",
        "End Date": "2026-12-31",
        "Progress": 0,
        "Status": "On Track",
        "Parent IDs": [],
        "Alignment": None,
        "Outcome": None,
    }
    return base | more


def outcome(unit: str, start: Any, target: Any, way: str) -> dict[str, Any]:
    return {
        "Outcome Type": "Metric",
        "Metric Name": "m",
        "Metric Unit": unit,
        "Start": start,
        "Target": target,
        "Target Type": way,
    }


ROWS = [
    row(1, "Grow the business", "Big rock"),
    row(2, "Sales from 458 to 556", **{"Parent IDs": [1], "Progress": 500, "Outcome": outcome("Dollar", 458, 556, "Increase From")}),
    row(3, "Uptime above 99", **{"Parent IDs": [1], "Progress": 99.5, "Outcome": outcome("Percentage", None, 99, "Stay Above")}),
    row(4, "Find out how many", **{"Parent IDs": [1], "Progress": 42, "Outcome": outcome("Number", None, None, "Find a baseline")}),
    row(5, "Write the playbook", "Project", **{"Parent IDs": [1], "Progress": 40}),
    row(6, "Nowhere to go", **{"Parent IDs": [1], "Outcome": outcome("Number", 5, 5, "Increase From")}),
    row(7, "Of no known kind", "Riddle"),
]  # fmt: skip
CHECK_INS = [
    {"ID": 11, "OKR ID": 2, "CheckIn Date": "2026-10-15 08:00:00", "Activity Date": "2026-10-15", "Current Value": 470},
    {"ID": 12, "OKR ID": 2, "CheckIn Date": "2026-11-15 08:00:00", "Activity Date": "2026-11-15", "Current Value": 500},
    {"ID": 13, "OKR ID": 99, "CheckIn Date": "2026-11-15 08:00:00", "Activity Date": "2026-11-15", "Current Value": 1},
]


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / "export.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"objectives_export_file{STAMP}", json.dumps(ROWS))
        archive.writestr(f"checkins_export_file{STAMP}", json.dumps(CHECK_INS))
        archive.writestr(f"TimePeriods_export_file{STAMP}", json.dumps([{"ID": 7, "Time Period Name": "Q4 2026"}]))
    return file


def test_nothing_is_lost_without_a_reason(export: Path) -> None:
    tree = viva_goals.read(export, as_of=NOW.date())
    told = [*tree.taken(), *(one.where for one in tree.skipped)]

    for number in range(1, len(ROWS) + 1):
        assert any(where.startswith(f"objectives row {number},") for where in told), number
    for number in range(1, len(CHECK_INS) + 1):
        assert any(f"checkins row {number}" in where for where in told), number
    assert {one.where for one in tree.skipped} >= {"objectives row 6, ID 6", "objectives row 7, ID 7"}
    assert all(one.reason for one in tree.skipped)


def test_an_export_becomes_a_workspace_that_syncs(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "acme"

    assert run(["init", str(folder), "--from-viva-goals", str(export)], clock=lambda: NOW) == 4
    workspace = load(folder)
    (objective,) = workspace.objectives
    by_title = {one.title: one for one in objective.key_results}
    assert objective.about.owner == "ada@contoso.com"
    assert isinstance(by_title["Sales from 458 to 556"].measure, Toward)
    assert isinstance(by_title["Uptime above 99"].measure, StayAbove)
    assert isinstance(by_title["Find out how many"].measure, Baseline)
    assert objective.initiatives == ("Write the playbook",)

    assert run(["-c", str(folder), "sync"], clock=lambda: NOW) == 0
    capsys.readouterr()
    run(["-c", str(folder), "show", "--json"], clock=lambda: NOW)
    shown = json.loads(capsys.readouterr().out)["objectives"][0]["key_results"]
    sales = next(one for one in shown if one["title"].startswith("Sales"))
    assert Decimal(sales["check_in"]["value"]) == 500
    assert round(Decimal(sales["progress"]), 4) == Decimal("0.4286")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"PK no zip", "not an export"), (b"", "not an export")],
)
def test_what_is_no_export_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "export.zip"
    file.write_bytes(content)

    with pytest.raises(ConfigError, match=words):
        viva_goals.read(file, as_of=date(2026, 11, 24))


def test_a_table_needs_its_columns_named(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text("Objective,Owner\nGrow,ada\n")

    with pytest.raises(ConfigError, match="column map"):
        viva_goals.read(file, as_of=date(2026, 11, 24))


def test_a_table_by_its_column_map(tmp_path: Path) -> None:
    file, columns = tmp_path / "export.csv", tmp_path / "columns.yaml"
    file.write_text(
        "Goal,Kind,Who,Above,When,From,To,Now\n"
        "Grow,Objective,ada@contoso.com,,2026-Q4,,,\n"
        "Sales,Key Result,ada@contoso.com,Grow,2026-Q4,10,20,12\n"
    )
    columns.write_text(
        "columns: {title: Goal, type: Kind, owner: Who, parent: Above, cycle: When, start: From, target: To, current: Now}\n"
    )
    try:
        tree = viva_goals.read(file, as_of=date(2026, 11, 24), columns=columns)
    except ConfigError as error:
        pytest.fail(str(error))

    assert [one.title for one in tree.objectives] == ["Grow"]
    assert [one.title for one in tree.objectives[0].key_results] == ["Sales"]


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    file = tmp_path / "export.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"objectives_export_file{STAMP}", b"[" + b" " * 600_000_000 + b"]")

    with pytest.raises(ConfigError):
        viva_goals.read(file, as_of=date(2026, 11, 24))
