"""Asks Graph to tell of changes, for as long as it allows, and what it tells is judged in webhook.py.

Source: Microsoft Graph "subscription resource type", "Set up notifications", "Reduce missing subscriptions".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from connectors.errors import BadAnswer, BadQuery, NotFound, Unreachable
from connectors.graph.client import GraphClient
from connectors.graph.queries import GraphQuery
from connectors.graph.resources import LONGEST_MINUTES, permission_for, resource_of
from connectors.graph.schedule import Request
from connectors.graph.webhook import client_states
from connectors.ringing import Subscriber, Watch

PATH = "/subscriptions"
ANY_PERMISSION = "the permission of what is watched"
CALL_BACK = "Let Microsoft 365 reach public_url by HTTPS with a certificate that the world trusts."
MARGIN = timedelta(minutes=5)
"""Graph counts the longest life by its own clock."""


class GraphSubscriber(Subscriber):
    name: str

    def __init__(self, client: GraphClient, options: Any, clock: Any) -> None:
        self._graph = client
        self._wanted = options
        self._time_now = clock

    @property
    def wants_calls(self) -> bool:
        return bool(self._wanted.subscribe)

    @property
    def changes_secret(self) -> bool:
        return self._wanted.hook_secret_before is not None

    def resource_of(self, query: GraphQuery) -> str | None:
        return resource_of(query)

    def watches(self) -> list[Watch]:
        asked = Request(PATH, ANY_PERMISSION)
        first = self._graph.get(asked)
        pages = self._graph.pages(asked, first)
        return [watch for page in pages for watch in self._ours(page)]

    def watch(self, resource: str, address: str) -> Watch:
        body = {
            "changeType": "updated" if _is_file(resource) else "updated,deleted",
            "notificationUrl": address,
            "lifecycleNotificationUrl": address,
            "resource": resource,
            "expirationDateTime": _written(self._longest(resource)),
            "clientState": client_states(self._wanted.hook_secrets())[0],
        }
        try:
            made = self._graph.change("POST", Request(PATH, permission_for(resource)), body)
        except BadQuery as error:
            if "validation" in error.message.lower():
                # It calls back before it agrees, and a cold start or a slow name server is enough to fail once.
                raise Unreachable(error.message, connection=self.name, scope="query", fix=CALL_BACK) from None
            raise
        return self._made(made, resource, address)

    def renew(self, watch: Watch) -> Watch:
        body = {"expirationDateTime": _written(self._longest(watch.resource))}
        made = self._graph.change("PATCH", _of(watch.remote_id, permission_for(watch.resource)), body)
        return self._made({"id": watch.remote_id, **made}, watch.resource, watch.address)

    def unwatch(self, remote_id: str) -> None:
        try:
            self._graph.change("DELETE", _of(remote_id, ANY_PERMISSION))
        except NotFound:
            return

    def _longest(self, resource: str) -> datetime:
        minutes = LONGEST_MINUTES[resource.strip("/").partition("/")[0]]
        until: datetime = self._time_now() + timedelta(minutes=minutes) - MARGIN
        return until

    def _made(self, made: dict[str, Any], resource: str, address: str) -> Watch:
        ident, expires_at = made.get("id"), _time(made.get("expirationDateTime"))
        if not isinstance(ident, str) or not 0 < len(ident) <= 200 or expires_at is None:
            raise BadAnswer("Graph answered a subscription without its id or its end", connection=self.name)
        return Watch(remote_id=ident, resource=resource, address=address, expires_at=expires_at)

    def _ours(self, page: list[Any]) -> Iterator[Watch]:
        """What is not in the form of a subscription is none."""
        for one in (found for found in page if isinstance(found, dict)):
            texts = [one.get(name) for name in ("id", "resource", "notificationUrl")]
            ident, resource, address = (text if isinstance(text, str) else "" for text in texts)
            expires_at = _time(one.get("expirationDateTime"))
            if ident and resource and address and expires_at is not None:
                kept = f"/{resource.strip('/')}"
                yield Watch(remote_id=ident, resource=kept, address=address, expires_at=expires_at)


def _of(remote_id: str, permission: str) -> Request:
    return Request(f"{PATH}/{quote(remote_id, safe='')}", permission)


def _is_file(resource: str) -> bool:
    return resource.startswith(("/drives/", "/sites/"))


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _time(given: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(given)
    except (ValueError, TypeError):
        return None
    return found.astimezone(UTC) if found.tzinfo else None
