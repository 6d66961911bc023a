"""Each statement of the store and each call to a tool fails once, in turn: the store is as before or as after, the exit
code is honest, and the next pass completes it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
from sqlalchemy import Engine, event

from cli.main import run
from connectors import waiting
from connectors.wire import HttpSession
from tests.sweep import dice, sweep

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
TABLES = ("runs", "check_ins", "outcomes", "readings", "definitions", "candidates", "actions", "touches")
OKRS = "cycle: 2026-Q4\nobjectives:\n  - id: o\n    title: O\n    key_results:\n" + "".join(
    f"      - {{id: k{n}, title: K{n}, start: 0, target: 100, value: {{http: {{get: /n/{n}, select: value}}}}}}\n"
    for n in range(20)
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    made = tmp_path / "acme"
    (made / "okrs").mkdir(parents=True)
    (made / "okrsync.yaml").write_text("connections:\n  http: {url: https://api.example.com}\n")
    (made / "okrs" / "a.yaml").write_text(OKRS)
    monkeypatch.setenv("OKRSYNC_CACHE", "off")
    monkeypatch.setattr(waiting, "sleep", lambda *_: None)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as tool:
        for n in range(20):
            tool.add("GET", f"https://api.example.com/n/{n}", json={"value": n + 1})
        assert sync(made) == 0
        for n in range(20):
            tool.replace("GET", f"https://api.example.com/n/{n}", json={"value": n + 2})
        yield made


def sync(folder: Path) -> int:
    return run(["-c", str(folder), "sync"], clock=lambda: NOW)


def counts(folder: Path) -> dict[str, int]:
    with sqlite3.connect(folder / "okrsync.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = {table: connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in TABLES}
    connection.close()
    return found


@contextmanager
def failing_statement(nth: int) -> Iterator[Callable[[], int]]:
    seen = [0]

    def fail(*_: Any) -> None:
        seen[0] += 1
        if seen[0] == nth:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorname = "SQLITE_IOERR"
            raise error

    ways = ("do_execute", "do_executemany", "do_execute_no_params")
    for way in ways:
        event.listen(Engine, way, fail)
    try:
        yield lambda: seen[0]
    finally:
        for way in ways:
            event.remove(Engine, way, fail)


def _free(folder: Path) -> None:
    """A lease that could not be given back runs out by itself; nobody waits for that here."""
    with sqlite3.connect(folder / "okrsync.sqlite") as connection:
        connection.execute("UPDATE leases SET holder = NULL")
    connection.close()


def chosen(name: str, count: int, few: int) -> list[int]:
    """All of them in a long run; some, and the last ones, in a short one."""
    every = list(range(1, count + 1))
    picked = dice(name).sample(every, min(sweep(few, count), count))
    return sorted({*picked, *every[-2:]})


def test_each_statement_of_the_store_fails_once(folder: Path, tmp_path: Path) -> None:
    before, backup = counts(folder), tmp_path / "before.sqlite"
    shutil.copy(folder / "okrsync.sqlite", backup)
    with failing_statement(-1) as seen:
        assert sync(folder) == 0
    after, count = counts(folder), seen()
    assert after["check_ins"] == before["check_ins"] + 20

    failed = 0
    for nth in chosen("statements", count, 4):
        for left in folder.glob("okrsync.sqlite*"):
            left.unlink()
        shutil.copy(backup, folder / "okrsync.sqlite")
        with failing_statement(nth):
            code = sync(folder)
        found = counts(folder)
        assert found in (before, after), f"statement {nth} of {count}"
        assert code == 3 or (code == 0 and found == after), f"statement {nth} of {count}: {code}"
        failed += code != 0
        _free(folder)
        assert sync(folder) == 0
        assert counts(folder)["check_ins"] == after["check_ins"]
    print(f"{count} statements a pass of 20 key results; {failed} failures were told by the exit code")


def test_each_call_fails_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = HttpSession._exchanged
    for nth in chosen("calls", 20, 2):
        seen = [0]

        def broken(self: HttpSession, *arguments: Any, seen: list[int] = seen, nth: int = nth, **more: Any) -> Any:
            seen[0] += 1
            if seen[0] == nth:
                raise requests.exceptions.SSLError("cut off")
            return honest(self, *arguments, **more)

        with monkeypatch.context() as patched:
            patched.setattr(HttpSession, "_exchanged", broken)
            code = sync(folder)
        assert code == 3, nth
    assert sync(folder) == 0
    assert counts(folder)["check_ins"] == 40
