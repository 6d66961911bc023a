"""Doorbells over HTTP: judged, written down, answered; nothing is told to whoever has no secret."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from connectors.base import Call
from sync.store.errors import StoreError
from sync.store.subscribed import Subscription
from sync.touched import concerned
from tests.connectors.test_graph import notification
from tests.connectors.test_jira import jira_call
from tests.connectors.test_salesforce import message
from tests.web.acme import TOKEN, Acme
from web import bounds


def test_a_ring_is_written_down_and_wakes_the_engine(acme: Acme) -> None:
    answer = acme.ring("msg_1", "a")

    assert (answer.status_code, answer.content) == (200, b"")
    assert acme.words() == [("numbers", "a")]
    assert acme.woken == 1
    assert answer.headers["cache-control"] == "no-store"


def test_the_same_call_again_is_answered_alike_and_counts_once(acme: Acme) -> None:
    acme.ring("msg_1", "a")
    again = acme.ring("msg_1", "a")

    assert again.status_code == 200
    assert len(acme.touches()) == 1
    assert acme.woken == 1
    acme.ring("msg_2", "a")
    assert len(acme.touches()) == 2


def test_a_replay_is_known_after_a_restart_and_too_old_after_its_window(acme: Acme) -> None:
    acme.ring("msg_1", "a")
    acme.app.state.desk.close()
    acme.app.state.desk = type(acme.app.state.desk)()
    acme.now += timedelta(minutes=4)
    acme.ring("msg_1", "a", at=acme.now - timedelta(minutes=4))
    assert len(acme.touches()) == 1

    acme.now += timedelta(minutes=4)
    assert acme.ring("msg_1", "a", at=acme.now - timedelta(minutes=8)).status_code == 401


@pytest.mark.parametrize("path", ["acme/numbers", "acme/plain", "acme/nothing", "nobody/numbers", "%2e%2e/numbers"])
def test_without_the_secret_every_address_looks_the_same(acme: Acme, path: str) -> None:
    seen = {
        (answer.status_code, answer.content, tuple(sorted(answer.headers.items())))
        for answer in (
            acme.client.post(f"/hooks/{path}"),
            acme.client.post(
                f"/hooks/{path}", content=b"{}", headers={"webhook-signature": "v1,AAAA", "webhook-id": "1"}
            ),
            acme.client.post(f"/hooks/{path}/a-secret-of-nobody", content=b"<a/>"),
            acme.client.post(f"/hooks/{path}", headers={"x-hub-signature": "sha256=" + "0" * 64}),
        )
    }

    ((status, content, _),) = seen
    assert (status, content) == (401, b"")
    assert acme.touches() == []


@pytest.mark.parametrize("path", ["acme/graph", "acme/jira", "acme/nothing", "nobody/graph"])
def test_the_handshake_is_echoed_for_every_address(acme: Acme, path: str) -> None:
    answer = acme.client.post(f"/hooks/{path}?validationToken=Validation%3A+a%20b%3Cscript%3E")

    assert (answer.status_code, answer.text) == (200, "Validation: a b&lt;script&gt;")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["acme/numbers", "nobody/numbers"])
def test_bounds_are_the_same_for_every_address(acme: Acme, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def chunks() -> Any:
        yield from [b"x" * 500_000] * 5

    large = acme.client.post(f"/hooks/{path}", content=b"x" * (bounds.MOST_BYTES + 1))
    streamed = acme.client.post(f"/hooks/{path}", content=chunks())
    headers = acme.client.post(f"/hooks/{path}", headers={"x-much": "x" * 20_000})
    monkeypatch.setattr(bounds, "CALLS", 3)
    often = acme.client.post(f"/hooks/{path}")

    assert [large.status_code, streamed.status_code, headers.status_code, often.status_code] == [413, 413, 431, 429]
    assert often.headers["retry-after"]


def test_an_address_may_call_again_after_a_while() -> None:
    now = [0.0]
    made = bounds.Bounds(lambda: now[0])
    for _ in range(bounds.CALLS):
        made.count("10.0.0.1")
    with pytest.raises(bounds.Refused):
        made.count("10.0.0.1")
    made.count("10.0.0.2")
    now[0] = bounds.SECONDS
    made.count("10.0.0.1")


def test_what_jira_touched_is_asked_again_later(acme: Acme) -> None:
    assert acme.post("acme/jira", jira_call(acme.now, "jira:issue_updated")).status_code == 200

    first = acme.touches()
    assert {touch.what for touch in first} == {"project:1", "project:sup", "project:project sup"}
    assert concerned(acme.workspace, first, acme.now, acme.keeper.store) == {"tickets"}
    later = acme.touches(within=timedelta(seconds=60))
    assert [touch.what for touch in later] == [touch.what for touch in first] * 2
    assert acme.keeper.store.inbox.state(acme.now).later == 3


def test_an_outbound_message_comes_to_a_secret_address_that_no_log_holds(acme: Acme) -> None:
    with capture_logs() as lines:
        answer = acme.post("acme/crm", Call(body=message("Opportunity"), rest=TOKEN))
        wrong = acme.post("acme/crm", Call(body=message("Opportunity"), rest=f"{TOKEN}x"))

    assert b"<Ack>true</Ack>" in answer.content
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert wrong.status_code == 401
    assert concerned(acme.workspace, acme.touches(), acme.now, acme.keeper.store) == {"won"}
    assert lines
    assert TOKEN not in str(lines)


def test_a_certificate_counts_only_by_a_trusted_proxy(acme: Acme) -> None:
    crm = acme.workspace.connections["crm"]
    told = {"hook_token": None, "hook_certificate": "CN=proxy", "organization_id": "00D000000000001EAA"}
    connections = {**acme.workspace.connections, "crm": replace(crm, options=crm.options.model_copy(update=told))}
    call = Call(body=message("Case"), headers={"x-ssl-client-s-dn": "CN=proxy"})
    acme.keeper.workspace = replace(acme.workspace, connections=connections)

    assert acme.post("acme/crm", call).status_code == 401
    trusted = type(acme.workspace.webhooks).model_validate({"proxies": ["10.0.0.0/8"]})
    acme.keeper.workspace = replace(acme.keeper.workspace, webhooks=trusted)
    assert acme.post("acme/crm", call).status_code == 401
    acme.client = type(acme.client)(acme.app, client=("10.1.2.3", 5000))
    assert acme.post("acme/crm", call).status_code == 200


def test_graph_is_heard_of_what_it_was_asked_to_watch(acme: Acme) -> None:
    call = notification()
    assert acme.post("acme/graph", call).status_code == 202
    assert acme.touches() == []

    acme.keeper.store.subscriptions.put(
        Subscription(
            connection="graph",
            resource="/sites/s/lists/Numbers",
            state="active",
            at=acme.now,
            remote_id="7f105c7d-2dc5-4530-97cd-4e7ae6534c07",
        )
    )
    for _ in range(2):
        assert acme.post("acme/graph", call).status_code == 202
    assert acme.words() == [("graph", "/sites/s/lists/Numbers")] * 2
    assert concerned(acme.workspace, acme.touches(), acme.now, acme.keeper.store) == {"list"}


def test_a_store_that_is_gone_is_told_so_that_the_tool_sends_again(acme: Acme, monkeypatch: Any) -> None:
    def broken(*_: Any) -> Any:
        raise StoreError("The disk is full.", temporary=True)

    monkeypatch.setattr(acme.keeper.store.inbox, "ring", broken)
    answer = acme.ring()

    assert (answer.status_code, answer.content) == (503, b"")
    assert answer.headers["retry-after"]


def test_what_breaks_a_bell_is_refused(acme: Acme, monkeypatch: Any) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("out of its mind")

    monkeypatch.setattr("connectors.memory.webhook.MemoryBell.ring", broken)

    assert acme.ring().status_code == 401


def test_refusals_are_logged_once_a_minute_and_counted(acme: Acme) -> None:
    with capture_logs() as lines:
        for _ in range(5):
            acme.client.post("/hooks/acme/numbers")
            acme.client.post("/hooks/acme/nothing")

    assert [line["event"] for line in lines] == ["webhook refused"]
    assert acme.app.state.desk.results == {("acme", "numbers", "refused"): 5, ("", "", "unknown"): 5}
