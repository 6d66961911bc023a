"""Judges Graph's change notifications. Each carries the clientState that the subscription was made with, which is ours
alone to know: made from `hook_secret`, so that nothing secret is kept.

What a subscription watches is remembered under `subscription ID`.
Source: Microsoft Graph "Receive change notifications through webhooks", "Reduce missing subscriptions".
"""

from __future__ import annotations

import html
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from connectors.base import EVERYTHING, Answer, Bell, Call, Delivery, Forged
from connectors.graph.queries import GraphQuery
from connectors.graph.resources import resource_of
from connectors.hook_bodies import object_of
from connectors.signatures import digest, is_one_of, key_of, named

FOREVER = timedelta(days=36_500)
MOST_NOTIFICATIONS = 1000
MOST_TOKEN = 2000
SUBSCRIPTION = "subscription"
"""How what the memory says of one begins: `subscription ID`."""
ENDING = ("reauthorizationRequired", "subscriptionRemoved")
"""Lifecycle events after which a subscription is silent until it is renewed."""
LOST = ("missed", "subscriptionRemoved")
"""Lifecycle events after which some changes were not reported."""


def client_states(secrets: tuple[str, ...]) -> list[str]:
    """What subscriptions are made with, the newest secret's first."""
    return [digest(key_of(secret), b"okrsync clientState").hex() for secret in secrets]


class GraphBell(Bell):
    reads_memory = True

    def ring(self, call: Call, now: datetime) -> Delivery | Answer:  # noqa: ARG002 - nothing of this tells a time
        handshake = handshake_of(call)
        if handshake is not None:
            return handshake
        states = client_states(self.options.hook_secrets())
        if not states:
            raise Forged("the connection has no hook_secret")
        found = [one for one in _notifications(call.body) if is_one_of(_text(one, "clientState"), states)]
        if not found:
            raise Forged("no notification carries the right clientState")
        own = [one for one in found if self._is_own_tenant(_text(one, "tenantId"))]
        return Delivery(
            id=named(*sorted(_identity(one) for one in own)),
            touched=frozenset(filter(None, map(self._touched, own))),
            renew=frozenset(_text(one, "subscriptionId") for one in own if one.get("lifecycleEvent") in ENDING),
            repeats=not all(_is_unique(one) for one in own),
            answer=Answer(status=202),
        )

    def concerns(self, query: GraphQuery, touched: frozenset[str]) -> bool:
        return EVERYTHING in touched or resource_of(query) in touched

    def _is_own_tenant(self, tenant: str) -> bool:
        """A tenant may be named by a domain in the options, which no notification tells."""
        try:
            return UUID(self.options.tenant or "") == UUID(tenant)
        except ValueError:
            return True

    def _touched(self, notification: dict[str, Any]) -> str | None:
        """What the subscription watches; nothing where it is none of ours."""
        if notification.get("lifecycleEvent") not in (None, *LOST):
            return None
        key = f"{SUBSCRIPTION} {_text(notification, 'subscriptionId')}"
        found: str | None = self.memory.get(key, max_age=FOREVER)
        return found


def handshake_of(call: Call) -> Answer | None:
    """The same for every address, so that nobody learns by it which ones there are."""
    token = call.query.get("validationToken")
    if call.method != "POST" or not token or len(token) > MOST_TOKEN:
        return None
    return Answer(content=html.escape(token, quote=False).encode(errors="replace"))


def _notifications(body: bytes) -> list[dict[str, Any]]:
    value = object_of(body).get("value")
    if not isinstance(value, list) or len(value) > MOST_NOTIFICATIONS:
        return []
    return [one for one in value if isinstance(one, dict)]


def _identity(notification: dict[str, Any]) -> str:
    data = notification.get("resourceData")
    etag = data.get("@odata.etag") if isinstance(data, dict) else None
    words = ("id", "subscriptionId", "resource", "changeType", "lifecycleEvent")
    return named(*(_text(notification, word) for word in words), etag if isinstance(etag, str) else "")


def _is_unique(notification: dict[str, Any]) -> bool:
    """Those of drives and lists carry neither, and two changes look alike."""
    data = notification.get("resourceData")
    return bool(_text(notification, "id") or (isinstance(data, dict) and data.get("@odata.etag")))


def _text(notification: dict[str, Any], name: str) -> str:
    found = notification.get(name)
    return found if isinstance(found, str) else ""
