"""`okrsync serve` as a process: it keeps a workspace current, tells monitors how it is, and ends when it is told to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.sandbox import free_port

CODE = "from cli.main import main; main()"
# Values that a process of its own can read.
WORKSPACE = "connections:\n  hand: {type: manual}\n"
KEY_RESULTS = """
cycle: {name: all, start: 2020-01-01, end: 2090-12-31}
objectives:
  - id: o
    title: O
    key_results:
      - {id: size, title: Size, start: 0, target: 200, value: {manual: {2021-01-01: 7}, connection: hand}}
"""


class Served:
    def __init__(self, folder: Path, *more: str) -> None:
        self.port, self.admin = free_port(20_000), free_port(24_000)
        command = [
            sys.executable,
            "-c",
            CODE,
            "serve",
            str(folder),
            "--port",
            str(self.port),
            "--admin-port",
            str(self.admin),
        ]
        self.process = subprocess.Popen([*command, *more], stderr=subprocess.PIPE, text=True)
        self.lines: list[dict[str, Any]] = []

    def read(self, event: str) -> dict[str, Any]:
        """The next line of that event."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(json.loads(line))
            if self.lines[-1]["event"] == event:
                return self.lines[-1]
        raise AssertionError(f"it ended without {event!r}: {self.lines}")

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}{path}") as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "acme" / "okrs").mkdir(parents=True)
    (tmp_path / "acme" / "okrsync.yaml").write_text(WORKSPACE)
    (tmp_path / "acme" / "okrs" / "a.yaml").write_text(KEY_RESULTS)
    return tmp_path / "acme"


@pytest.fixture
def serve(folder: Path) -> Iterator[Callable[..., Served]]:
    made: list[Served] = []

    def start(*more: str) -> Served:
        made.append(Served(folder, *more))
        return made[-1]

    yield start
    for one in made:
        one.process.kill()
        one.process.communicate()


def okrsync(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", CODE, "-c", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_keeps_a_workspace_current_until_it_is_told_to_end(serve: Callable[..., Served], folder: Path) -> None:
    served = serve()
    recorded = served.read("pass recorded")
    assert (recorded["workspace"], recorded["reason"], recorded["check_ins"]) == ("acme", "schedule", 1)

    assert served.get("/healthz") == (200, "ok\n")
    status, ready = served.get("/readyz")
    assert (status, json.loads(ready)["ready"]) == (200, True)
    _, measured = served.get("/metrics")
    assert 'okrsync_passes_total{reason="schedule",workspace="acme"} 1.0' in measured
    assert 'okrsync_connection_up{connection="hand",workspace="acme"} 1.0' in measured
    assert 'okrsync_store_up{workspace="acme"} 1.0' in measured

    told = json.loads(okrsync(folder, "status", "--json").stdout)
    assert told["last_pass"]["check_ins"] == 1
    assert told["next_pass"] > told["last_pass"]["finished_at"]
    assert [one["pid"] for one in told["workers"]] == [served.process.pid]
    assert "Kept current by process" in okrsync(folder, "status").stdout

    second = okrsync(folder, "serve", "--port", str(free_port(21_000)), "--admin-port", str(free_port(25_000)))
    assert second.returncode == 2
    assert f"Another `okrsync serve` keeps this store current (process {served.process.pid}" in second.stderr

    assert served.end() == 0
    assert json.loads(okrsync(folder, "status", "--json").stdout)["workers"] == []


def test_one_that_was_killed_is_followed_at_once(serve: Callable[..., Served]) -> None:
    first = serve()
    first.read("serving")
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait()

    assert serve().read("serving")["workspaces"] == ["acme"]


def test_a_port_that_is_taken_is_told(serve: Callable[..., Served], folder: Path) -> None:
    served = serve()
    served.read("serving")
    ended = okrsync(folder, "serve", "--port", str(served.port), "--admin-port", str(free_port(25_000)))

    assert ended.returncode == 2
    assert f"ports {served.port}" in ended.stderr


def test_start_up_of_sync_needs_none_of_it() -> None:
    """A one-shot run starts as fast as ever."""
    code = (
        "import sys; import cli.main, cli.sync, cli.passes, sync.passes, sync.store.store; "
        "print([m for m in ('fastapi', 'uvicorn', 'apscheduler', 'procrastinate', 'prometheus_client') if m in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ended.stdout == "[]\n"


def test_a_role_needs_a_queue(folder: Path) -> None:
    ended = okrsync(folder, "serve", "--role", "worker")

    assert ended.returncode == 2
    assert "--role needs `queue:`" in ended.stderr


def test_cron_is_watched_by_a_file_of_metrics(folder: Path) -> None:
    (folder / "okrsync.yaml").write_text(WORKSPACE + "metrics_file: okrsync.prom\n")

    assert okrsync(folder, "sync").returncode == 0

    written = (folder / "okrsync.prom").read_text()
    assert 'okrsync_key_results{status="' in written
    assert 'okrsync_last_pass_timestamp_seconds{workspace="acme"}' in written
