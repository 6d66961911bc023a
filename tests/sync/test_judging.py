"""`check --connect`: connections are asked side by side, and none holds up the others for ever."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.load import Workspace, load
from connectors.base import Account
from connectors.memory.pull import MemoryConnector
from sync.judging import judge

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


def workspace(folder: Path, deadline: float) -> Workspace:
    (folder / "okrs").mkdir()
    (folder / "okrs" / "a.yaml").write_text("cycle: 2026-Q4\n")
    (folder / "okrsync.yaml").write_text(
        f"deadline: {deadline}\nconnections:\n  one: {{type: memory}}\n  two: {{type: memory}}\n"
    )
    return load(folder)


def test_connections_are_asked_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2, timeout=10)

    def check(self: Any) -> Account:
        both.wait()
        return Account(name=self.name)

    monkeypatch.setattr(MemoryConnector, "check", check)

    found = judge(workspace(tmp_path, 30), lambda: AT)

    assert [(one.connection, one.account and one.account.name) for one in found] == [("one", "one"), ("two", "two")]


def test_one_that_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = threading.Event()

    def check(self: Any) -> Account:
        if self.name == "one":
            stopped.wait(20)
        return Account(name=self.name)

    monkeypatch.setattr(MemoryConnector, "check", check)
    monkeypatch.setattr(MemoryConnector, "stop", lambda self: stopped.set() if self.name == "one" else None)

    one, two = judge(workspace(tmp_path, 0.2), lambda: AT)

    assert [refusal.error.message for refusal in one.refusals] == ["no answer came within 0.2 seconds"]
    assert (two.account, two.refusals) == (Account(name="two"), ())
    assert stopped.is_set()
