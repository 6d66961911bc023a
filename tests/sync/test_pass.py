"""One pass of the loop: what is asked, what is recorded, and what a failure does."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from config.load import Workspace
from connectors.errors import BadCredentials, BadQuery, Throttled, Unreachable
from connectors.memory.pull import MemoryConnector
from mapping.assess import CheckIn, Failed, NewCheckIn, Unchanged
from sync.overview import overview
from sync.plan import Plan, make_plan
from sync.record import record
from sync.store.store import Store
from tests.sync.conftest import AT, q4

Tools = dict[str, MemoryConnector]


def sync(workspace: Workspace, tools: Tools, store: Store, at: datetime = AT) -> Plan:
    plan = make_plan(workspace, tools, store.last_check_ins(), at)
    record(plan, store, at)
    return plan


def test_everything_is_recorded_with_its_evidence(workspace: Workspace, tools: Tools, store: Store) -> None:
    sync(workspace, tools, store)

    last = store.last_check_ins()
    assert set(last) == set(map(q4, ("sales", "ratio", "size", "visits")))
    ratio = last[q4("ratio")]
    assert (ratio.value.amount, str(ratio.value.unit)) == (Decimal("0.83"), "percent")
    assert ratio.progress == Decimal("0.3")
    assert ratio.filled == "83 / 100"
    assert [used.evidence.connection for used in ratio.inputs] == ["crm", "crm"]
    assert ratio.inputs[0].evidence.asked_at == AT
    assert all(outcome.state == "current" for outcome in store.last_outcomes().values())


def test_what_is_recorded_reads_back_the_same(workspace: Workspace, tools: Tools, store: Store) -> None:
    plan = sync(workspace, tools, store)

    assert store.last_check_ins() == {made.key: made for made in plan.new}


def test_equal_questions_are_asked_once(workspace: Workspace, tools: Tools, store: Store) -> None:
    sync(workspace, tools, store)

    assert [sorted(names) for names in tools["crm"].asked] == [["contacts", "matched", "won"]]


def test_running_twice_writes_once(workspace: Workspace, tools: Tools, store: Store) -> None:
    sync(workspace, tools, store)
    again = sync(workspace, tools, store, AT + timedelta(minutes=5))

    assert again.new == []
    assert all(isinstance(step.assessment, Unchanged) for step in again.steps)
    assert len(store.history(q4("sales"))) == 1


def test_only_what_changed_is_written(workspace: Workspace, tools: Tools, store: Store) -> None:
    sync(workspace, tools, store)
    tools["web"].values["visits"] = Decimal("450.5")

    sync(workspace, tools, store, AT + timedelta(hours=1))

    assert [made.value.amount for made in store.history(q4("visits"))] == [Decimal(400), Decimal("450.5")]
    assert len(store.history(q4("sales"))) == 1


@pytest.mark.parametrize("kind", [Throttled, Unreachable, BadCredentials, BadQuery])
def test_a_failing_source_damages_nothing(workspace: Workspace, tools: Tools, store: Store, kind: type[Any]) -> None:
    sync(workspace, tools, store)
    tools["crm"].values["contacts"] = kind("it went wrong", connection="crm", fix="do this")
    tools["web"].values["visits"] = Decimal(500)

    plan = sync(workspace, tools, store, AT + timedelta(hours=1))

    last = store.last_check_ins()
    assert last[q4("ratio")].value.amount == Decimal("0.83")
    assert last[q4("visits")].value.amount == 500
    assert {made.kind for made in plan.troubled} == {kind.__name__}  # type: ignore[union-attr]
    seen = {view.key_result.id: view for view in overview(workspace, store, AT).objectives[0].key_results}
    assert seen["ratio"].stale is not None
    assert (seen["ratio"].stale.cause, seen["ratio"].stale.fix) == ("it went wrong", "do this")
    assert seen["visits"].stale is None


def test_it_is_current_again_when_the_source_is_back(workspace: Workspace, tools: Tools, store: Store) -> None:
    tools["web"].values["visits"] = Unreachable("down", connection="web")
    sync(workspace, tools, store)
    assert q4("visits") not in store.last_check_ins()

    tools["web"].values["visits"] = Decimal(7)
    sync(workspace, tools, store, AT + timedelta(hours=1))

    assert store.last_check_ins()[q4("visits")].value.amount == 7
    assert store.last_outcomes()[q4("visits")].state == "current"


def test_none_is_not_zero(workspace: Workspace, tools: Tools, store: Store) -> None:
    sync(workspace, tools, store)
    tools["web"].values["visits"] = None

    sync(workspace, tools, store, AT + timedelta(hours=1))

    assert store.last_check_ins()[q4("visits")].value.amount == 400
    assert store.last_outcomes()[q4("visits")].state == "no value"


def test_one_unknown_key_result_is_not_a_zero_in_the_roll_up(workspace: Workspace, tools: Tools, store: Store) -> None:
    tools["web"].values["visits"] = None
    sync(workspace, tools, store)

    rolled = overview(workspace, store, AT).objectives[0].roll_up

    assert (rolled.known, rolled.total) == (3, 4)
    assert rolled.progress is not None
    assert round(rolled.progress, 20) == round((Decimal(1) / 3 + Decimal("0.3") + Decimal("0.5")) / 3, 20)


class Broken(MemoryConnector):
    def read(self, queries: Collection[Any]) -> Iterator[Any]:
        for query in list(queries)[:1]:
            yield query, self._answer(query)
        raise RuntimeError("a defect")


class Forgetful(MemoryConnector):
    def read(self, queries: Collection[Any]) -> Iterator[Any]:
        yield from list(super().read(queries))[:1]


@pytest.mark.parametrize("kind", [Broken, Forgetful])
def test_a_defect_of_one_connector_stops_no_other(
    workspace: Workspace, tools: Tools, store: Store, kind: type[MemoryConnector]
) -> None:
    tools["crm"].__class__ = kind

    plan = sync(workspace, tools, store)

    assert store.last_check_ins()[q4("visits")].value.amount == 400
    assert len(plan.troubled) == 2
    assert all("connector" in made.cause for made in plan.troubled)


def test_a_plan_writes_nothing(workspace: Workspace, tools: Tools, store: Store) -> None:
    plan = make_plan(workspace, tools, store.last_check_ins(), AT)

    assert len(plan.new) == 4
    assert store.last_check_ins() == {}
    assert store.last_run() is None


def test_only_those_that_are_named(workspace: Workspace, tools: Tools, store: Store) -> None:
    plan = make_plan(workspace, tools, {}, AT, only=frozenset({"visits"}))

    assert [step.key_result.id for step in plan.steps] == ["visits"]
    assert tools["crm"].asked == []


def test_two_passes_at_once_write_once(workspace: Workspace, tools: Tools, store: Store) -> None:
    plans = [make_plan(workspace, tools, store.last_check_ins(), AT) for _ in range(2)]

    written = [record(plan, store, AT).check_ins for plan in plans]

    assert written == [4, 0]
    assert len(store.history(q4("sales"))) == 1


def test_a_crash_before_the_end_leaves_nothing_behind(
    workspace: Workspace, tools: Tools, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make_plan(workspace, tools, {}, AT)

    def crash(_: CheckIn) -> Any:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr("sync.store.recording.check_in_row", crash)
        with pytest.raises(MemoryError):
            record(plan, store, AT)

    assert store.last_run() is None
    assert store.last_check_ins() == {}
    assert record(plan, store, AT).check_ins == 4


def test_history_is_exact(workspace: Workspace, tools: Tools, store: Store) -> None:
    exact = Decimal("12345678.901234567890123456789")
    tools["crm"].values["won"] = exact

    sync(workspace, tools, store)

    assert store.history(q4("sales"))[0].value.amount == exact
    assert store.history(q4("sales"))[0].at == AT


def test_plan_says_what_is_new(workspace: Workspace, tools: Tools) -> None:
    plan = make_plan(workspace, tools, {}, AT)

    assert all(isinstance(step.assessment, NewCheckIn) for step in plan.steps)


class Slow(MemoryConnector):
    """Answers one question, then hangs until it is told to stop."""

    def read(self, queries: Collection[Any]) -> Iterator[tuple[Any, Any]]:
        self.stopped = threading.Event()
        for query in queries:
            yield query, self._answer(query)
            if self.stopped.wait(20):
                return

    def stop(self) -> None:
        self.stopped.set()


def test_what_a_run_did_not_reach_is_unavailable(workspace: Workspace, tools: Tools, store: Store) -> None:
    sync(workspace, tools, store)
    tools["crm"].__class__ = Slow

    plan = sync(replace(workspace, deadline=0.2), tools, store, AT + timedelta(hours=1))

    lost = [made for made in plan.troubled if isinstance(made, Failed)]
    assert lost
    assert all("deadline of 0.2 seconds" in made.cause and made.temporary and made.fix for made in lost)
    assert store.last_outcomes()[q4("visits")].state == "current"
    assert store.last_check_ins()[q4("ratio")].progress == Decimal("0.3")
