"""Change notifications: subscriptions that live for a while, the handshake before each is made, and what is told."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from sandbox.data import Row
from sandbox.graph.errors import Refused
from sandbox.server import Request, Response

LONGEST = {"drives": 42_300, "sites": 42_300, "users": 41_760, "groups": 41_760}
NEEDED = {"drives": "Files.ReadWrite.All", "sites": "Sites.ReadWrite.All"}
HANDSHAKE_SECONDS = 10.0
MOST_CLIENT_STATE = 128
TENANT = "84bd8158-6d4d-4958-8b9f-9d6445542f95"


class Subscriptions:
    """`roles` are what the app was granted: without the one to write, drives and lists can't be watched. `made` are
    those that live, by their ids."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.roles = {"Files.ReadWrite.All", "Sites.ReadWrite.All"}
        self.made: dict[str, Row] = {}
        self._clock = clock
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Response:
        self._end_old_ones()
        _, _, rest = request.path.removeprefix("/v1.0").partition("/subscriptions")
        match request.method, rest.strip("/").split("/"):
            case "GET", [""]:
                return Response.of({"value": [_shown(one) for one in self.made.values()]})
            case "POST", [""]:
                return Response.of(_shown(self._make(_body(request))), status=201)
            case "GET", [ident]:
                return Response.of(_shown(self._one(ident)))
            case "PATCH", [ident]:
                return Response.of(_shown(self._renew(self._one(ident), _body(request))))
            case "DELETE", [ident]:
                self._one(ident)
                del self.made[ident]
                return Response(status=204)
            case "POST", [ident, "reauthorize"]:
                self._one(ident)
                return Response(status=204)
        raise Refused(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")

    def tell(self, resource: str, **more: Any) -> list[int]:
        """Notify whoever watches; the statuses that came back."""
        self._end_old_ones()
        return [self._notify(one, more) for one in list(self.made.values()) if one["resource"] == resource]

    def _make(self, body: Row) -> Row:
        for name in ("changeType", "notificationUrl", "resource", "expirationDateTime"):
            if not isinstance(body.get(name), str) or not body[name]:
                raise _invalid(f"{name} is a required field.")
        kind = body["resource"].strip("/").partition("/")[0]
        if kind not in LONGEST:
            raise _invalid(f"Resource '{body['resource']}' is not supported.")
        if kind in NEEDED and body["changeType"] != "updated":
            raise _invalid("Only the changeType 'updated' is supported for this resource.")
        if kind in NEEDED and NEEDED[kind] not in self.roles:
            raise Refused(
                403, "Forbidden", "Operation: Create; Exception: [Status Code: Forbidden; Reason: Access denied]"
            )
        if len(body.get("clientState") or "") > MOST_CLIENT_STATE:
            raise _invalid("clientState is longer than 128 characters.")
        self._check_end(kind, body)
        for name in ("notificationUrl", "lifecycleNotificationUrl"):
            if body.get(name):
                self._shake_hands(body[name])
        made = {"id": str(uuid.uuid4()), "applicationId": "okrsync", **body}
        with self._lock:
            self.made[made["id"]] = made
        return made

    def _renew(self, one: Row, body: Row) -> Row:
        if set(body) - {"expirationDateTime", "notificationUrl"}:
            raise _invalid("Only expirationDateTime and notificationUrl can be updated.")
        self._check_end(one["resource"].strip("/").partition("/")[0], body)
        self._shake_hands(one["notificationUrl"])
        one.update(body)
        return one

    def _one(self, ident: str) -> Row:
        if ident not in self.made:
            raise Refused(404, "ResourceNotFound", "The object was not found.")
        return self.made[ident]

    def _check_end(self, kind: str, body: Row) -> None:
        end = datetime.fromisoformat(body["expirationDateTime"])
        if not self._clock() < end <= self._clock() + timedelta(minutes=LONGEST[kind]):
            raise _invalid(f"Subscription expiration can only be {LONGEST[kind]} minutes in the future.")

    def _shake_hands(self, address: str) -> None:
        if urlsplit(address).scheme != "https" and urlsplit(address).hostname != "127.0.0.1":
            raise _invalid("The notificationUrl must use https.")
        token = f"Validation: Testing client application reachability for subscription Request-Id: {uuid.uuid4()}"
        status, kind, text = _post(f"{address}?validationToken={quote(token)}", b"", "text/plain; charset=utf-8")
        if status != 200 or text != token or not kind.startswith("text/plain"):
            raise _invalid(
                "Subscription validation request failed. Notification endpoint must respond with 200 OK to validation "
                "request."
            )

    def _notify(self, one: Row, more: Row) -> int:
        told = {
            "subscriptionId": one["id"],
            "subscriptionExpirationDateTime": one["expirationDateTime"],
            "clientState": one.get("clientState"),
            "changeType": "updated",
            "resource": one["resource"].strip("/"),
            "tenantId": TENANT,
            "resourceData": {"@odata.type": "#Microsoft.Graph.ListItem"},
            **more,
        }
        address = one["lifecycleNotificationUrl" if "lifecycleEvent" in more else "notificationUrl"]
        return _post(address, json.dumps({"value": [told]}).encode(), "application/json")[0]

    def _end_old_ones(self) -> None:
        with self._lock:
            for ident, one in list(self.made.items()):
                if datetime.fromisoformat(one["expirationDateTime"]) <= self._clock().astimezone(UTC):
                    del self.made[ident]


def _invalid(message: str) -> Refused:
    return Refused(400, "InvalidRequest", message)


def _body(request: Request) -> Row:
    try:
        found = request.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _invalid("The body is not a JSON object.")
    return found


def _shown(one: Row) -> Row:
    """The secret is not told again."""
    return {**one, "clientState": None}


def _post(address: str, body: bytes, kind: str) -> tuple[int, str, str]:
    asked = urllib.request.Request(address, data=body, headers={"Content-Type": kind}, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(asked, timeout=HANDSHAKE_SECONDS) as answer:  # noqa: S310
            return answer.status, answer.headers.get("Content-Type", ""), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, "", ""
    except OSError:
        return 0, "", ""
