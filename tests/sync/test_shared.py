"""Several replicas share the work through PostgreSQL: a tick is one pass, a burst is one pass, a worker that is killed
is followed by another."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from connectors.memory.pull import MemoryConnector
from sync.clock import utc_now
from sync.engines import shared
from sync.engines.queue import plain, prepare
from sync.engines.shared import SharedEngine
from sync.keeper import Keeper
from sync.passes import Pass
from sync.store import leasing
from tests.sync.conftest import OKRS, WORKER, empty

PATIENCE = 60.0
KILLED = """
import os, signal, sys
from pathlib import Path
from connectors.memory.pull import MemoryConnector
from sync.clock import utc_now
from sync.engines import shared
from sync.keeper import Keeper
shared.HEARTBEAT, shared.STALLED = 0.2, 1.0
def read(self, queries):
    print("asking", flush=True)
    os.kill(os.getpid(), int(sys.argv[3]))
MemoryConnector.read = read
keeper = Keeper(Path(sys.argv[1]), utc_now)
engine = shared.SharedEngine({keeper.name: keeper}, utc_now, sys.argv[2], works=True)
engine.start()
signal.pause()
"""
STOPPED = """
import os, signal, sys
from datetime import timedelta
from pathlib import Path
import sync.store.leasing
sync.store.leasing.LASTS = timedelta(seconds=2)
from connectors.memory.pull import MemoryConnector
from sync.clock import utc_now
from sync.keeper import Keeper
honest = MemoryConnector.read
def read(self, queries):
    if self.name == "crm":
        print("asking", flush=True)
        os.kill(os.getpid(), signal.SIGSTOP)
    yield from honest(self, queries)
MemoryConnector.read = read
keeper = Keeper(Path(sys.argv[1]), utc_now)
keeper.on_pass.append(lambda *_: print("recorded"))
keeper.keep()
print(keeper.trouble, flush=True)
"""


@pytest.fixture
def queue(postgres: str) -> str:
    empty(postgres)
    return postgres


@pytest.fixture
def folder(tmp_path: Path, queue: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OKRSYNC_STORE", queue)
    monkeypatch.setenv("OKRSYNC_QUEUE", queue)
    monkeypatch.setattr(shared, "HEARTBEAT", 0.2)
    monkeypatch.setattr(shared, "STALLED", 1.0)
    monkeypatch.setattr(shared, "RESCUE", "* * * * * *")
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okrsync.yaml").write_text(WORKER + "workspace: acme\n")
    (tmp_path / "okrs" / "a.yaml").write_text(OKRS)
    return tmp_path


class Replica:
    def __init__(self, folder: Path, queue: str, *, works: bool = True) -> None:
        self.keeper = Keeper(folder, utc_now)
        self.engine = SharedEngine({"acme": self.keeper}, utc_now, queue, works=works)
        self.passes: list[Pass] = []
        self.passed = threading.Semaphore(0)
        self.keeper.on_pass.append(self._note)
        self.engine.start()

    def _note(self, _: Keeper, made: Pass) -> None:
        self.passes.append(made)
        self.passed.release()

    def end(self) -> None:
        assert self.engine.stop(20)
        self.keeper.close()


@pytest.fixture
def replica(folder: Path, queue: str) -> Iterator[Callable[..., Replica]]:
    made: list[Replica] = []

    def start(**options: Any) -> Replica:
        made.append(Replica(folder, queue, **options))
        return made[-1]

    yield start
    for one in made:
        one.end()


def jobs(queue: str, where: str = "status = 'todo' AND task_name = 'okrsync.keep'") -> int:
    with psycopg.connect(plain(queue)) as connection:
        found = connection.execute(f"SELECT COUNT(*) FROM procrastinate_jobs WHERE {where}").fetchone()  # type: ignore[arg-type]
    assert found is not None
    return int(found[0])


def test_a_burst_is_one_queued_pass(replica: Callable[..., Replica], queue: str) -> None:
    web = replica(works=False)
    web.engine._woken = _NeverWoken()
    for _ in range(20):
        web.keeper.store.inbox.ask(["sales"], utc_now())
        web.keeper.wake()
    assert jobs(queue) == 1

    worker = replica()
    assert worker.passed.acquire(timeout=PATIENCE)
    assert web.keeper.store.inbox.waiting(utc_now()) == []
    assert web.engine.waiting().jobs == 0


class _NeverWoken(dict[str, float]):
    def get(self, *_: Any) -> Any:
        return -1000.0


def test_two_workers_never_make_a_pass_at_once(
    replica: Callable[..., Replica], monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, most = [0], [0]
    honest = MemoryConnector.read

    def read(self: MemoryConnector, queries: Any) -> Iterator[Any]:
        if self.name == "crm":
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        yield from honest(self, queries)
        if self.name == "crm":
            inside[0] -= 1

    monkeypatch.setattr(MemoryConnector, "read", read)
    workers = [replica(), replica()]
    passed = threading.Semaphore(0)
    for one in workers:
        one.keeper.on_pass.append(lambda *_: passed.release())
    for _ in range(6):
        workers[0].keeper.store.inbox.ask(["sales"], utc_now())
        for one in workers:
            one.engine._defer("acme", "now")
        assert passed.acquire(timeout=PATIENCE)

    assert most == [1]
    assert all(len(made.plan.steps) in (1, 4) for one in workers for made in one.passes)


def test_a_killed_workers_job_is_taken_over(replica: Callable[..., Replica], folder: Path, queue: str) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), queue, "9"], stdout=subprocess.PIPE, text=True, check=False
    )
    assert killed.stdout == "asking\n"
    assert jobs(queue, "status = 'doing' AND task_name = 'okrsync.keep'") == 1

    worker = replica()

    assert worker.passed.acquire(timeout=PATIENCE)
    assert len(worker.passes[0].plan.steps) == 4


def test_a_worker_that_stood_still_records_nothing(
    replica: Callable[..., Replica], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leasing, "LASTS", timedelta(seconds=2))
    stopped = subprocess.Popen([sys.executable, "-c", STOPPED, str(folder)], stdout=subprocess.PIPE, text=True)
    assert stopped.stdout is not None
    assert stopped.stdout.readline() == "asking\n"

    worker = replica()
    assert worker.passed.acquire(timeout=PATIENCE), "it was not taken over"
    stopped.send_signal(signal.SIGCONT)

    said, _ = stopped.communicate(timeout=PATIENCE)
    assert "Nothing of this pass is recorded" in said
    assert "recorded" not in said.splitlines()
    assert len(worker.passes) == 1


def test_replicas_that_start_at_once_make_the_tables_once(queue: str) -> None:
    made: list[bool] = []
    threads = [threading.Thread(target=lambda: made.append(prepare(queue))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(made) == [False, False, False, True]


def test_pacing_holds_across_replicas(replica: Callable[..., Replica], queue: str) -> None:
    from connectors.pacing import limiter

    replica(works=False)
    one, other = limiter("crm", 3), limiter("crm", 3)

    taken = [each.try_acquire("crm", blocking=False) for each in (one, other) for _ in range(3)]

    assert sum(bool(found) for found in taken) == 3
