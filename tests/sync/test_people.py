"""Holds, pins, check-ins by hand, adjustments, and key results that are not asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from config.load import Workspace, load
from mapping.assess import Held, NewCheckIn, Pinned, Skipped, Unchanged
from mapping.day import UTC
from mapping.facts import find
from mapping.model import Status
from sync.history import history
from sync.overview import overview
from sync.people import Refused, check_in, decide, resume
from sync.plan import Plan, make_plan
from sync.record import record
from sync.standing import standing_of
from sync.store.store import Store
from tests.sync.conftest import AT, WORKER, connector, q4

HOUR = timedelta(hours=1)
OKRS = """
cycle: 2026-Q4
objectives:
  - id: o
    title: O
    kind: aspirational
    key_results:
      - {id: a, title: A, start: 0, target: 100, value: {memory: a, connection: crm}}
      - {id: b, title: B, start: first, target: {memory: b_target, connection: crm}, value: {memory: b, connection: crm}}
      - {id: base, title: Base, baseline: true, value: {memory: base, connection: crm}}
      - {id: later, title: L, start: 0, target: 100, cycle: {name: dec, start: 2026-12-01, end: 2026-12-31}, settle: 3,
         value: {memory: a, connection: crm}}
"""


class World:
    """A workspace over memory connectors, with time that passes."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder, self.store = folder, store
        (folder / "okrs").mkdir(exist_ok=True)
        (folder / "okrsync.yaml").write_text(WORKER)
        self.write(OKRS)
        values = {"a": Decimal(40), "b": Decimal(10), "b_target": Decimal(30), "base": Decimal(7)}
        self.now = AT
        self.crm = connector("crm", values, lambda: self.now)

    def write(self, okrs: str) -> None:
        (self.folder / "okrs" / "a.yaml").write_text(okrs)
        self.workspace: Workspace = load(self.folder)

    def sync(self, after: timedelta = HOUR, **values: Any) -> Plan:
        self.now += after
        self.crm.values.update({name: None if value is None else Decimal(value) for name, value in values.items()})
        last, standing = self.store.last_check_ins(), standing_of(self.store, UTC)
        tools = {"crm": self.crm, "web": connector("web", {})}
        plan = make_plan(self.workspace, tools, last, self.now, standing=standing)
        record(plan, self.store, self.now)
        return plan

    def step(self, plan: Plan, key: str) -> Any:
        return next(one.assessment for one in plan.steps if one.key_result.id == key)

    def value(self, key: str) -> Decimal:
        return self.store.last_check_ins()[q4(key)].value.amount

    def view(self, key: str) -> Any:
        return find(overview(self.workspace, self.store, self.now), key)

    def told(self, key: str) -> list[str]:
        return [event.action.action for event in history(self.store, q4(key), UTC) if event.action]


@pytest.fixture
def world(tmp_path: Path, store: Store) -> World:
    made = World(tmp_path / "world", store) if (tmp_path / "world").mkdir() is None else None
    assert made is not None
    made.sync()
    return made


def test_what_fell_to_zero_waits_for_a_person(world: World) -> None:
    plan = world.sync(a=0)

    assert isinstance(world.step(plan, "a"), Held)
    assert world.value("a") == 40
    assert world.view("a").beside.reason == "it fell to zero from 40"
    assert world.view("a").stale.state == "held"


def test_an_accepted_value_counts_and_stays(world: World) -> None:
    world.sync(a=0)

    decide(world.store, world.workspace.bindings["a"], world.now, by="ada", accept=True, note="the list was cleared")
    plan = world.sync()

    assert world.value("a") == 0
    assert isinstance(world.step(plan, "a"), Unchanged)
    assert world.view("a").beside is None
    assert world.told("a") == ["accepted"]


def test_a_rejected_value_is_not_held_again_until_it_changes(world: World) -> None:
    world.sync(a=0)
    decide(world.store, world.workspace.bindings["a"], world.now, by="ada", accept=False)

    again = world.sync()
    assert isinstance(world.step(again, "a"), Unchanged)
    assert world.value("a") == 40
    assert world.view("a").beside is None

    other = world.sync(a=-90)
    assert isinstance(world.step(other, "a"), Held)
    with pytest.raises(Refused, match="is held"):
        decide(world.store, world.workspace.bindings["b"], world.now, by="ada", accept=True)


def test_a_hold_ends_by_itself_where_the_source_is_itself_again(world: World) -> None:
    world.sync(a=0)
    world.sync(a=41)

    assert world.value("a") == 41
    assert world.view("a").beside is None
    with pytest.raises(Refused):
        decide(world.store, world.workspace.bindings["a"], world.now, by="ada", accept=True)


def test_a_leap_is_held_and_a_changed_definition_too(world: World) -> None:
    leap = world.sync(a=141)
    assert isinstance(world.step(leap, "a"), Held)
    assert "in one run" in world.step(leap, "a").reason

    world.write(
        OKRS.replace(
            "value: {memory: a, connection: crm}}\n      - {id: b",
            "value: {memory: base, connection: crm}}\n      - {id: b",
        )
    )
    changed = world.sync(a=40)
    assert "formula, unit or queries changed" in world.step(changed, "a").reason


def test_another_unit_is_another_meaning(world: World) -> None:
    world.write(OKRS.replace("start: 0, target: 100", "start: $0, target: $100"))

    plan = world.sync(a=41)

    assert isinstance(world.step(plan, "a"), Held)
    assert "formula, unit or queries changed" in world.step(plan, "a").reason
    assert world.view("a").check_in.value.amount == 40


