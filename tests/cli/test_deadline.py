"""A one-shot process is gone soon after its deadline, with everything recorded that came in time, whatever a source
does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from sync.store.store import Store
from tests.hostile import DRIPS, KINDS, Hostile
from tests.sweep import sweep

DEADLINE = 2.0
GRACE = 5.0
ASKED = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
UP = f"the run's deadline of {DEADLINE:g} seconds passed before an answer came"


class Workspace:
    """A value that comes at once, and one from each slow source."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.connections = ["memory: {values: {quick: 42}}"]
        self.key_results = ["{id: quick, title: Quick, start: 0, target: 100, value: {memory: quick}}"]

    def add(self, name: str, connection: str, value: str) -> None:
        self.connections.append(f"{name}: {connection}")
        self.key_results.append(f"{{id: {name}, title: {name}, start: 0, target: 100, value: {value}}}")

    def add_hostile(self, kind: str, url: str) -> None:
        name = kind.replace(" ", "-")
        options = f"{{type: http, url: '{url}', allow_private: true, timeout: 600, max_bytes: 1000000000}}"
        query = f"{{connection: {name}, http: {{get: /, select: 'sum(items)', next: next, items: '[value]'}}}}"
        self.add(name, options, query)

    def sync(self, **secrets: str) -> subprocess.Popen[str]:
        (self.folder / "okrs").mkdir()
        lines = ["objectives:", "  - id: o", "    title: O", "    key_results:"]
        lines += [f"      - {one}" for one in self.key_results]
        (self.folder / "okrs" / "a.yaml").write_text("\n".join(["cycle: 2026-Q4", *lines]))
        settings = [f"deadline: {DEADLINE:g}", "connections:", *(f"  {one}" for one in self.connections)]
        (self.folder / "okrsync.yaml").write_text("\n".join(settings))
        return subprocess.Popen(
            [sys.executable, "-c", "from cli.main import main; main()", "-c", self.folder, "sync", "--json"],
            env={**os.environ, **secrets, "OKRSYNC_STORE": f"sqlite:///{self.folder}/s.sqlite"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def recorded(self) -> tuple[set[str], dict[str, str | None]]:
        """Which key results have a value, and what is the matter with the others."""
        store = Store.open(f"sqlite:///{self.folder}/s.sqlite")
        try:
            outcomes = store.last_outcomes().values()
            return {key.id for key in store.last_check_ins()}, {
                one.key_result: one.cause for one in outcomes if one.cause
            }
        finally:
            store.close()


def ended(process: subprocess.Popen[str]) -> tuple[float, dict[str, str]]:
    """When the process was gone, and what it said of each key result."""
    try:
        out, err = process.communicate(timeout=100)
    finally:
        process.kill()
    over = time.monotonic()
    assert process.returncode == 3, err
    return over, {one["key_result"]: one["outcome"] for one in json.loads(out)["key_results"]}


def test_a_run_ends_when_its_time_is_up(tmp_path: Path) -> None:
    made = Workspace(tmp_path)
    with ExitStack() as stack:
        servers = [stack.enter_context(Hostile(kind)) for kind in DRIPS]
        for server in servers:
            made.add_hostile(server.kind, server.url)
        over, said = ended(made.sync())

    assert over - max(server.first_asked or over for server in servers) < DEADLINE + GRACE
    assert said == {
        "quick": "changed",
        "silent": "unavailable",
        "dripping-header": "unavailable",
        "dripping-body": "unavailable",
    }
    assert made.recorded() == ({"quick"}, dict.fromkeys(sorted(set(said) - {"quick"}), UP))


def test_a_database_that_stands_still_holds_no_run(tmp_path: Path, postgres: str) -> None:
    made = Workspace(tmp_path)
    made.add(
        "dwh",
        "{type: sql, url: '${DWH_URL}'}",
        '{connection: dwh, sql: "SELECT count(*) FROM (SELECT pg_sleep(40)) s"}',
    )
    process = made.sync(DWH_URL=postgres)
    engine = create_engine(postgres)
    pid = None
    try:
        while pid is None and process.poll() is None:
            with engine.connect() as admin:
                pid = admin.exec_driver_sql(ASKED).scalar()
        asked = time.monotonic()
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)

        over, said = ended(process)
    finally:
        if pid is not None:
            os.kill(pid, signal.SIGCONT)
        engine.dispose()

    assert over - asked < DEADLINE + GRACE
    assert said == {"quick": "changed", "dwh": "unavailable"}
    assert made.recorded() == ({"quick"}, {"dwh": UP})


@pytest.mark.parametrize("kind", sweep([], list(KINDS)))
def test_a_run_ends_whatever_answers(tmp_path: Path, kind: str) -> None:
    made = Workspace(tmp_path)
    with Hostile(kind) as server:
        made.add_hostile(kind, server.url)
        over, said = ended(made.sync())

    assert server.first_asked is not None
    assert over - server.first_asked < DEADLINE + GRACE
    assert set(said.values()) == {"changed", "unavailable"}
    assert made.recorded()[0] == {"quick"}
