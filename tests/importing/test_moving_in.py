"""A tenant's whole export moved in: every value, note, score and phase is found again in the history."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cli.main import run
from config.load import load
from mapping.day import day_of
from mapping.model import of_objective
from sync.owner import owner_of
from sync.store.store import Store
from tests.importing.made import export, outcome

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
QUARTERS = {
    1: ("Q2 2025", date(2025, 4, 1)),
    2: ("Q3 2025", date(2025, 7, 1)),
    3: ("Q4 2025", date(2025, 10, 1)),
}
CYCLES = {1: "2025-Q2", 2: "2025-Q3", 3: "2025-Q4"}
PERIODS = [
    {"ID": 1, "Time Period Name": "Q2 2025", "Start Date": "2025-04-01", "End Date": "2025-06-30"},
    {"ID": 2, "Time Period Name": "Q3 2025", "Start Date": "2025-07-01", "End Date": "2025-09-30"},
    {"ID": 3, "Time Period Name": "Q4 2025", "Start Date": "2025-10-01", "End Date": "2025-12-31"},
]
USERS = [{"ID": n, "Name": f"User {n}", "Email": f"u{n}@contoso.com"} for n in range(1000)]
UNITS = [("Number", 0, 400), ("Dollar", 1000, 9000), ("Percentage", 20, 90), ("Complete", None, None)]


class Tenant:
    """400 objects: 75 objectives, 225 key results, 100 projects, over three quarters."""

    def __init__(self) -> None:
        self.random = Random(20251231)
        self.rows: list[dict[str, Any]] = []
        self.check_ins: list[dict[str, Any]] = []
        for number in range(75):
            self._objective(1000 + number, 1 + number % 3)

    def _objective(self, key: int, quarter: int) -> None:
        self._row(key, "Big rock", quarter, None)
        for n in range(3):
            self._row(key * 10 + n, "Kpi", quarter, key)
        for n in range(3, 4 + (key % 3 == 0)):
            self._row(key * 10 + n, "Project", quarter, key)

    def _row(self, key: int, kind: str, quarter: int, parent: int | None) -> None:
        name, first = QUARTERS[quarter]
        unit, start, target = UNITS[key % 4] if kind == "Kpi" else UNITS[3]
        titles = {"Big rock": f"고객 만족 {key % 7}", "Kpi": f"Measure {key % 5}", "Project": f"Project {key}"}
        row: dict[str, Any] = {
            "ID": key,
            "Title": titles[kind],
            "Type": kind,
            "Owner": [{"ID": key % 1000}],
            "Time Period": {"ID": quarter, "Name": name},
            "Parent IDs": [parent] if parent else [],
            "Outcome": outcome(unit, start, target),
            "Score": self.random.choice([0.3, 0.7, 1]) if kind != "Project" else None,
            "Status": "Postponed" if key % 10 == 1 else "Closed",
        }
        if kind == "Kpi" and unit == "Number":
            row["Phased Targets"] = {
                "Interval": "Monthly",
                "Phased Targets": [
                    {"Target Value": 100, "Target Date": str(first + timedelta(days=30))},
                    {"Target Value": 300, "Target Date": str(first + timedelta(days=60))},
                ],
            }
        self.rows.append(row)
        for week in range(4):
            value = None if kind == "Big rock" else self.random.randint(21, 89)
            self._check_in(key, first + timedelta(days=7 * week + key % 5), value, f"Week {week} of {key}")
        last = self.check_ins[-1]
        row |= {"Progress": last["Current Value"] or 0, "Last Check-in": last["Activity Date"]}

    def _check_in(self, of: int, day: date, value: int | None, note: str) -> None:
        self.check_ins.append(
            {
                "ID": 90_000 + len(self.check_ins),
                "OKR ID": of,
                "CheckIn Date": f"{day} 10:30:00",
                "Activity Date": str(day),
                "Check In Owner": {"ID": of % 1000},
                "Check In Note": {"Check In Note": note, "Check In Note HTML": f"<p>{note}</p>"},
                "Current Value": value,
            }
        )


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return Tenant()


@pytest.fixture(scope="module")
def folder(tenant: Tenant, tmp_path_factory: pytest.TempPathFactory) -> Path:
    at = tmp_path_factory.mktemp("tenant")
    file = export(at, tenant.rows, tenant.check_ins, {"TimePeriods": PERIODS, "Users": USERS})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Asia/Seoul")
        arguments = ["init", str(at / "acme"), "--from-viva-goals", str(file), "--into", "2026-Q4"]
        assert run(arguments, clock=lambda: NOW) == 0
    return at / "acme"


def scale(unit: str) -> Decimal:
    return Decimal("0.01") if unit in ("Percentage", "Complete") else Decimal(1)


def test_every_value_note_and_score_is_found_again(tenant: Tenant, folder: Path) -> None:
    assert len(tenant.rows) == 400
    workspace = load(folder)
    store = Store.read(workspace.store, owner_of(workspace))
    unit = {row["ID"]: UNITS[row["ID"] % 4][0] if row["Type"] == "Kpi" else "Complete" for row in tenant.rows}
    quarter = {row["ID"]: CYCLES[row["Time Period"]["ID"]] for row in tenant.rows}
    told: dict[str, set[tuple[date, Decimal | None, str]]] = defaultdict(set)
    keys = [one.key_result.key for one in workspace.bindings.values()]
    keys += [of_objective(one.id, one.period.name) for one in workspace.objectives]
    scores = []
    for key in keys:
        if key.cycle not in CYCLES.values():
            continue
        for made in store.history(key):
            told[key.cycle].add((day_of(made.at, workspace.time_zone), made.value.amount, f"{made.note} by {made.by}"))
        for action in store.people.actions(key):
            if action.action == "noted":
                day = day_of(action.at, workspace.time_zone)
                told[key.cycle].add((day, None, f"{action.details['note']} by {action.by}"))
    for closing in store.people.closings().values():
        scores.append((closing.cycle, closing.outcome, closing.score))
    store.close()

    for made in tenant.check_ins:
        of, value = made["OKR ID"], made["Current Value"]
        amount = None if value is None else value * scale(unit[of])
        note = f"{made['Check In Note']['Check In Note']} by u{of % 1000}@contoso.com"
        assert (date.fromisoformat(made["Activity Date"]), amount, note) in told[quarter[of]]
    assert sum(map(len, told.values())) == len(tenant.check_ins)
    given = [
        (quarter[row["ID"]], row["Status"].lower(), Decimal(str(row["Score"])))
        for row in tenant.rows
        if row["Score"] is not None
    ]
    assert len(scores) == 400
    assert all(one in scores for one in given)
    phased = [one for one in workspace.bindings.values() if one.key_result.phases]
    assert len(phased) == sum("Phased Targets" in row for row in tenant.rows)
    assert phased[0].key_result.phases[0][1] == Decimal("0.25")


def test_the_board_of_a_quarter_is_the_one_they_had(
    tenant: Tenant, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["-c", str(folder), "show", "--cycle", "2025-Q4", "--json"], clock=lambda: NOW) == 0
    shown = json.loads(capsys.readouterr().out)["objectives"]

    rows = [one for one in tenant.rows if one["Time Period"]["ID"] == 3]
    assert len(shown) == sum(one["Type"] == "Big rock" for one in rows)
    key_results = [made for one in shown for made in one["key_results"]]
    assert len(key_results) == sum(one["Type"] == "Kpi" for one in rows)
    assert all(made["check_in"]["value"] is not None for made in key_results)
    assert {made["status"] for made in key_results} == {"closed", "postponed"}


def test_the_running_cycle_begins_where_the_last_one_stands(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-c", str(folder), "show", "--json"], clock=lambda: NOW) == 0
    shown = json.loads(capsys.readouterr().out)["objectives"]

    assert len(shown) == 25
    key_results = [made for one in shown for made in one["key_results"]]
    assert key_results
    assert all(made["id"].endswith("-2026-Q4") for made in key_results)
    assert {Decimal(made["progress"]) for made in key_results} == {0}
    assert all(made["check_in"]["value"] is not None for made in key_results)
    # Nothing else is told by a pass: the values stand already.
    assert run(["-c", str(folder), "sync"], clock=lambda: NOW) == 0
    assert "0 changed" in capsys.readouterr().out


def test_ids_can_be_typed(folder: Path) -> None:
    ids = {one.id for one in load(folder).objectives}

    assert "gogaek-manjok-0" in ids
    assert all(one.isascii() for one in ids)


def test_importing_again_adds_nothing(
    tenant: Tenant, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = export(tmp_path, tenant.rows, tenant.check_ins, {"TimePeriods": PERIODS, "Users": USERS})
    before = {one: one.read_bytes() for one in folder.rglob("*.yaml")}

    assert run(["init", str(folder), "--from-viva-goals", str(file), "--into", "2026-Q4"], clock=lambda: NOW) == 0
    told = capsys.readouterr().out
    assert "0 values" in told
    assert "users: 1000 rows, only those that OKRs name are used" in " ".join(told.split())
    assert before == {one: one.read_bytes() for one in folder.rglob("*.yaml")}
