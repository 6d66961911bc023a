"""Judges calls by Standard Webhooks 1.0, whatever tool or script they come from. Source: standardwebhooks.com.

The body may say what was touched, in the words of the connection's own bell: `{"touched": ["project:SUP"]}`. If it
says nothing, everything was touched.
"""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any

from connectors.hook_bodies import object_of
from connectors.ringing import Answer, Bell, Call, Delivery, Forged
from connectors.signatures import digest, is_one_of, key_of

TOLERANCE = timedelta(minutes=5)
MOST_SIGNATURES = 16
SIGNATURE = "webhook-signature"


class StandardBell(Bell):
    def ring(self, call: Call, now: datetime) -> Delivery | Answer:
        identity = call.headers.get("webhook-id", "")
        stamp = call.headers.get("webhook-timestamp", "")
        self._verify(identity, stamp, call)
        if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
            raise Forged("webhook-timestamp is not a number of seconds")
        if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
            raise Forged("the call is more than five minutes old, or in the future")
        return Delivery(id=identity, touched=self.said(object_of(call.body)))

    def _verify(self, identity: str, stamp: str, call: Call) -> None:
        keys = [key_of(secret) for secret in self.options.hook_secrets()]
        if not keys:
            raise Forged("the connection has no hook_secret")
        if not identity:
            raise Forged("the call carries no webhook-id")
        signed = f"{identity}.{stamp}.".encode(errors="replace") + call.body
        right = [base64.b64encode(digest(key, signed)) for key in keys]
        given = call.headers.get(SIGNATURE, "").split()[:MOST_SIGNATURES]
        found = [is_one_of(one.removeprefix("v1,"), right) for one in given if one.startswith("v1,")]
        if not any(found):
            raise Forged("the signature is wrong" if given else "the call is not signed")


class Either(StandardBell):
    """A tool's own bell that also accepts calls signed by Standard Webhooks."""

    def __init__(self, own: Bell) -> None:
        super().__init__(own.options, memory=own.memory)
        self._own = own
        self.reads_memory = own.reads_memory

    @property
    def asks_again(self) -> timedelta | None:
        return self._own.asks_again

    def ring(self, call: Call, now: datetime) -> Delivery | Answer:
        return super().ring(call, now) if SIGNATURE in call.headers else self._own.ring(call, now)

    def said(self, event: dict[str, Any]) -> frozenset[str]:
        return self._own.said(event)

    def concerns(self, query: Any, touched: frozenset[str]) -> bool:
        return self._own.concerns(query, touched)


def bell_of(spec: Any, options: Any, memory: Any) -> Bell:
    """The bell of any connection: a tool without one of its own is rung by Standard Webhooks alone."""
    if spec.bell is None:
        return StandardBell(options, memory=memory)
    own = spec.load_bell()(options, memory=memory)
    return own if isinstance(own, StandardBell) else Either(own)
