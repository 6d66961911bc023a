"""Who watches from outside is told of a recorded pass, and never disturbs one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import responses

from config.load import load
from sync.owner import owner_of
from sync.passes import run_pass
from sync.store.store import Store
from sync.watchers import tell_watchers
from tests.sync.conftest import OKRS, WORKER

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
PING = "https://ping.example.com/a-secret-of-the-monitor"


@pytest.mark.parametrize("status", [200, 404])
def test_a_monitor_is_called_after_each_pass(status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PING_URL", PING)
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okrsync.yaml").write_text(WORKER + "ping_url: ${PING_URL}\n")
    (tmp_path / "okrs" / "a.yaml").write_text(OKRS)
    workspace = load(tmp_path)
    assert PING not in repr(workspace.serving)
    store = Store.open(workspace.store, owner_of(workspace))
    made = run_pass(workspace, store, lambda: NOW, reason="one-shot")
    with responses.RequestsMock() as monitor:
        monitor.add("GET", PING, status=status)
        tell_watchers(workspace, store, made)
        assert len(monitor.calls) == 1
    store.close()
