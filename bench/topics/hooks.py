"""Webhooks: how soon they are answered, and how soon what changed is recorded."""

from __future__ import annotations

import base64
import json
import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from socket import socket
from statistics import median
from urllib.request import Request, urlopen

from bench.page import Page
from bench.processes import OKRSYNC, once
from bench.ringing import SECRET, Bell
from bench.runs import Bench, surroundings
from bench.stand_ins import sandbox
from bench.world import World, write_data, write_world

TITLE = "Webhooks"
ABOUT = """`okrsync serve` over a SQLite file with 100 key results on Jira, rung by this process on the same machine
with signed events, each another one. A call is answered once it is written down; one that
comes by the clock waits since it was due. *Recorded* is the time from the
sending of one event, after a change in Jira, to the check-in in the store; the wait for further events, 2 s, is part of
it."""
KEY_RESULTS, CALLS, ROUNDS = 100, 1_000, 3
SECONDS_TO_START, SECONDS_TO_RECORD = 60.0, 30.0
EMAIL = "okrsync@example.com"


def run(bench: Bench, page: Page) -> None:
    write_data(bench.folder / "data")
    workspace = bench.folder / "workspace"
    write_world(workspace, World(count=KEY_RESULTS, tools=("jira",)))
    file = workspace / "okrsync.yaml"
    file.write_text(file.read_text().replace('token: "${JIRA_TOKEN}"', f'token: "${{JIRA_TOKEN}}", {HOOKED}'))
    calls = min(CALLS, bench.sizes.shared)
    with sandbox(bench.folder / "data") as tools:
        environment = {**os.environ, **tools.environment, **surroundings(workspace), "BENCH_HOOK_SECRET": SECRET}
        once([*OKRSYNC, "-c", str(workspace), "sync"], environment)
        with serving(workspace, environment) as url:
            bell = Bell(url=url, path="/hooks/workspace/jira")
            # First, for what bursts touch is asked again a minute later, in the midst of it.
            _recorded(bell, workspace, tools.environment, page)
            table = page.table("at once", "calls", "median ms", "p99 ms", "most ms", "calls a second")
            for at_once in (1, 8):
                begun = time.perf_counter()
                took = sorted(bell.burst(at_once * 1_000_000, calls, at_once))
                each = [one * 1000 for one in _three(took)]
                speed = calls / (time.perf_counter() - begun)
                table.add(at_once, calls, *(f"{one:.1f}" for one in each), f"{speed:.0f}")
            bench.look_at_the_clock()
            steady = page.table("a second", "calls", "median ms", "p99 ms", "most ms")
            for a_second in (100, 500):
                took = sorted(bell.steady(a_second * 100_000, 2 * calls, a_second))
                steady.add(a_second, len(took), *(f"{one * 1000:.1f}" for one in _three(took)))


def _three(took: Sequence[float]) -> tuple[float, float, float]:
    return median(took), took[int(len(took) * 0.99)], took[-1]


HOOKED = 'hook_secret: "${BENCH_HOOK_SECRET}"'


def _recorded(bell: Bell, workspace: Path, environment: Mapping[str, str], page: Page) -> None:
    _settled(workspace)
    took: list[float] = []
    for number in range(ROUNDS):
        before = _check_ins(workspace)
        change(environment, number)
        begun = time.perf_counter()
        bell.ring([900_000_000 + number])
        while _check_ins(workspace) == before:
            if time.perf_counter() - begun > SECONDS_TO_RECORD:
                page.say(f"Nothing was recorded within {SECONDS_TO_RECORD:.0f} s of an event.")
                return
            time.sleep(0.02)
        took.append(time.perf_counter() - begun)
    least, most = min(took), max(took)
    page.table("events", "recorded s, median", "least", "most").add(
        ROUNDS, f"{median(took):.2f}", f"{least:.2f}", f"{most:.2f}"
    )


def _settled(workspace: Path) -> None:
    """What the bursts touched is asked for, so that nothing of it is taken for the answer to what comes."""
    until = time.monotonic() + SECONDS_TO_RECORD
    quiet, last = time.monotonic(), _runs(workspace)
    while time.monotonic() < until and time.monotonic() - quiet < 6:
        if (now := _runs(workspace)) != last:
            quiet, last = time.monotonic(), now
        time.sleep(0.2)


def change(environment: Mapping[str, str], number: int) -> None:
    """An issue gets a label that a key result counts."""
    signed = base64.b64encode(f"{EMAIL}:{environment['JIRA_TOKEN']}".encode()).decode()
    request = Request(
        f"{environment['JIRA_URL']}/rest/api/3/issue/SUP-{1000 + number}",
        json.dumps({"update": {"labels": [{"add": f"l{number}"}]}}).encode(),
        {"Authorization": f"Basic {signed}", "Content-Type": "application/json"},
        method="PUT",
    )
    with urlopen(request) as answer:
        answer.read()


def _check_ins(workspace: Path) -> int:
    return _number(workspace, "SELECT count(*) FROM check_ins")


def _runs(workspace: Path) -> int:
    return _number(workspace, "SELECT count(*) FROM runs")


def _number(workspace: Path, sql: str) -> int:
    with closing(sqlite3.connect(f"file:{workspace}/store.sqlite?mode=ro", uri=True, timeout=10)) as store:
        return int(store.execute(sql).fetchone()[0])


@contextmanager
def serving(workspace: Path, environment: Mapping[str, str]) -> Iterator[str]:
    with socket() as one, socket() as other:
        for free in (one, other):
            free.bind(("127.0.0.1", 0))
        port, admin = (free.getsockname()[1] for free in (one, other))
    command = [*OKRSYNC, "-c", str(workspace), "serve", "--port", str(port), "--admin-port", str(admin)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=dict(environment), stdout=quiet, stderr=quiet) as process:
        try:
            _wait_for(f"http://127.0.0.1:{admin}/readyz", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until and process.poll() is None:
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("`okrsync serve` does not serve")
