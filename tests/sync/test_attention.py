"""What needs a person, over a store that lived through it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from config.load import Workspace, load
from connectors.errors import BadQuery
from connectors.memory.pull import MemoryConnector
from mapping.attention import Need, Shift, Why, by_key_result, needs_a_person, shifts
from mapping.facts import Overview, find
from mapping.freshness import Freshness
from mapping.model import Status
from sync.attention import attention, known_of
from sync.overview import overview
from sync.people import check_in
from sync.plan import make_plan
from sync.record import record
from sync.standing import standing_of
from sync.store.store import Store
from tests.sync.conftest import connector

OKRS = """
cycle: 2026-Q4
objectives:
  - id: o
    title: O
    owner: ada
    key_results:
      - {id: on, title: On, start: 0, target: 100, value: {memory: on, connection: crm}}
      - {id: slow, title: Slow, start: 0, target: 100, value: {memory: slow, connection: crm}}
      - {id: gone, title: Gone, start: 0, target: 100, value: {memory: gone, connection: crm}}
      - {id: zero, title: Zero, start: 0, target: %s, value: {memory: zero, connection: crm}}
kpis:
  - {id: up, title: Up, stay_above: 90%%, value: {memory: up, connection: crm}}
"""
START = datetime(2026, 10, 1, 9, tzinfo=UTC)


@dataclass
class World:
    folder: Path
    store: Store
    crm: MemoryConnector
    at: datetime = START
    target: int = 100

    def workspace(self) -> Workspace:
        (self.folder / "okrs" / "a.yaml").write_text(OKRS % self.target)
        return load(self.folder)

    def sync(self, day: int, **values: Any) -> None:
        self.at = START + timedelta(days=day)
        self.crm.values.update(values)
        self.crm.clock = lambda: self.at
        workspace = self.workspace()
        standing = standing_of(self.store, workspace.time_zone)
        plan = make_plan(workspace, {"crm": self.crm}, self.store.last_check_ins(), self.at, standing=standing)
        record(plan, self.store, self.at)

    def seen(self, day: int | None = None, until: datetime | None = None) -> Overview:
        at = self.at if day is None else START + timedelta(days=day)
        return overview(self.workspace(), self.store, at, until=until)

    def needs(self, day: int | None = None) -> tuple[Need, ...]:
        return attention(self.workspace(), self.seen(day), known_of(self.store))

    def shifts(self, days: int = 7) -> tuple[Shift, ...]:
        return shifts(self.seen(), known_of(self.store), self.at - timedelta(days=days))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okrsync.yaml").write_text("connections:\n  crm: {type: memory}\n")
    store = Store.open(f"sqlite:///{tmp_path}/s.sqlite")
    crm = connector("crm", {})
    made = World(tmp_path, store, crm)
    for day in range(0, 43, 7):
        share = Decimal(day) / 92
        made.sync(
            day, on=Decimal(100) * share + 1, slow=min(Decimal("1.2") * day, Decimal(28)), gone=Decimal(day + 9), zero=Decimal(50),
            up=Decimal("0.95"),
        )  # fmt: skip
    yield made
    store.close()


def told(needs: tuple[Need, ...]) -> dict[str, list[Why]]:
    return {key.id: [need.why for need in own] for key, own in by_key_result(needs).items()}


def test_nothing_is_said_of_what_is_well(world: World) -> None:
    assert "on" not in told(world.needs())
    assert told(world.needs())["up"] == [Why.NO_OWNER]


def test_since_when_it_is_behind(world: World) -> None:
    (need,) = [need for need in world.needs() if need.key.id == "slow"]

    assert need.why is Why.BEHIND
    assert need.owner == "ada"
    assert need.since == datetime(2026, 10, 24, tzinfo=UTC), "the first day on which 25.2 was too little"
    assert not need.newly
    assert not needs_a_person(need)


def test_a_hold_a_failing_source_and_a_change_come_with_when_and_why(world: World) -> None:
    world.target = 80
    world.sync(49, zero=Decimal(0), gone=BadQuery("it is not there", connection="crm", fix="look"))
    found = {(need.key.id, need.why): need for need in world.needs()}

    assert found["zero", Why.HELD].since == world.at
    (change,) = found["zero", Why.CHANGED].changes
    assert (change.what, change.before, change.after) == ("target", "100", "80")
    gone = found["gone", Why.UNAVAILABLE]
    assert (gone.since, gone.view.age.cause) == (world.at, "it is not there")
    assert gone.view.shown_status is Freshness.UNAVAILABLE
    assert [need.why for need in world.needs()][:2] == [Why.HELD, Why.UNAVAILABLE], "worst first"


def test_silence_is_never_green(world: World) -> None:
    last = world.seen()
    assert find(last, "on").shown_status is Status.ON_TRACK
    assert last.objectives[0].roll_up.known == 4

    quiet = world.seen(day=57)
    assert find(quiet, "on").age.state is Freshness.STALE, "twice the week between passes is over"
    assert find(quiet, "on").status is not None, "the last one stays in data"
    assert quiet.objectives[0].roll_up.known == 0
    assert quiet.objectives[0].shown_status is Freshness.UNKNOWN
    assert find(world.seen(day=56), "on").age.state is Freshness.CURRENT


def test_a_pass_that_changes_nothing_keeps_a_value_fresh(world: World) -> None:
    for day in range(49, 80, 7):
        world.sync(day)

    assert find(world.seen(), "zero").age.confirmed_at == world.at
    assert find(world.seen(day=120), "zero").age.state is Freshness.ENDED


def test_confidence_that_falls_twice(world: World) -> None:
    workspace = world.workspace()
    for day, confidence in ((43, 7), (44, 6), (45, 4)):
        at = START + timedelta(days=day)
        check_in(
            world.store,
            workspace.bindings["on"],
            at,
            by="ada",
            zone=workspace.time_zone,
            note="n",
            confidence=confidence,
        )

    (need,) = [need for need in world.needs(46) if need.key.id == "on" and need.why is Why.CONFIDENCE]
    assert [one.confidence for one in need.confidences] == [7, 6, 4]


def test_what_moved_most_is_measured_as_it_is_measured_now(world: World) -> None:
    world.sync(49, zero=Decimal(70), on=Decimal(60), gone=Decimal(59))
    found = {one.view.key_result.id: round(one.by, 2) for one in world.shifts()}

    assert next(iter(found)) == "zero"
    assert found == {"zero": Decimal("0.20"), "on": Decimal("0.13"), "gone": Decimal("0.08")}


def test_what_was_known_then_is_told_as_of_then(world: World) -> None:
    then = world.at
    before = world.seen()
    world.sync(49, on=Decimal(99), zero=Decimal(0))

    again = overview(world.workspace(), world.store, then, until=then)
    assert [find(again, key).progress for key in ("on", "zero")] == [
        find(before, key).progress for key in ("on", "zero")
    ]
    assert find(again, "zero").beside is None
    assert again.last_run == before.last_run


def test_a_pass_of_some_key_results_says_nothing_of_the_others(world: World) -> None:
    world.at = START + timedelta(days=70)
    world.crm.clock = lambda: world.at
    workspace = world.workspace()
    plan = make_plan(workspace, {"crm": world.crm}, world.store.last_check_ins(), world.at, only=frozenset({"on"}))
    record(plan, world.store, world.at, only={"on"})

    seen = world.seen()
    assert find(seen, "on").age.confirmed_at == world.at
    assert find(seen, "gone").age.state is Freshness.STALE
    assert find(seen, "gone").age.confirmed_at == START + timedelta(days=42)


def test_a_source_that_fails_again_and_again_has_failed_since_the_first_time(world: World) -> None:
    for day in range(49, 85, 7):
        cause = f"it is not there (request {day})"
        world.sync(day, gone=BadQuery(cause, connection="crm", fix="look"))

    age = find(world.seen(), "gone").age
    assert (age.since, age.confirmed_at) == (START + timedelta(days=49), START + timedelta(days=42))
    assert age.cause == "it is not there (request 84)"
