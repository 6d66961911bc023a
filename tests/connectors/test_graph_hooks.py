"""What Graph's notifications touch, and which queries that can concern."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from connectors.base import Answer, Bell, Call, Delivery, Forged
from connectors.graph.resources import permission_for, resource_of
from connectors.graph.spec import SPEC
from connectors.graph.webhook import client_states
from connectors.memories import Forgetful
from connectors.standard_webhooks import bell_of
from tests.connectors.contract import CANARY, NOW
from tests.connectors.test_graph import BOOK, LIST, notification

TENANT = "84bd8158-6d4d-4958-8b9f-9d6445542f95"
KNOWN = "7f105c7d-2dc5-4530-97cd-4e7ae6534c07"


def bell(**options: Any) -> Bell:
    app = {"tenant": TENANT.upper(), "client_id": "okrsync", "client_secret": CANARY, "hook_secret": CANARY}
    memory = Forgetful(lambda: NOW)
    memory.put(f"subscription {KNOWN}", "/sites/s/lists/Numbers")
    return bell_of(SPEC, SPEC.options.model_validate({**app, **options}), memory)


def touched(call: Call) -> frozenset[str]:
    delivery = bell().ring(call, NOW)
    assert isinstance(delivery, Delivery)
    assert delivery.answer.status == 202
    return delivery.touched


@pytest.mark.parametrize(
    ("form", "resource"),
    [
        ({"excel": {**BOOK, "range": "A!B1"}}, "/drives/b!x/root"),
        ({"list": {**LIST, "count": True}}, "/sites/s/lists/Numbers"),
        ({"count": "users", "filter": "accountEnabled eq true"}, "/users"),
        ({"count": "/groups/1a2b/members"}, "/groups/1a2b"),
        ({"count": "groups"}, "/groups"),
        ({"count": "applications"}, None),
        ({"get": "/users/$count", "select": "@"}, "/users"),
        ({"get": "/drives/b!x/items/01A?$select=size", "select": "size"}, "/drives/b!x/root"),
        ({"get": "/sites/s/lists/L/items?$expand=fields", "select": "value[0].id"}, "/sites/s/lists/L"),
        ({"get": "/security/secureScores", "select": "value[0].currentScore"}, None),
        ({"planner": {"plan": "p"}}, None),
        ({"report": {"function": "getOffice365ActiveUserCounts", "column": "Office 365"}}, None),
        ({"site_analytics": {"site": "s"}}, None),
    ],
)
def test_what_has_to_be_watched_for_a_query(form: Any, resource: str | None) -> None:
    assert resource_of(TypeAdapter(SPEC.queries).validate_python(form)) == resource
    assert resource is None or permission_for(resource)


def test_only_our_own_subscriptions_count() -> None:
    assert touched(notification()) == {"/sites/s/lists/Numbers"}
    assert touched(notification(subscriptionId="1f105c7d-2dc5-4530-97cd-4e7ae6534c00")) == frozenset()
    assert touched(notification(tenantId="00000000-6d4d-4958-8b9f-9d6445542f95")) == frozenset()
    assert touched(notification(tenantId=None)) == {"/sites/s/lists/Numbers"}


@pytest.mark.parametrize("state", [None, "", 5, CANARY, client_states(("another-secret-of-ours",))[0]])
def test_another_client_state_is_refused(state: Any) -> None:
    with pytest.raises(Forged):
        bell().ring(notification(clientState=state), NOW)


def test_of_several_the_right_ones_count() -> None:
    (right,) = json.loads(notification().body)["value"]
    body = json.dumps({"value": [{**right, "clientState": "x", "subscriptionId": "y"}, right, "text", None]}).encode()

    assert touched(Call(body=body)) == {"/sites/s/lists/Numbers"}


def test_lifecycle_events_renew_the_subscription() -> None:
    def told(event: str) -> tuple[set[str], set[str]]:
        delivery = bell().ring(notification(lifecycleEvent=event), NOW)
        assert isinstance(delivery, Delivery)
        return set(delivery.renew), set(delivery.touched)

    assert told("reauthorizationRequired") == ({KNOWN}, set())
    assert told("subscriptionRemoved") == ({KNOWN}, {"/sites/s/lists/Numbers"})
    assert told("missed") == (set(), {"/sites/s/lists/Numbers"})
    assert told("somethingNew") == (set(), set())


def test_changes_that_look_alike_count_each_time() -> None:
    def repeats(call: Call) -> bool:
        delivery = bell().ring(call, NOW)
        assert isinstance(delivery, Delivery)
        return delivery.repeats

    assert repeats(notification())
    assert not repeats(notification(resourceData={"id": "1", "@odata.etag": 'W/"3"'}))


def test_the_handshake_is_for_posts_alone() -> None:
    call = Call(body=b"", query={"validationToken": "Validation: x"})

    assert bell().ring(call, NOW) == Answer(content=b"Validation: x")
    for other in (
        Call(body=b"", method="GET", query=call.query),
        Call(body=b"", query={"validationToken": "x" * 5000}),
    ):
        with pytest.raises(Forged):
            bell().ring(other, NOW)


def test_subscribing_needs_a_secret() -> None:
    with pytest.raises(ValidationError, match="write hook_secret with subscribe"):
        bell(hook_secret=None, subscribe=True)
