"""Another time zone in a running cycle, and clocks that jump: what was recorded stays, and all lists agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from config.load import Workspace, load
from mapping.assess import CheckIn, Failed, by_hand
from mapping.facts import find
from mapping.model import Key
from mapping.quantity import Quantity
from mapping.records import Action
from sync.history import history
from sync.overview import overview
from sync.passes import Pass, run_pass
from sync.people import Refused, check_in, decide
from sync.plan import make_plan
from sync.record import record
from sync.store.store import Store
from tests.sync.conftest import connector
from views.changes import action
from views.language import Language

AT = datetime(2026, 11, 23, 20, tzinfo=UTC)
"""Already the 24th in Seoul."""
OKRS = """
cycle: 2026-Q4
objectives:
- id: o
  title: O
  key_results:
  - {id: kr, title: K, start: 0, target: 100, value: {memory: x}}
  - {id: late, title: L, start: 0, target: 100, value: {memory: x}, cycle: {name: dec, start: 2026-12-01, end: 2026-12-31}}
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.open(f"sqlite:///{tmp_path}/store.sqlite")
    yield made
    made.close()


def workspace(folder: Path, zone: str = "", value: int = 55) -> Workspace:
    (folder / "okrs").mkdir(exist_ok=True)
    (folder / "okrs" / "a.yaml").write_text(OKRS)
    (folder / "okrsync.yaml").write_text(f"{zone}\nconnections: {{memory: {{values: {{x: {value}}}}}}}\n")
    return load(folder)


def passed(found: Workspace, store: Store, at: datetime) -> Pass:
    return run_pass(found, store, lambda: at, reason="one-shot")


def key(found: Workspace, name: str = "kr") -> Key:
    return found.bindings[name].key_result.key


def told(found: Workspace, store: Store, name: str = "kr") -> list[tuple[str, str, Any]]:
    events = history(store, key(found, name), found.time_zone)
    return [(one.action.by, one.action.action, one.action.details) for one in events if one.action]


MOVED = ("okrsync.yaml", "moved", {"time zone": {"from": "UTC", "to": "Asia/Seoul"}})


def recorded(found: Workspace, store: Store) -> list[CheckIn]:
    return store.history(key(found))


def test_another_zone_changes_no_value_and_is_told_once(tmp_path: Path, store: Store) -> None:
    here = workspace(tmp_path)
    passed(here, store, AT)
    before = recorded(here, store)

    there = workspace(tmp_path, "time_zone: Asia/Seoul")
    first, second = passed(there, store, AT + timedelta(hours=1)), passed(there, store, AT + timedelta(hours=2))

    assert [(one.recorded, one.plan.held) for one in (first, second)] == [(0, []), (0, [])]
    assert recorded(there, store) == before
    assert told(there, store) == [MOVED]
    passed(there, store, datetime(2026, 12, 1, tzinfo=UTC))
    assert told(there, store, "late") == [], "what began later knows no other zone"

    event = next(one.action for one in history(store, key(there), there.time_zone) if one.action)
    assert action(event, Language()) == "okrsync.yaml names another time zone: time zone UTC → Asia/Seoul"


def test_days_of_a_store_that_never_said_so_were_utc(tmp_path: Path, store: Store) -> None:
    here = workspace(tmp_path)
    record(make_plan(here, {"memory": connector("memory", {"x": 55}, lambda: AT)}, {}, AT), store, AT)

    there = workspace(tmp_path, "time_zone: Asia/Seoul")
    passed(there, store, AT + timedelta(hours=1))

    assert told(there, store) == [MOVED]


def test_a_new_store_has_one_zone(tmp_path: Path, store: Store) -> None:
    there = workspace(tmp_path, "time_zone: Asia/Seoul")
    passed(there, store, AT)
    passed(there, store, AT + timedelta(hours=1))

    assert told(there, store) == []


def test_a_clock_that_jumped_back_leaves_one_order(tmp_path: Path, store: Store) -> None:
    found = workspace(tmp_path, value=40)
    passed(found, store, AT)
    again = passed(workspace(tmp_path, value=50), store, AT - timedelta(minutes=4))

    assert again.recorded == 0
    (failed,) = again.plan.troubled
    assert isinstance(failed, Failed)
    assert "2026-11-23 20:00:00+00:00, which is later than this machine's clock says" in failed.cause
    assert "Set the clock" in failed.fix
    with pytest.raises(Refused, match="later than this machine's clock"):
        check_in(store, found.bindings["kr"], AT - timedelta(minutes=3), by="ada", zone=found.time_zone, value="60")

    seen = find(overview(found, store, AT), "kr")
    values = [one.value.value.amount for one in history(store, key(found), found.time_zone) if one.value]
    assert seen.check_in is not None
    assert seen.check_in.value.amount == values[-1] == 40
    assert values == [40]
    assert passed(workspace(tmp_path, value=50), store, AT + timedelta(minutes=1)).recorded == 1


def test_nothing_is_told_of_a_clock_where_nothing_is_new(tmp_path: Path, store: Store) -> None:
    found = workspace(tmp_path, value=40)
    passed(found, store, AT)

    assert passed(found, store, AT - timedelta(minutes=4)).plan.troubled == []


def test_a_held_value_is_not_accepted_by_a_clock_that_jumped_back(tmp_path: Path, store: Store) -> None:
    found = workspace(tmp_path, value=40)
    passed(found, store, AT)
    passed(workspace(tmp_path, value=0), store, AT + timedelta(minutes=1))

    with pytest.raises(Refused, match="later than this machine's clock"):
        decide(store, found.bindings["kr"], AT - timedelta(minutes=1), by="ada", accept=True)


def test_what_was_said_while_a_later_pass_recorded_is_the_older_value(tmp_path: Path, store: Store) -> None:
    found = workspace(tmp_path, value=40)
    passed(found, store, AT)
    kr, at = found.bindings["kr"].key_result, AT - timedelta(minutes=3)
    said = by_hand(kr, Quantity(Decimal(60)), None, at, by="ada", zone=found.time_zone)
    store.people.act(Action(key_result=kr.id, cycle=kr.key.cycle, at=at, by="ada", action="checked in"), said)

    seen = find(overview(found, store, AT), "kr")
    assert seen.check_in is not None
    assert seen.check_in.value.amount == store.last_check_ins()[kr.key].value.amount == 40
    assert [made.value.amount for made in recorded(found, store)] == [60, 40]
    assert [one.value.value.amount for one in history(store, kr.key, found.time_zone) if one.value] == [60, 40]


def test_a_rebuilt_value_that_was_asked_earlier_replaces_nothing(tmp_path: Path, store: Store) -> None:
    found = workspace(tmp_path, value=40)
    passed(found, store, AT)
    (later,) = recorded(found, store)
    earlier = replace(later, value=Quantity(Decimal(30)), asked_at=AT - timedelta(hours=1))
    day = AT.date()

    assert store.past.rebuild([(day, later)]) == 1
    assert store.past.rebuild([(day, earlier)]) == 0
    assert [made.value.amount for _, made in store.past.rebuilt(later.key)] == [40]
