"""A workspace is kept current: every tick where it belongs, what is due together asked together, changed files taken
up. Time is passed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from connectors.memory.pull import MemoryConnector
from sync.chores import Chore
from sync.keeper import Keeper
from sync.passes import Pass, run_pass
from sync.store.conditions import HEALTH, JOB
from tests.sync.conftest import OKRS, WORKER, q4

START = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)


@dataclass
class World:
    """Simulated time, and what the tools were asked in it."""

    folder: Path
    now: datetime = START
    asked: list[tuple[datetime, str]] = field(default_factory=list)
    passes: list[tuple[datetime, str, int]] = field(default_factory=list)
    values: dict[str, Any] = field(
        default_factory=lambda: {"won": 13_000_000, "matched": 83, "contacts": 100, "visits": 4}
    )

    def clock(self) -> datetime:
        return self.now

    def write(self, worker: str = WORKER, okrs: str = OKRS) -> None:
        (self.folder / "okrs").mkdir(exist_ok=True)
        (self.folder / "okrsync.yaml").write_text(worker)
        (self.folder / "okrs" / "a.yaml").write_text(okrs)

    def keeper(self) -> Keeper:
        keeper = Keeper(self.folder, self.clock)
        keeper.on_pass.append(self.note)
        keeper.start()
        return keeper

    def note(self, keeper: Keeper, made: Pass) -> None:
        self.passes.append((self.now, made.reason, len(made.plan.steps)))

    def until(self, keeper: Keeper, end: datetime) -> None:
        """As an engine does, without waiting."""
        while (at := max(keeper.next_at(), self.now)) <= end:
            self.now = at
            keeper.keep()
            assert keeper.trouble is None
            assert keeper.next_at() > at, "it would go round and round"
        self.now = end

    def hours(self) -> list[str]:
        return [f"{at:%d %H:%M}" for at, *_ in self.passes]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(folder=tmp_path)
    made.write()

    def read(self: MemoryConnector, queries: Any) -> Iterator[Any]:
        self.values.update(made.values)
        made.asked += [(made.now, query.name) for query in queries]
        return honest(self, queries)

    honest: Callable[..., Iterator[Any]] = MemoryConnector.read
    monkeypatch.setattr(MemoryConnector, "read", read)
    return made


def test_it_asks_at_once_and_then_every_hour(world: World) -> None:
    keeper = world.keeper()

    world.until(keeper, START + timedelta(hours=3))

    assert world.hours() == ["24 09:20", "24 10:00", "24 11:00", "24 12:00"]
    assert {(reason, count) for _, reason, count in world.passes} == {("schedule", 4)}
    keeper.close()


def test_missed_ticks_are_one_pass(world: World) -> None:
    keeper = world.keeper()
    world.until(keeper, START)
    keeper.close()

    world.now += timedelta(days=3)
    keeper = world.keeper()
    world.until(keeper, world.now + timedelta(minutes=5))

    assert world.hours() == ["24 09:20", "27 09:20"]
    keeper.close()


def test_what_is_due_together_shares_a_pass_and_is_asked_once(world: World) -> None:
    world.write(
        WORKER + "schedule: 1h\n",
        OKRS.replace("value: matched / contacts}", "value: matched / contacts, schedule: 15m}"),
    )
    keeper = world.keeper()

    world.until(keeper, START + timedelta(minutes=45))

    assert world.hours() == ["24 09:20", "24 09:30", "24 09:45", "24 10:00"]
    assert [count for *_, count in world.passes] == [4, 1, 1, 4]
    assert sorted(name for at, name in world.asked if at.hour == 10) == ["contacts", "matched", "visits", "won"]
    keeper.close()


def test_a_one_shot_sync_counts_and_nothing_is_asked_twice(world: World) -> None:
    keeper = world.keeper()
    world.until(keeper, START)
    world.now = START + timedelta(minutes=41)

    run_pass(keeper.workspace, keeper.store, world.clock, reason="one-shot")
    world.until(keeper, START + timedelta(minutes=50))

    assert world.hours() == ["24 09:20"]
    keeper.close()


def test_nothing_is_asked_outside_a_key_results_days(world: World) -> None:
    world.now = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)
    keeper = world.keeper()

    world.until(keeper, world.now + timedelta(hours=4))

    assert world.hours() == ["31 22:30", "31 23:00"]
    keeper.close()


def test_quiet_hours_hold_back_the_schedule_and_bells_but_no_person(world: World) -> None:
    world.write(WORKER + 'schedule: 1h\nquiet_hours: "22:00-06:00"\ntime_zone: Asia/Seoul\n')
    world.now = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
    keeper = world.keeper()
    world.until(keeper, datetime(2026, 11, 24, 15, tzinfo=UTC))
    keeper.store.inbox.ask(["sales"], world.now)
    world.until(keeper, datetime(2026, 11, 24, 22, 30, tzinfo=UTC))

    assert world.hours() == ["24 12:30", "24 15:00", "24 21:00", "24 22:00"]
    assert [reason for _, reason, _ in world.passes] == ["schedule", "person", "schedule", "schedule"]
    keeper.close()


def noted(chore: Chore, into: list[tuple[str, str]], world: World) -> Chore:
    return replace(chore, do=lambda _: into.append((chore.name, f"{world.now:%d %H:%M}")))


def test_ten_days_through_a_change_of_clocks(world: World) -> None:
    """Every tick, retention and forgetting of old calls, each where it belongs."""
    world.write(WORKER + "time_zone: Europe/Berlin\nschedule: 0 7 * * 1-5\n")
    world.now = datetime(2026, 10, 20, 12, tzinfo=UTC)
    chores: list[tuple[str, str]] = []
    keeper = Keeper(world.folder, world.clock)
    keeper.on_pass.append(world.note)
    keeper.chores = [noted(one, chores, world) for one in keeper.chores]
    keeper.start()

    world.until(keeper, world.now + timedelta(days=10))

    assert world.hours() == [
        "20 12:00",
        *(f"{day} 05:00" for day in (21, 22, 23)),
        *(f"{day} 06:00" for day in (26, 27, 28, 29, 30)),
    ]
    thinned = [at for name, at in chores if name == "thin"]
    assert thinned == [
        "20 12:00",
        *(f"{day} 01:30" for day in range(21, 25)),
        *(f"{day} 02:30" for day in range(25, 31)),
    ]
    assert len([at for name, at in chores if name == "forget calls"]) == 1 + 4 * 10
    keeper.close()


def test_changed_files_are_asked_without_a_restart_and_broken_ones_refused(world: World) -> None:
    keeper = world.keeper()
    world.until(keeper, START)
    keeper.keep()

    world.write(okrs=OKRS.replace("target: 200", "target: 300"))
    keeper.refresh()
    world.until(keeper, world.now)

    assert world.passes[-1] == (START, "person", 1)
    assert keeper.store.last_check_ins()[q4("size")].aims[1][1].amount == 300

    world.write(okrs=OKRS.replace("target: 200", "target: nonsense"))
    keeper.refresh()
    assert "there is no metric 'nonsense'" in str(keeper.problems[0])
    world.until(keeper, START + timedelta(hours=1))
    assert world.passes[-1][1:] == ("schedule", 4), "the last good files go on"

    world.write()
    keeper.refresh()
    assert keeper.problems == ()
    keeper.close()


def test_another_store_needs_a_start(world: World) -> None:
    keeper = world.keeper()

    world.write(WORKER + "store: sqlite:///other.sqlite\n")
    keeper.refresh()

    assert "the new store takes effect when `okrsync serve` is restarted" in str(keeper.problems[0])
    keeper.close()


def test_secrets_are_read_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (world.folder / "secret").write_text("the first secret of the crm")
    monkeypatch.setenv("HOOK_FILE", str(world.folder / "secret"))
    world.write(WORKER.replace("crm: {type: memory}", 'crm: {type: memory, hook_secret: "${HOOK}"}'))
    keeper = world.keeper()

    (world.folder / "secret").write_text("the second secret of it")
    keeper.refresh()

    assert keeper.workspace.connections["crm"].options.hook_secret.get_secret_value() == "the second secret of it"
    keeper.close()


def test_a_store_that_can_not_be_used_is_no_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from sync.store.errors import StoreError
    from sync.store.store import Store

    keeper = world.keeper()
    with monkeypatch.context() as broken:
        broken.setattr(Store, "record", lambda *_, **__: (_ for _ in ()).throw(StoreError("no room", temporary=True)))
        assert keeper.keep() is None
    assert keeper.trouble == "no room"
    assert keeper.next_at() == START + timedelta(seconds=30)

    world.now = keeper.next_at()
    assert keeper.keep() is not None
    assert keeper.trouble is None
    keeper.close()


def test_a_connection_is_lost_once_and_back_once(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    import structlog

    seen: list[dict[str, Any]] = []
    structlog.configure(
        processors=[lambda _, __, event: seen.append(dict(event)) or "", structlog.processors.JSONRenderer()]
    )
    from connectors.errors import Unreachable

    keeper = world.keeper()
    for values in ({"visits": Unreachable("it is down", connection="web")}, {}, {"visits": 5}):
        world.values |= values
        world.until(keeper, world.now + timedelta(hours=1))
    structlog.reset_defaults()

    told = [(event["event"], event.get("connection")) for event in seen if "connection " in event["event"]]
    assert told == [("connection lost", "web"), ("connection back", "web")]
    assert keeper.store.conditions.of(HEALTH)["web"].value["state"] == "works"
    keeper.close()


def test_old_readings_are_thinned_to_one_a_day_and_check_ins_stay(world: World) -> None:
    world.write(WORKER + "schedule: 4h\nthin_after: 30\n")
    keeper = world.keeper()
    for step in range(12):
        world.values["visits"] = step
        world.until(keeper, START + timedelta(hours=4 * step))
    with keeper.store._engine.connect() as connection:
        before = connection.execute(text("SELECT COUNT(*) FROM readings WHERE query LIKE '%visits%'")).scalar()
    made = len(keeper.store.history(q4("visits")))

    world.now = START + timedelta(days=33)
    keeper.keep()

    with keeper.store._engine.connect() as connection:
        rows = connection.execute(text("SELECT COUNT(*) FROM readings WHERE query LIKE '%visits%'")).scalar()
    assert before == made >= 12
    assert rows == 3 + 1, "one for each of three days, and today's"
    assert len(keeper.store.history(q4("visits"))) == made
    assert keeper.store.conditions.of(JOB)["thin"].at == world.now
    keeper.close()
