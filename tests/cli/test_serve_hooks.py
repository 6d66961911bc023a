"""`okrsync serve` as a process: rung by a webhook, asked by a script, told to end."""

from __future__ import annotations

import json
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.clock import utc_now
from sync.store.store import Store
from tests.cli.test_serve import Served, okrsync
from tests.connectors.sections.ringing import SHARED, standard_call

WORKER = """
workspace: acme
schedule: 1d
webhooks: {debounce: 0.1}
connections:
  sql: {url: "${DEALS_URL}", hook_secret: "${SHARED}"}
"""
OKRS = """
cycle: {name: all, start: 2020-01-01, end: 2090-12-31}
objectives:
  - {id: o, title: O, key_results: [{id: deals, title: D, start: 0, target: 9, value: {sql: {query: "SELECT COUNT(*) FROM deals"}}}]}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHARED", SHARED)
    monkeypatch.setenv("DEALS_URL", f"sqlite:///{tmp_path}/deals.sqlite")
    (tmp_path / "acme" / "okrs").mkdir(parents=True)
    (tmp_path / "acme" / "okrsync.yaml").write_text(WORKER)
    (tmp_path / "acme" / "okrs" / "a.yaml").write_text(OKRS)
    with sqlite3.connect(tmp_path / "deals.sqlite") as connection:
        connection.execute("CREATE TABLE deals (n INTEGER)")
    return tmp_path / "acme"


@pytest.fixture
def served(folder: Path) -> Iterator[Served]:
    made = Served(folder)
    made.read("pass recorded")
    yield made
    made.process.kill()
    made.process.communicate()


def sell(folder: Path) -> None:
    with sqlite3.connect(folder.parent / "deals.sqlite", timeout=30) as connection:
        connection.execute("INSERT INTO deals VALUES (1)")


def post(served: Served, path: str, headers: dict[str, str], body: bytes = b"") -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{served.port}{path}", data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_webhook_and_a_script_are_followed_by_a_pass_each(served: Served, folder: Path) -> None:
    sell(folder)
    call = standard_call("deal-1", utc_now(), b"{}")
    assert post(served, "/hooks/acme/sql", dict(call.headers), call.body) == 200
    assert served.read("pass recorded")["reason"] == "hook"

    sell(folder)
    token = okrsync(folder, "token", "create", "--scope", "sync").stdout.strip()
    bearer = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    path = "/api/v1/workspaces/acme/sync"
    assert post(served, path, {"Authorization": "Bearer okr_wrong"}) == 401
    assert post(served, path, bearer, json.dumps({"key_results": ["deals"]}).encode()) == 202
    assert served.read("pass recorded")["reason"] == "person"

    assert post(served, "/hooks/acme/sql/a-secret-in-a-path", {}) == 401
    _, measured = served.get("/metrics")
    assert 'result="taken"' in measured
    assert 'result="refused"' in measured
    assert served.end() == 0
    rest = served.process.stderr.read() if served.process.stderr else ""
    assert "a-secret-in-a-path" not in str(served.lines) + rest
    assert token not in str(served.lines) + rest
    store = Store.read(f"sqlite:///{folder}/okrsync.sqlite")
    (made,) = store.last_check_ins().values()
    assert made.value.amount == 2
    assert store.inbox.state(utc_now()).now == 0
    store.close()
