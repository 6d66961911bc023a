"""What every section of the contract stands on: the fixtures that a tool's suite overrides, and the suite's own tools."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from pydantic import TypeAdapter

from connectors.base import Query, Reader, Spec
from sandbox.server import Server

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
CANARY = "canary-5f2a91c07d"
"""Stands in every secret option; must never be seen again."""


class FakeTime:
    """Time for `connectors.wire`: sleeping takes none and is remembered."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float, unless: object = None) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def monotonic(self) -> float:
        return self.now


class Section:
    """`data_path` is a part of the path of every request that carries data, so that faults can spare the sign-in;
    `publish_path` the same for what is published, where it is another.
    `sign_in_path` is the same for the request that signs in, None where each request carries the credential.
    """

    spec: ClassVar[Spec]
    data_path: ClassVar[str] = ""
    publish_path: ClassVar[str | None] = None
    sign_in_path: ClassVar[str | None] = None

    # -- fixtures to override -------------------------------------------------------------------------------

    @pytest.fixture
    def fake(self) -> Iterator[Server | None] | None:
        """The running stand-in; None where the connector is not remote. Pages with a page size of 2."""
        return None

    @pytest.fixture
    def options(self, fake: Server | None) -> dict[str, Any]:
        """Valid options as YAML would give them; each secret contains CANARY."""
        raise NotImplementedError

    @pytest.fixture
    def good(self) -> tuple[Any, Decimal]:
        """A query in its YAML form, and its known answer."""
        return self.missing("is read")

    @pytest.fixture
    def bad(self) -> Any:
        """A query in its YAML form that the tool refuses."""
        return self.missing("is read")

    @pytest.fixture
    def empty(self) -> Any:
        """A query in its YAML form that the tool answers with "none"."""
        return self.missing("is read")

    @pytest.fixture
    def paged(self) -> tuple[Any, Decimal]:
        """A query over 5 items, and its known answer."""
        return self.missing("is read")

    @pytest.fixture
    def batch(self) -> tuple[list[Any], int]:
        """Distinct queries, and the number of data calls that the tool's batching needs for them."""
        return self.missing("is read")

    # -- tools of the suite ---------------------------------------------------------------------------------

    @pytest.fixture(autouse=True)
    def fake_time(self, monkeypatch: pytest.MonkeyPatch) -> FakeTime:
        fake = FakeTime()
        monkeypatch.setattr("connectors.wire.time", fake)
        return fake

    @pytest.fixture
    def connection(self, options: dict[str, Any]) -> Iterator[Reader[Any]]:
        made = self.open(options)
        yield made
        made.close()

    def missing(self, capability: str) -> Any:
        """Skips where the spec does not declare it."""
        if capability in self.spec.capabilities:
            raise NotImplementedError(f"{self.spec.name} {capability}: its suite overrides this fixture")
        pytest.skip(f"the spec says nothing of a tool that {capability}")

    def open(self, options: dict[str, Any]) -> Reader[Any]:
        return self.spec.load()("under-test", self.spec.options.model_validate(options), clock=lambda: NOW)

    def query(self, form: Any) -> Query:
        made: Query = TypeAdapter(self.spec.queries).validate_python(form)
        return made

    def need_network(self) -> None:
        if not self.spec.remote:
            pytest.skip("the spec says that there is no network to fail")

    def data_calls(self, fake: Server) -> int:
        return sum(1 for call in fake.calls if self.data_path in call.path)

    def one(self, connection: Reader[Any], form: Any) -> Any:
        (outcome,) = [outcome for _, outcome in connection.read([self.query(form)])]
        return outcome
