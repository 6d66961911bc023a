"""The demo and the sandbox: what a newcomer runs first, on any day."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.demo import live_through, make_workspace
from cli.main import run
from cli.sandbox import FIRST_PORT
from cli.templates import examples
from sandbox.company import TODAY, sample_company
from sandbox.run import running
from tests.cli.ports import three_free_ports

OKRSYNC = [sys.executable, "-c", "from cli.main import main; main()"]


def test_the_demo_leaves_a_workspace_in_which_its_own_commands_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cli.demo.DAYS_BACK", range(8, 0, -4))
    monkeypatch.setattr("cli.demo.free_port", three_free_ports)

    assert run(["demo"], clock=lambda: TODAY) == 0

    out = capsys.readouterr().out
    assert "Marketo" in out
    commands = re.findall(r"^    okrsync (-c demo .*?)    #", out, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        assert run(shlex.split(command), clock=lambda: TODAY) == 0, command
    capsys.readouterr()
    assert run(["-c", "demo", "history", "new-sales", "--json"], clock=lambda: TODAY) == 0
    assert len({one["at"] for one in json.loads(capsys.readouterr().out)}) == 3


def test_the_demo_prints_no_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", str(tmp_path / "demo")]) == 0

    assert capsys.readouterr().err == ""


def test_the_demo_is_made_anew_but_replaces_nothing_else(tmp_path: Path) -> None:
    make_workspace(tmp_path / "demo", TODAY, 1)
    make_workspace(tmp_path / "demo", TODAY, 1)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "okrsync.yaml").write_text("connections: {}\n")

    assert run(["demo", str(tmp_path / "mine")], clock=lambda: TODAY) == 2
    assert (tmp_path / "mine" / "okrsync.yaml").read_text() == "connections: {}\n"


@pytest.mark.parametrize(
    "day", ["2027-01-01T00:20", "2027-04-02T09:00", "2028-02-29T12:00", "2026-09-30T23:50", "2027-08-10T04:00"]
)
def test_the_sample_company_has_a_value_for_everything_on_any_day(tmp_path: Path, day: str) -> None:
    now, port = datetime.fromisoformat(day).replace(tzinfo=UTC), three_free_ports()
    make_workspace(tmp_path / "demo", now, port)

    with running(sample_company(now), port=port, clock=lambda: now):
        assert run(["-c", str(tmp_path / "demo"), "sync"], clock=lambda: now) == 0


def test_weeks_are_lived_through_with_the_values_of_then(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = three_free_ports()
    make_workspace(tmp_path / "demo", TODAY, port)
    live_through(tmp_path / "demo", [TODAY.replace(day=10), TODAY.replace(day=17)], port)

    assert run(["-c", str(tmp_path / "demo"), "history", "visits", "--json"], clock=lambda: TODAY) == 0
    first, second = (int(one["value"]) for one in json.loads(capsys.readouterr().out))
    assert 300_000 < first < second < 402_150


@contextmanager
def sandbox_process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([*OKRSYNC, "sandbox", *arguments], stdout=subprocess.PIPE, text=True) as process:
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        try:
            yield process
        finally:
            watchdog.cancel()
            process.kill()


def test_the_sandbox_as_a_process(tmp_path: Path) -> None:
    """Its file of variables is there when it is ready, and complete; a real sync in another process works with it."""
    variables = tmp_path / "sandbox.env"
    with sandbox_process("--port", "0", "--env-file", str(variables)) as sandbox:
        for _ in range(600):
            if variables.exists():
                break
            time.sleep(0.05)
        settings = dict(line.removeprefix("export ").split("=", 1) for line in variables.read_text().splitlines())
        assert set(settings) >= {"SALESFORCE_URL", "JIRA_URL", "GRAPH_URL"}
        environment = {**os.environ, **settings, "OKRSYNC_STORE": f"sqlite:///{tmp_path}/s.sqlite"}
        synced = subprocess.run(
            [*OKRSYNC, "-c", str(examples()), "check", "--connect", "--json"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert synced.returncode == 0, synced.stderr
        assert json.loads(synced.stdout)["key_results"] == 24
        sandbox.send_signal(signal.SIGTERM)
        assert sandbox.wait(20) == 0


def test_a_workspace_for_the_sandbox_works_at_once(tmp_path: Path) -> None:
    """As `init --sandbox` writes it, but on ports that are free here."""
    port = three_free_ports()
    assert run(["init", str(tmp_path / "acme"), "--sandbox"], clock=lambda: TODAY) == 0
    worker = tmp_path / "acme" / "okrsync.yaml"
    for offset in range(3):
        worker.write_text(worker.read_text().replace(f":{FIRST_PORT + offset}", f":{port + offset}"))

    with running(sample_company(), port=port, clock=lambda: TODAY):
        assert run(["-c", str(tmp_path / "acme"), "check", "--connect"], clock=lambda: TODAY) == 0
        assert run(["-c", str(tmp_path / "acme"), "sync"], clock=lambda: TODAY) == 0


def test_a_taken_port_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    port = three_free_ports()
    with running(sample_company(), port=port):
        assert run(["sandbox", "--port", str(port)]) == 2

    assert "is another sandbox running?" in capsys.readouterr().err
