"""A pass as one operation: what everything of one run has in common, and the way it takes through the house."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from cli.logs import set_up_logging
from config.load import Workspace, load
from connectors.base import Outcome
from connectors.memory.pull import MemoryConnector
from connectors.parallel import each
from mapping.records import Reason
from sync.connections import opened as OPENED
from sync.passes import Pass, run_pass
from sync.store.store import RunRecord, Store
from tests.hostile import Hostile
from tests.sync.conftest import AT

Tools = dict[str, MemoryConnector]


class Chatty(MemoryConnector):
    """Logs from its own threads, through structlog and as libraries do."""

    def read(self, queries: Collection[Any]) -> Iterator[tuple[Any, Outcome]]:
        yield from each(queries, self._loudly, workers=2)

    def _loudly(self, query: Any) -> tuple[Any, Outcome]:
        structlog.get_logger("chatty").warning("asking", query=query.name)
        logging.getLogger("library").warning("asking %s", query.name)
        return query, self._answer(query)


@pytest.fixture(autouse=True)
def ready(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def opened(_: Mapping[str, Any], names: Collection[str], *_more: Any) -> Iterator[Tools]:
        yield {name: tools[name] for name in names}

    monkeypatch.setattr("sync.passes.opened", opened)


@pytest.fixture
def recorded(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[RunRecord]:
    seen: list[RunRecord] = []
    really = store.record

    def record(run: RunRecord, *more: Any) -> Any:
        seen.append(run)
        return really(run, *more)

    monkeypatch.setattr(store, "record", record)
    return seen


def a_pass(workspace: Workspace, store: Store, *, reason: Reason = "one-shot", **more: Any) -> Pass:
    return run_pass(workspace, store, lambda: AT, reason=reason, **more)


def test_every_log_line_of_a_run_carries_its_id_and_reason(
    workspace: Workspace, tools: Tools, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    tools["crm"].__class__ = Chatty
    set_up_logging()

    made = a_pass(workspace, store, reason="schedule")

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert len(lines) == 2 * 3 + 1
    assert {(line["run"], line["reason"]) for line in lines} == {(made.run_id, "schedule")}
    assert lines[-1]["event"] == "pass recorded"
    assert (lines[-1]["key_results"], lines[-1]["check_ins"], lines[-1]["troubled"]) == (4, 4, 0)
    assert structlog.contextvars.get_contextvars() == {}


def test_what_is_recorded_carries_it_too(workspace: Workspace, store: Store, recorded: list[RunRecord]) -> None:
    made = a_pass(workspace, store, reason="hook")

    (run,) = recorded
    assert (run.run_id, run.reason, run.asked_at) == (made.run_id, "hook", AT)
    assert made.recorded == 4


def test_later_runs_sort_after_earlier_ones(workspace: Workspace, store: Store) -> None:
    ids = [
        run_pass(workspace, store, lambda at=AT + timedelta(seconds=n): at, reason="person").run_id  # type: ignore[misc]
        for n in range(3)
    ]

    assert sorted(set(ids)) == ids


def test_a_dry_pass_writes_nothing(workspace: Workspace, store: Store, recorded: list[RunRecord]) -> None:
    made = a_pass(workspace, store, dry=True)

    assert (len(made.plan.new), made.recorded, recorded) == (4, 0, [])
    assert store.last_run() is None


def test_only_those_that_are_named_are_asked(workspace: Workspace, tools: Tools, store: Store) -> None:
    answers: list[None] = []

    made = a_pass(workspace, store, only={"visits", "gone"}, on_answer=lambda: answers.append(None))

    assert [step.key_result.id for step in made.plan.steps] == ["visits"]
    assert (tools["crm"].asked, len(answers)) == ([], 1)


def test_the_walk_enters_each_package_once(
    workspace: Workspace, tools: Tools, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """plan -> ask -> assess -> record: nothing is asked once assessing has begun, and all is recorded in one go."""
    walk: list[str] = []

    def watched(where: str, step: str) -> None:
        from pydoc import locate

        module, _, name = where.rpartition(".")
        really: Any = getattr(locate(module), name)

        def call(*arguments: Any, **more: Any) -> Any:
            walk.append(step)
            return really(*arguments, **more)

        monkeypatch.setattr(where, call)

    watched("sync.questions.render", "config: plan")
    watched("connectors.memory.pull.MemoryConnector.read", "connectors: ask")
    watched("sync.plan.assess", "mapping: assess")
    watched("sync.store.store.Store.record", "store: record")

    a_pass(workspace, store)

    assert list(dict.fromkeys(walk)) == ["config: plan", "connectors: ask", "mapping: assess", "store: record"]
    assert walk == sorted(walk, key=list(dict.fromkeys(walk)).index)
    assert (walk.count("connectors: ask"), walk.count("mapping: assess"), walk.count("store: record")) == (2, 4, 1)


@pytest.mark.parametrize("kind", ["dripping header", "dripping body"])
def test_a_pass_of_a_service_lets_go_of_what_never_answers(tmp_path: Path, store: Store, kind: str) -> None:
    """Nobody ends the process there: sockets are closed, and no thread stays."""
    with Hostile(kind) as server:
        (tmp_path / "okrs").mkdir()
        (tmp_path / "okrsync.yaml").write_text(
            f"deadline: 0.5\nconnections:\n  http: {{url: '{server.url}', allow_private: true, timeout: 600,"
            " max_bytes: 1000000000}\n"
        )
        (tmp_path / "okrs" / "a.yaml").write_text(OKRS_OF_ONE)
        before, begun = workers(), time.monotonic()

        made = really_opened(load(tmp_path), store)

        assert time.monotonic() - begun < 5
        assert [step.temporary for step in made.plan.troubled] == [True]  # type: ignore[union-attr]
        assert server.let_go.wait(5)
    until = time.monotonic() + 5
    while workers() > before and time.monotonic() < until:
        time.sleep(0.02)
    assert workers() <= before


def workers() -> int:
    return sum(thread.name.startswith("ThreadPoolExecutor") for thread in threading.enumerate())


OKRS_OF_ONE = """
cycle: 2026-Q4
objectives:
  - id: o
    title: O
    key_results:
      - {id: a, title: A, start: 0, target: 9, value: {http: {get: /, select: n}}}
"""


def really_opened(workspace: Workspace, store: Store) -> Pass:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sync.passes.opened", OPENED)
        return a_pass(workspace, store)
