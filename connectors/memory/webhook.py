"""Judges webhooks by Standard Webhooks 1.0. Their body names what was touched: `{"type": ..., "touched": [...]}`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

from connectors.base import Answer, Bell, Call, Delivery, Forged

TOLERANCE = timedelta(minutes=5)
TOUCHED = "values.changed"


class MemoryBell(Bell):
    def ring(self, call: Call, now: datetime) -> Delivery | Answer:
        if call.method == "GET" and "challenge" in call.query:
            return Answer(content=call.query["challenge"].encode(errors="replace"))
        identity = call.headers.get("webhook-id", "")
        stamp = call.headers.get("webhook-timestamp", "")
        self._verify(identity, stamp, call)
        if not stamp.isascii() or not stamp.isdigit() or abs(now.timestamp() - int(stamp[:12])) > TOLERANCE.seconds:
            raise Forged("the call is too old, or of the future")
        return Delivery(id=identity, touched=_touched(call.body))

    def concerns(self, query: Any, touched: frozenset[str]) -> bool:
        return query.name in touched

    def _verify(self, identity: str, stamp: str, call: Call) -> None:
        secret = self.options.hook_secret.get_secret_value() if self.options.hook_secret else ""
        if not secret or not identity:
            raise Forged("no secret is set, or the call carries no id")
        signed = f"{identity}.{stamp}.".encode(errors="replace") + call.body
        right = base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest())
        given = call.headers.get("webhook-signature", "").split()
        found = [hmac.compare_digest(one.partition(",")[2].encode(errors="replace"), right) for one in given]
        if not any(found):
            raise Forged("the signature is wrong")


def _touched(body: bytes) -> frozenset[str]:
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return frozenset()
    if not isinstance(event, dict) or event.get("type") != TOUCHED or not isinstance(event.get("touched"), list):
        return frozenset()
    return frozenset(name for name in event["touched"] if isinstance(name, str))
