from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import Call
from connectors.memory.pull import MemoryConnector
from connectors.memory.spec import SPEC
from tests.connectors.contract import CANARY, ConnectorContract, Hook


class TestMemory(ConnectorContract):
    spec = SPEC

    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {"values": {"a": 5, "b": "2.50", "none": None}, "hook_secret": CANARY}

    @pytest.fixture
    def good(self) -> tuple[Any, Decimal]:
        return "b", Decimal("2.50")

    @pytest.fixture
    def bad(self) -> Any:
        return "unknown"

    @pytest.fixture
    def empty(self) -> Any:
        return {"name": "none"}

    @pytest.fixture
    def paged(self) -> tuple[Any, Decimal]:
        return "a", Decimal(5)

    @pytest.fixture
    def batch(self) -> tuple[list[Any], int]:
        return ["a", "b", "none"], 0

    @pytest.fixture
    def place(self) -> tuple[Any, Any, Any]:
        form = {"name": "board", "fields": {"number": "value", "word": "status"}}
        return form, (("number", Decimal("2.50")), ("word", "on track")), (("number", Decimal(3)), ("word", "behind"))

    @pytest.fixture
    def missing_place(self) -> Any:
        pytest.skip("the spec says that there is no network, and every name is a place")

    @pytest.fixture
    def lose_answer(self) -> Callable[[MemoryConnector], None]:
        return lambda connection: setattr(connection, "losing", 1)

    @pytest.fixture
    def written(self) -> Callable[[MemoryConnector], int]:
        return lambda connection: len(connection.writes)

    @pytest.fixture
    def meddle(self) -> Callable[[MemoryConnector], Any]:
        def change(connection: MemoryConnector) -> Any:
            connection.places.setdefault("board", {}).update(number=Decimal(77), remark="mine")
            return lambda: connection.places["board"]["remark"]

        return change

    @pytest.fixture
    def channel(self) -> Any:
        return {"name": "okrs"}

    @pytest.fixture
    def arrived(self) -> Callable[[MemoryConnector], list[str]]:
        return lambda connection: [repr(message) for message in connection.messages.values()]

    @pytest.fixture
    def mute(self) -> Callable[[MemoryConnector], None]:
        return lambda connection: setattr(connection, "muted", 1)

    @pytest.fixture
    def hook(self) -> Hook:
        return Hook(
            signed=lambda at: signed(at, {"type": "values.changed", "touched": ["a"]}),
            unknown=lambda at: signed(at, {"type": "values.praised", "touched": ["a"]}),
            touches="a",
            spares="b",
            handshake=(Call(body=b"", method="GET", query={"challenge": "<b>ü&"}), "<b>ü&"),
        )

    @pytest.fixture
    def unsigned(self, options: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in options.items() if name != "hook_secret"}


def signed(at: datetime, event: dict[str, Any]) -> Call:
    body = json.dumps(event).encode()
    stamp = str(int(at.timestamp()))
    made = hmac.new(CANARY.encode(), f"msg_1.{stamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(made).decode()}"
    headers = {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": f"v1,bm8= {signature}"}
    return Call(body=body, headers=headers)
