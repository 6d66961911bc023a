from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.memory.spec import SPEC
from tests.connectors.contract import ConnectorContract


class TestMemory(ConnectorContract):
    spec = SPEC

    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {"values": {"a": 5, "b": "2.50", "none": None}}

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
