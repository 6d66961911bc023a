"""Judges webhooks by Standard Webhooks 1.0. Their body names what was touched: `{"type": ..., "touched": [...]}`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.base import EVERYTHING, Answer, Call, Delivery
from connectors.hook_bodies import words_of
from connectors.standard_webhooks import StandardBell

TOUCHED = "values.changed"


class MemoryBell(StandardBell):
    def ring(self, call: Call, now: datetime) -> Delivery | Answer:
        if call.method == "GET" and "challenge" in call.query:
            return Answer(content=call.query["challenge"].encode(errors="replace"))
        return super().ring(call, now)

    def said(self, event: dict[str, Any]) -> frozenset[str]:
        return words_of(event) if event.get("type") == TOUCHED else frozenset()

    def concerns(self, query: Any, touched: frozenset[str]) -> bool:
        return bool({query.name, EVERYTHING} & touched)
