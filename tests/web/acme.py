"""A workspace with a connection of each kind that rings, held by the application; time stands still."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from config.load import Workspace, load
from connectors.base import Call
from sync.owner import owner_of
from sync.store.inbox import Touch
from sync.store.store import Store
from tests.connectors.contract import CANARY, NOW
from tests.connectors.sections.ringing import SHARED, standard_call
from web.app import application

TOKEN = f"{CANARY}-token"
WORKER = """
workspace: acme
time_zone: UTC
connections:
  numbers: {type: memory, values: {a: 5, b: 7}, hook_secret: "${SHARED}"}
  plain: {type: memory, values: {a: 5}}
  jira: {type: jira, url: https://acme.atlassian.net, email: a@b.c, token: "${TOKEN}", hook_secret: "${CANARY}"}
  crm: {type: salesforce, url: https://acme.my.salesforce.com, client_id: x, client_secret: "${TOKEN}", hook_token: "${TOKEN}"}
  graph: {type: graph, tenant: t, client_id: x, client_secret: "${TOKEN}", hook_secret: "${CANARY}"}
"""
OKRS = """
cycle: 2026-Q4
objectives:
  - id: o
    title: O
    key_results:
      - {id: first, title: F, start: 0, target: 10, value: {memory: a, connection: numbers}}
      - {id: second, title: S, start: 0, target: 10, value: {memory: b, connection: numbers}}
      - {id: tickets, title: T, start: 0, target: 10, value: {jira: {count: "project = SUP AND created >= {cycle.start}"}}}
      - {id: backlog, title: B, start: 0, target: 10, value: {jira: {count: "project = OPS"}}}
      - {id: won, title: W, start: 0, target: 10, value: {salesforce: "SELECT COUNT() FROM Opportunity", connection: crm}}
      - {id: list, title: L, start: 0, target: 10, value: {graph: {list: {site: s, list: Numbers, count: true}}}}
"""


@dataclass
class Held:
    """What the application knows of a keeper."""

    workspace: Workspace
    store: Store
    clock: Callable[[], datetime]
    wake: Callable[[], None]

    @property
    def name(self) -> str:
        return self.workspace.name

    @property
    def path(self) -> Path:
        return self.workspace.root


class Acme:
    """`now` is the time; `woken` how often the engine was told of something."""

    def __init__(self, folder: Path, monkeypatch: Any) -> None:
        for name, value in {"SHARED": SHARED, "TOKEN": TOKEN, "CANARY": CANARY}.items():
            monkeypatch.setenv(name, value)
        (folder / "okrs").mkdir()
        (folder / "okrsync.yaml").write_text(WORKER)
        (folder / "okrs" / "a.yaml").write_text(OKRS)
        self.now = NOW
        self.woken = 0
        workspace = load(folder)
        store = Store.open(workspace.store, owner_of(workspace))
        self.keeper = Held(workspace, store, lambda: self.now, self._wake)
        self.app = application({"acme": self.keeper})
        self.client = TestClient(self.app, raise_server_exceptions=True)

    def _wake(self) -> None:
        self.woken += 1

    @property
    def workspace(self) -> Workspace:
        return self.keeper.workspace

    def post(self, path: str, call: Call) -> Any:
        address = f"/hooks/{path}" + (f"/{call.rest}" if call.rest else "")
        return self.client.post(address, content=call.body, headers=dict(call.headers), params=dict(call.query))

    def ring(self, identity: str = "msg_1", *touched: str, at: datetime | None = None, to: str = "acme/numbers") -> Any:
        body = json.dumps({"type": "values.changed", "touched": list(touched or ("a",))}).encode()
        return self.post(to, standard_call(identity, at or self.now, body))

    def touches(self, *, within: timedelta = timedelta(0)) -> list[Touch]:
        return self.keeper.store.inbox.waiting(self.now + within)

    def words(self, **within: timedelta) -> list[tuple[str, str]]:
        return [(touch.connection, touch.what) for touch in self.touches(**within)]

    def close(self) -> None:
        self.app.state.desk.close()
        self.keeper.store.close()
