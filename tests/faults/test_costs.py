"""What a pass against a hostile source costs: its time and memory, by a process of its own.

`make torture TESTS=tests/faults/test_costs.py` prints the table of all of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.hostile import KINDS, Hostile
from tests.sweep import TORTURE, sweep

DEADLINE = 5
SECONDS = DEADLINE + 5
STARTED = 15
"""Seconds that a process may take on a busy machine before it asks anything."""
MEGABYTES = 300
TOOLS = {
    "http": ("http: {url: $URL, allow_private: true}", "{http: {get: /, select: 'sum(items)', next: next, items: '[value]'}}"),
    "jira": ("jira: {url: $URL, email: a@acme.com, token: '${SECRET}'}", "{jira: {count: 'project = A'}}"),
    "salesforce": (
        "salesforce: {url: $URL, client_id: c, client_secret: '${SECRET}'}",
        '{salesforce: "SELECT COUNT(Id) FROM Account"}',
    ),
    "graph": (
        "graph: {url: $URL, login_url: $URL, tenant: t, client_id: c, client_secret: '${SECRET}'}",
        "{graph: {get: /users/$count, select: '@'}}",
    ),
}  # fmt: skip
DATABASE = {
    "endless rows": "SELECT generate_series(1, 2000000000)",
    "one fat value": "SELECT repeat('x', 500000000)",
    "no end": "SELECT count(*) FROM (SELECT pg_sleep(600)) AS s",
}

OKRSYNC = "from cli.main import main; main()"
FROM_A_SMALL_PROCESS = """
import os, sys
quiet = [(os.POSIX_SPAWN_OPEN, out, os.devnull, os.O_WRONLY, 0) for out in (1, 2)]
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_, status, used = os.wait4(pid, 0)
print(used.ru_maxrss, os.waitstatus_to_exitcode(status))
"""
"""A process takes its peak over from the one that starts it, which the tests' own process would spoil."""


def cost(folder: Path, connection: str, query: str, secret: str = "a-secret-of-ours") -> tuple[float, float]:
    """When one `okrsync sync` was over, and the megabytes that it took at most."""
    (folder / "okrs").mkdir()
    (folder / "okrsync.yaml").write_text(f"deadline: {DEADLINE}\nconnections:\n  {connection}\n")
    (folder / "okrs" / "a.yaml").write_text(
        "cycle: 2026-Q4\nobjectives:\n  - id: o\n    title: O\n    key_results:\n"
        f"      - {{id: a, title: A, start: 0, target: 9, value: {query}}}\n"
    )
    ran = subprocess.run(
        [sys.executable, "-S", "-c", FROM_A_SMALL_PROCESS, sys.executable, "-c", OKRSYNC, "-c", str(folder), "sync"],
        env={**os.environ, "SECRET": secret, "OKRSYNC_STORE": f"sqlite:///{folder}/s.sqlite"},
        capture_output=True,
        text=True,
        check=False,
    )
    over = time.monotonic()
    kilobytes, code = map(int, ran.stdout.splitlines()[-1].split())
    assert code in (3, 4), code
    return over, kilobytes / 1024


@contextmanager
def told(capsys: pytest.CaptureFixture[str], what: str) -> Iterator[list[float]]:
    found: list[float] = []
    yield found
    if TORTURE:
        with capsys.disabled():
            print(f"| {what} | {found[0]:.1f} s | {found[1]:.0f} MB |")


@pytest.mark.parametrize(
    ("tool", "kind"), sweep([("http", "gzip bomb")], [(tool, kind) for tool in TOOLS for kind in KINDS])
)
def test_a_hostile_server_costs_no_more_than_its_bounds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], tool: str, kind: str
) -> None:
    connection, query = TOOLS[tool]
    with Hostile(kind) as server, told(capsys, f"{tool}, {kind}") as found:
        over, megabytes = cost(tmp_path, connection.replace("$URL", server.url), query)
        found += [over - (server.first_asked or 0), megabytes]

    assert found[0] < SECONDS
    assert found[1] < MEGABYTES


@pytest.mark.parametrize("kind", sweep([], list(DATABASE)))
def test_a_hostile_query_costs_no_more_than_its_bounds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], postgres: str, kind: str
) -> None:
    query = f'{{sql: "{DATABASE[kind]}"}}'
    with told(capsys, f"PostgreSQL, {kind}") as found:
        begun = time.monotonic()
        over, megabytes = cost(tmp_path, "sql: {url: '${SECRET}'}", query, postgres)
        found += [over - begun, megabytes]

    assert found[0] < SECONDS + STARTED
    assert found[1] < MEGABYTES
