"""What a person says and what sources say, by turns: who counts, and what is compared with what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from config.load import load
from connectors.errors import Unreachable
from connectors.manual.pull import ManualConnector
from connectors.manual.spec import ManualOptions
from connectors.memory.pull import MemoryConnector
from connectors.memory.spec import MemoryOptions, MemoryQuery
from connectors.readings import reading
from mapping.assess import Failed, Held, NewCheckIn, NoValue, Unchanged
from mapping.day import zone_of
from sync.people import Refused, check_in, decide, resume
from sync.plan import make_plan
from sync.record import record
from sync.standing import standing_of
from sync.store.store import Store
from tests.sync.conftest import q4

SEOUL = zone_of("Asia/Seoul")
NOON = datetime(2026, 11, 20, 3, tzinfo=UTC)
DAY = timedelta(days=1)
OKRS = """
cycle: 2026-Q4
objectives:
  - id: o
    title: O
    key_results:
      - {id: kr, title: K, start: 0, target: 100, value: VALUE}
"""


class Late(MemoryConnector):
    """Tells of the state of some days ago, as a usage report does, or of the last change of a file."""

    behind: timedelta | None = None
    saved: datetime | None = None
    lost = False

    def _answer(self, query: MemoryQuery) -> Any:
        if self.lost:
            return Unreachable("no answer", connection=self.name)
        now = self.clock()
        as_of = now - self.behind if self.behind else self.saved or now
        value = self.values[query.name]
        return reading(
            value, connection=self.name, query=query.text(), asked_at=now, as_of=as_of, lags=self.behind is not None
        )


class World:
    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, NOON
        self.store = Store.open(f"sqlite:///{folder}/store.sqlite")
        (folder / "okrs").mkdir()
        (folder / "okrsync.yaml").write_text("time_zone: Asia/Seoul\nconnections: {memory: {}}\n")
        self.tool = Late("memory", MemoryOptions(), clock=lambda: self.now)
        self.write("{memory: x}")

    def write(self, value: str) -> None:
        (self.folder / "okrs" / "a.yaml").write_text(OKRS.replace("VALUE", value))
        self.workspace = load(self.folder)
        self.binding = self.workspace.bindings["kr"]

    def sync(self, value: int | str | None = None, after: timedelta = DAY) -> Any:
        self.now += after
        self.tool.values["x"] = None if value is None else Decimal(value)
        by_hand = ManualConnector("manual", ManualOptions(), clock=lambda: self.now, zone=SEOUL)
        tools = {"memory": self.tool, "manual": by_hand}
        standing = standing_of(self.store, SEOUL)
        plan = make_plan(self.workspace, tools, self.store.last_check_ins(), self.now, standing=standing)
        record(plan, self.store, self.now)
        return plan.steps[0].assessment

    def says(self, value: str, **more: Any) -> None:
        check_in(self.store, self.binding, self.now, by="ada", zone=SEOUL, value=value, **more)

    @property
    def value(self) -> int | None:
        made = self.store.last_check_ins().get(q4("kr"))
        return None if made is None else int(made.value.amount)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.store.close()


def test_a_live_source_replaces_a_check_in(world: World) -> None:
    world.sync(10)
    world.says("30")
    assert isinstance(world.sync(20, timedelta(0)), Unchanged), "of the same moment"
    world.sync(20, timedelta(seconds=1))

    assert world.value == 20


def test_an_older_value_by_hand_never_replaces_a_check_in(world: World) -> None:
    world.write("{manual: {2026-11-01: 5, 2026-11-20: 20, 2026-11-25: 50}}")
    world.sync(after=timedelta(0))
    assert world.value == 20
    world.now += DAY * 4
    world.says("42")  # on the 24th, at noon in Seoul
    world.sync(after=timedelta(hours=11))
    assert (world.value, world.now) == (42, datetime(2026, 11, 24, 14, tzinfo=UTC))

    world.sync(after=timedelta(hours=1))  # midnight in Seoul: the 25th begins
    assert world.value == 50


def test_a_file_replaces_a_check_in_when_it_is_saved(world: World) -> None:
    world.tool.saved = NOON - DAY
    world.sync(10)
    world.says("30")
    assert isinstance(world.sync(11), Unchanged)
    world.tool.saved = world.now
    world.sync(11)

    assert world.value == 11


def test_a_source_that_lags_replaces_a_check_in_when_it_says_something_else(world: World) -> None:
    world.tool.behind = DAY * 2
    world.sync(10)
    world.says("30")
    assert isinstance(world.sync(10), Unchanged)
    assert isinstance(world.sync(10), Unchanged)
    world.sync(12)

    assert world.value == 12


def test_sources_speak_again_when_a_person_lets_them(world: World) -> None:
    world.write("{manual: {2026-11-20: 20}}")
    world.sync()
    world.says("42", pin=True)
    world.sync()
    assert world.value == 42
    resume(world.store, world.binding, world.now, by="ada")
    world.sync()
    assert world.value == 20

    world.says("43")
    assert isinstance(world.sync(), Unchanged), "resuming was of the pin, and not for ever"


@pytest.mark.parametrize(
    ("before", "after", "words"), [("60", 0, "fell to zero from 60"), ("5", 400, "395% of the way")]
)
def test_a_check_in_switches_no_guard_off(world: World, before: str, after: int, words: str) -> None:
    world.sync(50)
    world.says(before)
    found = world.sync(after)

    assert isinstance(found, Held)
    assert words in found.reason
    assert world.value == int(before)


def test_another_meaning_is_seen_behind_a_check_in(world: World) -> None:
    world.sync(50)
    world.says("60")
    world.write("{memory: x, unit: number}")
    found = world.sync(61)

    assert isinstance(found, Held)
    assert found.reason == "its formula, unit or queries changed since the last check-in"


@pytest.mark.parametrize("value", [-101, 1001])
def test_a_first_value_that_can_not_be_meant_is_held(world: World, value: int) -> None:
    found = world.sync(value)
    assert isinstance(found, Held)
    assert found.reason == f"the progress would be {value:,}%, beyond -100% or 1,000%"
    assert world.value is None

    decide(world.store, world.binding, world.now, by="ada", accept=True)
    assert world.value == value
    assert isinstance(world.sync(value + 1), NewCheckIn)


def test_a_rejected_first_value_is_not_held_again(world: World) -> None:
    world.sync(2000)
    decide(world.store, world.binding, world.now, by="ada", accept=False)
    found = world.sync(2000)

    assert isinstance(found, NoValue)
    assert found.cause == "a person rejected 2,000, and the source still gives the same value"
    assert isinstance(world.sync(20), NewCheckIn)


@pytest.mark.parametrize("value", [-100, 1000])
def test_bounds_of_what_can_be_meant(world: World, value: int) -> None:
    assert isinstance(world.sync(value), NewCheckIn)


def test_a_check_in_that_can_not_be_meant_is_refused(world: World) -> None:
    world.sync(50)
    with pytest.raises(Refused, match="kr: 7,500 can't be right: the progress would be 7,500%"):
        world.says("7500")

    assert world.value == 50


def test_a_key_result_may_say_that_all_can_be_meant(world: World) -> None:
    world.write("{memory: x}, guards: {plausible: false}")
    assert isinstance(world.sync(5000), NewCheckIn)
    world.says("-7500")

    assert world.value == -7500


def test_each_value_in_the_file_is_looked_at(world: World) -> None:
    world.write("{manual: {2026-11-20: 20, 2026-11-24: 2000}}, guards: {leap: false}")
    assert isinstance(world.sync(), NewCheckIn)
    found = world.sync(after=DAY * 3)

    assert isinstance(found, Held)
    assert "the progress would be 2,000%" in found.reason


def test_another_value_in_the_file_is_no_other_meaning(world: World) -> None:
    world.write("{manual: {2026-11-20: 20}}")
    world.sync()
    world.write("{manual: {2026-11-20: 20, 2026-11-22: 30}}")
    assert isinstance(world.sync(), NewCheckIn)
    world.write("{manual: {2026-11-20: 20, 2026-11-22: 25}}")
    world.sync()

    assert world.value == 25
    world.write("{memory: x}")
    assert isinstance(world.sync(26), Held)


def test_what_a_query_says_for_nothing(world: World) -> None:
    world.write("{memory: x, default: 0}")
    assert isinstance(world.sync(None), NewCheckIn)
    made = world.store.last_check_ins()[q4("kr")]

    assert made.value.amount == 0
    assert made.inputs[0].evidence.note == "no value there: the query's own default"
    world.sync(7)
    assert world.value == 7


def test_a_default_is_part_of_what_a_value_means(world: World) -> None:
    world.sync(5)
    world.write("{memory: x, default: 0}")

    assert isinstance(world.sync(6), Held)


def test_a_source_that_fails_gets_no_default(world: World) -> None:
    world.write("{memory: x, default: 0}")
    world.tool.lost = True

    assert isinstance(world.sync(5), Failed)
    assert world.value is None
