"""Several writers at once: none doubled, none lost, and one pass at a time."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from config.load import Workspace
from mapping.assess import NewCheckIn
from mapping.records import PIN, Action
from sync.holder import is_gone, this_process
from sync.lease import lease
from sync.people import check_in
from sync.plan import Plan, make_plan
from sync.record import record
from sync.standing import standing_of
from sync.store.errors import StoreError
from sync.store.leasing import LASTS
from sync.store.store import Store
from sync.store.writing import LeaseLost
from tests.sweep import sweep
from tests.sync.conftest import AT, connector, empty, q4

WRITERS = 5
HOUR = timedelta(hours=1)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/s.sqlite"
    found: str = request.getfixturevalue("postgres")
    empty(found)
    return found


@pytest.fixture
def stores(url: str) -> Iterator[list[Store]]:
    made = [Store.open(url) for _ in range(WRITERS)]
    yield made
    for store in made:
        store.close()


def planned(workspace: Workspace, store: Store, at: datetime, visits: int) -> Plan:
    tools = {
        "crm": connector(
            "crm", {"won": Decimal(13_000_000), "matched": Decimal(83), "contacts": Decimal(100)}, lambda: at
        ),
        "web": connector("web", {"visits": Decimal(visits)}, lambda: at),
    }
    return make_plan(workspace, tools, store.last_check_ins(), at, standing=standing_of(store, UTC))


def at_once(actions: list[Callable[[], Any]]) -> list[Any]:
    barrier = threading.Barrier(len(actions))

    def go(action: Callable[[], Any]) -> Any:
        barrier.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(go, actions))


def test_five_writers_at_once_double_nothing(stores: list[Store], workspace: Workspace) -> None:
    """They record without the lease, so that the transactions alone have to keep them apart."""
    rounds = sweep(3, 100)
    for n in range(1, rounds + 1):
        at = AT + n * HOUR
        plans = [planned(workspace, store, at, 300 + n) for store in stores]
        written = at_once(
            [
                lambda plan=plan, store=store, at=at: record(plan, store, at).check_ins
                for plan, store in zip(plans, stores, strict=True)
            ]
        )
        assert sorted(written) == [0] * (WRITERS - 1) + [max(written)]

    assert len(stores[0].history(q4("visits"))) == rounds
    assert len(stores[0].history(q4("sales"))) == 1
    assert [made.value.amount for made in stores[0].history(q4("visits"))] == [300 + n for n in range(1, rounds + 1)]


def test_people_and_passes_at_once_lose_nothing(stores: list[Store], workspace: Workspace) -> None:
    binding = workspace.bindings["visits"]
    for n in range(1, sweep(2, 40) + 1):
        at = AT + n * HOUR
        plan = planned(workspace, stores[0], at, 300 + n)
        before = len(stores[0].people.actions(q4("visits")))
        at_once(
            [
                lambda plan=plan, at=at: record(plan, stores[0], at),
                *(
                    lambda store=store, at=at, n=n: check_in(
                        store, binding, at, by=f"p{n}", zone=UTC, note="seen", value=None
                    )
                    for store in stores[1:]
                ),
            ]
        )
        assert len(stores[0].people.actions(q4("visits"))) == before + WRITERS - 1


def test_a_pass_that_asked_earlier_replaces_nothing(stores: list[Store], workspace: Workspace) -> None:
    slow = planned(workspace, stores[0], AT, 111)
    record(planned(workspace, stores[1], AT + HOUR, 222), stores[1], AT + HOUR)

    record(slow, stores[0], AT + 2 * HOUR)

    assert stores[0].last_check_ins()[q4("visits")].value.amount == 222
    assert [made.value.amount for made in stores[0].history(q4("visits"))] == [222]


def test_what_a_person_says_while_sources_are_asked_stands(stores: list[Store], workspace: Workspace) -> None:
    record(planned(workspace, stores[0], AT, 400), stores[0], AT)
    plan = planned(workspace, stores[0], AT + HOUR, 500)
    key = q4("visits")
    said = Action(key_result=key.id, cycle=key.cycle, at=AT, by="ada", action=PIN)
    stores[1].people.act(said)

    record(plan, stores[0], AT + HOUR)

    assert stores[0].last_check_ins()[key].value.amount == 400
    assert stores[0].last_run() is not None


def test_one_pass_at_a_time(stores: list[Store]) -> None:
    most, inside = [], []

    def go(store: Store) -> None:
        with lease(store, 60) as token:
            inside.append(token)
            most.append(len(inside))
            inside.remove(token)

    at_once([lambda store=store: go(store) for store in stores])

    assert most == [1] * WRITERS


def test_who_waits_too_long_asks_nothing(stores: list[Store]) -> None:
    with lease(stores[0], 1):
        with pytest.raises(
            StoreError, match=r"Another pass is running \(process \d+ on .*\); nothing was asked"
        ) as raised:
            with lease(stores[1], 0.1):
                pass

    assert raised.value.temporary
    with lease(stores[1], 0.1):
        pass


def test_the_lease_of_a_process_that_is_gone_is_taken_at_once(url: str, stores: list[Store]) -> None:
    script = (
        "import os, sys; from sync.store.store import Store; from sync.holder import *\n"
        "assert Store.open(sys.argv[1]).take_lease(this_process(), is_gone)[0]; os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", script, url], check=False).returncode == 9

    with lease(stores[0], 0.1) as token:
        assert token == 2


def test_the_lease_of_another_machine_runs_out(url: str, stores: list[Store]) -> None:
    elsewhere = '{"host": "other", "machine": "other", "pid": 1, "started": "1"}'
    first, _ = stores[0].take_lease(elsewhere, is_gone)
    assert stores[1].take_lease(this_process(), is_gone) == (None, elsewhere)

    engine = create_engine(url)
    with engine.begin() as connection:
        ago = (
            "until - interval '31 seconds'"
            if engine.dialect.name == "postgresql"
            else "datetime(until, '-31 seconds') || '.000000'"
        )
        connection.execute(text(f"UPDATE leases SET until = {ago}"))
    engine.dispose()

    second, _ = stores[1].take_lease(this_process(), is_gone)
    assert (first, second) == (1, 2)
    assert timedelta(seconds=30) == LASTS


def test_a_pass_that_lost_its_lease_records_nothing(stores: list[Store], workspace: Workspace) -> None:
    slow = planned(workspace, stores[0], AT, 1)
    first, _ = stores[0].take_lease("{}", is_gone)
    second, _ = stores[1].take_lease(this_process(), lambda _: True)
    record(planned(workspace, stores[1], AT, 2), stores[1], AT, token=second)

    with pytest.raises(LeaseLost) as raised:
        record(slow, stores[0], AT, token=first)

    assert raised.value.temporary
    assert [made.value.amount for made in stores[0].history(q4("visits"))] == [2]


def test_a_run_is_recorded_once_though_its_answer_is_lost(stores: list[Store], workspace: Workspace) -> None:
    plan = planned(workspace, stores[0], AT, 5)
    first, again = (record(plan, store, AT, run_id="one") for store in stores[:2])
    assert first == again
    assert first.check_ins == 4


def test_a_store_connection_that_was_dropped_is_made_anew(url: str, stores: list[Store], workspace: Workspace) -> None:
    if url.startswith("sqlite"):
        pytest.skip("a file has no connection to lose")
    plan = planned(workspace, stores[0], AT, 5)
    engine = create_engine(url)
    with engine.begin() as connection:
        mine = "pid <> pg_backend_pid() AND datname = current_database()"
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}"))
    engine.dispose()

    assert record(plan, stores[0], AT).check_ins == 4


def test_a_row_that_can_not_be_written_costs_its_own_key_result(stores: list[Store], workspace: Workspace) -> None:
    plan = planned(workspace, stores[0], AT, 5)
    assert record(plan, stores[0], AT).check_ins == 4
    later = planned(workspace, stores[0], AT + HOUR, 6)
    steps = tuple(
        replace(step, assessment=NewCheckIn(check_in=replace(made.check_in, confidence=2**70)))
        if isinstance(made := step.assessment, NewCheckIn)
        else replace(step, assessment=NewCheckIn(check_in=replace(step.last, asked_at=AT + HOUR, note="new")))
        for step in later.steps
        if step.last is not None
    )

    made = record(replace(later, steps=steps), stores[0], AT + HOUR)

    assert made.check_ins == 3
    assert set(made.refused) == {q4("visits")}

    outcome = stores[0].last_outcomes()[q4("visits")]
    assert (outcome.state, outcome.kind) == ("unavailable", "NotRecorded")
    assert stores[0].last_check_ins()[q4("visits")].value.amount == 5
    assert stores[0].last_check_ins()[q4("sales")].note == "new"
