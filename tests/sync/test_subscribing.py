"""Graph's subscriptions are made, renewed, made anew and ended; its stand-in calls the real application back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.data import Data, SharePointList
from sandbox.graph import GraphTenant
from sandbox.server import Request, Response, Server
from sync.store.subscribed import Subscription
from sync.subscribing import AGAIN, Tender
from sync.touched import concerned
from tests.connectors.contract import CANARY, FakeTime
from tests.web.acme import Acme

LIST = "/sites/s/lists/Numbers"
USERS = "/users"
OKRS = """
cycle: 2026-Q4
objectives:
  - id: o
    title: O
    key_results:
      - {id: list, title: L, start: 0, target: 10, value: {graph: {list: {site: s, list: Numbers, count: true}}}}
      - {id: open, title: L, start: 0, target: 10, value: {graph: {list: {site: s, list: Numbers, count: true, filter: "fields/a eq 1"}}}}
      - {id: people, title: P, start: 0, target: 10, value: {graph: {count: users}}}
      - {id: plan, title: P, start: 0, target: 10, value: {graph: {planner: {plan: p}}}}
"""


class Front:
    """What stands at `public_url`: the application. `closed` lets nobody in."""

    def __init__(self) -> None:
        self.acme: Acme | None = None
        self.closed = False

    def answer(self, request: Request) -> Response:
        if self.acme is None or self.closed:
            return Response(status=502)
        made = self.acme.client.post(
            request.path, content=request.body, params=request.query, headers={"content-type": "application/json"}
        )
        return Response(
            status=made.status_code, body=made.content, headers={"Content-Type": made.headers.get("content-type", "")}
        )


class World(Acme):
    def __init__(self, folder: Path, monkeypatch: Any, graph: str, front: str) -> None:
        super().__init__(folder, monkeypatch)
        (folder / "okrs" / "a.yaml").write_text(OKRS)
        app = 'client_id: okrsync, client_secret: "${CANARY}", hook_secret: "${CANARY}", subscribe: true'
        (folder / "okrsync.yaml").write_text(
            f"workspace: acme\ntime_zone: UTC\npublic_url: {front}\nconnections:\n"
            f"  graph: {{type: graph, tenant: contoso, url: {graph}, login_url: {graph}, {app}}}\n"
        )
        self.reload()
        self.tender = self.new_tender()

    def new_tender(self) -> Tender:
        return Tender(self.keeper.store, lambda: self.now)

    def reload(self, **changed: Any) -> None:
        from config.load import load

        self.keeper.workspace = replace(load(self.keeper.path), **changed)

    def with_options(self, **changed: Any) -> None:
        graph = self.workspace.connections["graph"]
        options = graph.options.model_copy(update=changed)
        self.keeper.workspace = replace(self.workspace, connections={"graph": replace(graph, options=options)})

    def tend(self) -> dict[str, Subscription]:
        self.tender.tend(self.workspace)
        return {row.resource: row for row in self.keeper.store.subscriptions.all()}


@pytest.fixture
def front(monkeypatch: pytest.MonkeyPatch) -> Front:
    monkeypatch.setattr("connectors.wire.time", FakeTime())
    return Front()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, front: Front) -> Iterator[tuple[World, GraphTenant, Server]]:
    data = Data(lists={("s", "Numbers"): SharePointList(columns={"a": "number"}, items=[])})
    made: list[World] = []
    tenant = GraphTenant(data, client_secret=CANARY, clock=lambda: made[0].now)
    with Server(tenant) as graph, Server(front) as outside:
        made.append(World(tmp_path, monkeypatch, graph.url, outside.url))
        front.acme = made[0]
        yield made[0], tenant, graph
        made[0].close()


Made = tuple[World, GraphTenant, Server]


def asked(server: Server) -> list[str]:
    found = [
        f"{call.method} {call.path.removeprefix('/v1.0')}" for call in server.calls if "/subscriptions" in call.path
    ]
    server.calls.clear()
    return [call[:19] for call in found]


def test_what_key_results_read_is_watched_once_each(world: Made) -> None:
    acme, tenant, graph = world

    rows = acme.tend()

    assert {resource: row.state for resource, row in rows.items()} == {LIST: "active", USERS: "active"}
    assert {one["resource"] for one in tenant.subscriptions.made.values()} == {LIST, USERS}
    life = tenant.subscriptions.made[rows[LIST].remote_id or ""]
    assert life["changeType"] == "updated"
    assert life["notificationUrl"].endswith("/hooks/acme/graph")
    assert rows[LIST].renew_at == acme.now + ((rows[LIST].expires_at or acme.now) - acme.now) / 2
    assert asked(graph) == ["GET /subscriptions", "POST /subscriptions", "POST /subscriptions"]
    acme.tend()
    assert asked(graph) == []


def test_a_notification_concerns_who_reads_the_list(world: Made) -> None:
    acme, tenant, _ = world
    acme.tend()

    assert tenant.subscriptions.tell(LIST) == [202]

    assert acme.words() == [("graph", LIST)]
    assert concerned(acme.workspace, acme.touches(), acme.now, acme.keeper.store) == {"list", "open"}


def test_it_is_renewed_at_half_its_life(world: Made) -> None:
    acme, _tenant, graph = world
    first = acme.tend()[USERS]
    acme.tender = Tender(acme.keeper.store, lambda: acme.now)
    acme.now = (first.renew_at or acme.now) - timedelta(minutes=1)
    acme.tend()
    asked(graph)
    acme.now += timedelta(minutes=1)

    again = acme.tend()[USERS]

    assert again.remote_id == first.remote_id
    assert again.expires_at == (first.expires_at or acme.now) + (acme.now - first.at)
    assert asked(graph) == ["PATCH /subscription"]


def test_graph_asks_for_it_or_ends_it(world: Made) -> None:
    acme, tenant, graph = world
    first = acme.tend()[LIST]
    asked(graph)
    acme.now += timedelta(days=1) - timedelta(minutes=1)

    assert tenant.subscriptions.tell(LIST, lifecycleEvent="reauthorizationRequired") == [202]
    assert acme.tend()[LIST].remote_id == first.remote_id
    assert asked(graph) == ["PATCH /subscription"]

    tenant.subscriptions.tell(LIST, lifecycleEvent="subscriptionRemoved")
    del tenant.subscriptions.made[first.remote_id or ""]
    assert acme.tend()[LIST].remote_id in tenant.subscriptions.made
    assert acme.words() == [("graph", LIST)]


def test_what_is_gone_or_not_ours_is_found_at_the_next_start(world: Made) -> None:
    acme, tenant, _ = world
    first = acme.tend()
    gone = tenant.subscriptions.made.pop(first[LIST].remote_id or "")
    tenant.subscriptions.made["stray"] = {**gone, "id": "stray"}
    tenant.subscriptions.made["others"] = {**gone, "id": "others", "notificationUrl": "https://other.example.com"}
    acme.tender = acme.new_tender()

    rows = acme.tend()

    assert set(tenant.subscriptions.made) == {rows[LIST].remote_id, first[USERS].remote_id, "others"}


def test_a_permission_that_is_missing_is_named_and_tried_again(world: Made) -> None:
    acme, tenant, _graph = world
    tenant.subscriptions.roles = set()

    row = acme.tend()[LIST]

    assert (row.state, row.remote_id) == ("refused", None)
    assert "Sites.ReadWrite.All" in (row.fix or "")
    assert acme.tend()[LIST] == row
    tenant.subscriptions.roles = {"Sites.ReadWrite.All"}
    acme.now += timedelta(hours=6)
    assert acme.tend()[LIST].state == "active"


def test_graph_can_not_call_back(world: Made, front: Front) -> None:
    acme, _tenant, _ = world
    front.closed = True

    row = acme.tend()[LIST]

    assert row.state == "pending"
    assert "public_url" in (row.fix or "")
    front.closed = False
    acme.now += AGAIN
    assert acme.tend()[LIST].state == "active"


def test_what_fails_leaves_what_is_there(world: Made) -> None:
    acme, _tenant, graph = world
    first = acme.tend()[LIST]
    acme.now = first.renew_at or acme.now
    graph.faults.fail(path="/subscriptions", status=503, times=20)

    row = acme.tend()[LIST]

    assert (row.state, row.remote_id, row.expires_at) == ("active", first.remote_id, first.expires_at)
    assert row.cause
    acme.now = (first.expires_at or acme.now) + timedelta(seconds=1)
    assert acme.tend()[LIST].state == "pending"


def test_what_nobody_reads_any_more_is_ended(world: Made) -> None:
    acme, tenant, _ = world
    acme.tend()
    path = acme.keeper.path / "okrs" / "a.yaml"
    path.write_text("\n".join(line for line in OKRS.splitlines() if "users" not in line))
    acme.reload()

    assert set(acme.tend()) == {LIST}
    assert {one["resource"] for one in tenant.subscriptions.made.values()} == {LIST}
    acme.with_options(subscribe=False)
    assert acme.tend() == {}
    assert tenant.subscriptions.made == {}


def test_a_new_secret_makes_them_anew(world: Made) -> None:
    acme, tenant, _ = world
    first = acme.tend()
    before = acme.workspace.connections["graph"].options.hook_secret
    acme.with_options(hook_secret=type(before)("a-new-secret-of-ours"), hook_secret_before=before)
    assert tenant.subscriptions.tell(LIST) == [202]
    acme.tender = acme.new_tender()

    rows = acme.tend()

    assert {row.remote_id for row in rows.values()}.isdisjoint({row.remote_id for row in first.values()})
    acme.with_options(hook_secret_before=None)
    assert tenant.subscriptions.tell(LIST) == [202]


def test_without_an_address_it_says_so(world: Made) -> None:
    acme, _, graph = world
    acme.reload(public_url=None)

    row = acme.tend()[LIST]

    assert row.state == "refused"
    assert "public_url" in (row.fix or "")
    assert asked(graph) == []