def test_a_sum_waits_for_a_value_in_the_new_unit(world: World) -> None:
    summed = OKRS.replace("    kind: aspirational", "    start: 0\n    target: 200\n    roll_up: sum")
    world.write(summed)
    world.sync()
    assert overview(world.workspace, world.store, world.now).objectives[0].roll_up.value is None
    only_a = "\n".join(
        line
        for line in summed.splitlines()
        if "id: b" not in line and "later" not in line and line.strip() != "value: {memory: a, connection: crm}}"
    )
    world.write(only_a)
    assert overview(world.workspace, world.store, world.now).objectives[0].roll_up.value is not None

    world.write(
        only_a.replace("start: 0, target: 100", "start: $0, target: $100").replace(
            "start: 0\n    target: 200", "start: $0\n    target: $200"
        )
    )

    assert overview(world.workspace, world.store, world.now).objectives[0].roll_up.value is None


def test_an_adjusted_target_is_recorded_with_its_date(world: World) -> None:
    world.write(OKRS.replace("start: 0, target: 100", "start: 0, target: 80, weight: 2"))

    plan = world.sync()

    assert isinstance(world.step(plan, "a"), NewCheckIn)
    (event,) = [event.action for event in history(world.store, q4("a"), UTC) if event.action]
    assert (event.action, event.by) == ("adjusted", "the OKR file")
    assert event.details == {"target": {"from": "100", "to": "80"}, "weight": {"from": "1", "to": "2"}}
    assert world.view("a").progress == Decimal("0.5")


def test_a_start_is_set_by_the_first_value_and_a_target_by_its_metric(world: World) -> None:
    assert world.view("b").progress == 0

    world.sync(b=15)
    assert world.view("b").progress == Decimal("0.25")
    world.sync(b_target=20)
    assert world.view("b").progress == Decimal("0.5")
    assert world.told("b") == []


def test_a_baseline_has_no_progress_and_no_part_in_the_objective(world: World) -> None:
    seen = overview(world.workspace, world.store, world.now).objectives[0]

    assert (world.view("base").progress, world.view("base").status) == (None, Status.IN_PROGRESS)
    assert seen.roll_up.total == 3
    assert seen.roll_up.known == 2


def test_nothing_is_asked_outside_a_key_results_days(world: World) -> None:
    before = world.sync()
    world.now = AT.replace(month=12, day=31)
    during = world.sync()
    world.now = datetime(2027, 1, 2, tzinfo=AT.tzinfo)
    settling = world.sync()
    after = world.sync(timedelta(days=5))

    assert world.step(before, "later") == Skipped(reason="starts on 2026-12-01")
    assert isinstance(world.step(during, "later"), NewCheckIn)
    assert not isinstance(world.step(settling, "later"), Skipped)
    assert world.step(settling, "a") == Skipped(reason="ended on 2026-12-31")
    assert world.step(after, "later") == Skipped(reason="ended on 2026-12-31, settled by 2027-01-03")
    assert world.crm.asked[-1] != []
    assert world.view("a").status is Status.OVERDUE


def test_a_persons_value_is_replaced_by_the_next_automatic_one(world: World) -> None:
    binding = world.workspace.bindings["a"]
    check_in(world.store, binding, world.now, by="ada", zone=UTC, value="55", note="counted by hand", confidence=7)

    made = world.store.last_check_ins()[q4("a")]
    assert (made.value.amount, made.by, made.note, made.confidence) == (55, "ada", "counted by hand", 7)
    assert made.progress == Decimal("0.55")

    world.sync()
    assert world.value("a") == 40
    assert world.told("a") == ["checked in"]


def test_a_pinned_value_stands_and_the_automatic_one_is_seen_beside_it(world: World) -> None:
    binding = world.workspace.bindings["a"]
    check_in(world.store, binding, world.now, by="ada", zone=UTC, value="55", note="CRM is being cleaned", pin=True)

    plan = world.sync(a=70)
    assert isinstance(world.step(plan, "a"), Pinned)
    assert world.value("a") == 55
    assert world.view("a").beside.check_in.value.amount == 70
    assert world.view("a").pinned.by == "ada"

    resume(world.store, binding, world.now, by="ada")
    world.sync()
    assert world.value("a") == 70
    assert world.view("a").beside is None
    with pytest.raises(Refused, match="not pinned"):
        resume(world.store, binding, world.now, by="ada")


def test_a_value_by_hand_must_be_in_the_right_unit(world: World) -> None:
    with pytest.raises(Refused, match="USD"):
        check_in(world.store, world.workspace.bindings["a"], world.now, by="ada", zone=UTC, value="$5")
    with pytest.raises(Refused, match="a lot"):
        check_in(world.store, world.workspace.bindings["a"], world.now, by="ada", zone=UTC, value="a lot")


def test_syncing_twice_writes_nothing_new_whatever_the_state(world: World) -> None:
    check_in(world.store, world.workspace.bindings["b"], world.now, by="ada", zone=UTC, value="12", pin=True)
    world.sync(a=0)
    first = [len(world.store.history(q4(one))) for one in ("a", "b", "base")], world.store.people.candidates()

    world.sync()

    assert ([len(world.store.history(q4(one))) for one in ("a", "b", "base")], world.store.people.candidates()) == first


def test_a_failing_source_keeps_the_hold(world: World) -> None:
    world.sync(a=0)
    world.sync(a=None)

    assert world.view("a").beside.state == "held"
    assert world.store.last_outcomes()[q4("a")].state == "no value"
    assert replace(world.view("a"), stale=None).check_in.value.amount == 40
