"""The one suite that every connector must pass. A tool's test file subclasses `ConnectorContract`, sets `spec`,
and overrides the fixtures marked below; skips come only from the spec."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr, TypeAdapter, ValidationError

from connectors import registry
from connectors.base import Connector, Query, Spec
from connectors.errors import (
    AccessDenied,
    BadAnswer,
    BadCredentials,
    ConnectorError,
    NotFound,
    Throttled,
    Unreachable,
)
from mapping.reading import Reading
from sandbox.server import Server

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
CANARY = "canary-5f2a91c07d"
"""Stands in every secret option; must never be seen again."""

ALWAYS = {"times": -1}
FAULTS: list[Any] = [
    pytest.param({"status": 401, **ALWAYS}, BadCredentials, "connection", id="401"),
    pytest.param({"status": 403, **ALWAYS}, AccessDenied, None, id="403"),
    pytest.param({"status": 404, **ALWAYS}, NotFound, None, id="404"),
    pytest.param({"status": 429, **ALWAYS}, Throttled, "connection", id="429"),
    pytest.param({"status": 429, "headers": {"Retry-After": "7200"}, **ALWAYS}, Throttled, "connection", id="429-long"),
    pytest.param({"status": 500, **ALWAYS}, Unreachable, "connection", id="500"),
    pytest.param({"status": 502, "body": "<html>bad gateway</html>", **ALWAYS}, Unreachable, "connection", id="502"),
    pytest.param({"status": 503, **ALWAYS}, Unreachable, "connection", id="503"),
    pytest.param({"status": 504, **ALWAYS}, Unreachable, "connection", id="504"),
    pytest.param({"kind": "reset", **ALWAYS}, Unreachable, "connection", id="reset"),
    pytest.param({"kind": "hang", "delay": 0.5, **ALWAYS}, Unreachable, "connection", id="timeout"),
    pytest.param({"kind": "html", **ALWAYS}, BadAnswer, None, id="html-200"),
    pytest.param({"kind": "truncate", **ALWAYS}, BadAnswer, None, id="truncated"),
    pytest.param({"status": 200, "body": '{"unexpected": [1]}', **ALWAYS}, BadAnswer, None, id="wrong-shape"),
    pytest.param({"status": 200, "body": "[]", **ALWAYS}, BadAnswer, None, id="wrong-type"),
]
PASSING: list[Any] = [
    pytest.param({"status": 429, "headers": {"Retry-After": "2"}}, 2, id="429-2"),
    pytest.param({"status": 429, "headers": {"Retry-After": "1.5"}}, 1.5, id="429-decimal"),
    pytest.param({"status": 429}, 0, id="429-bare"),
    pytest.param({"status": 503, "times": 2}, 0, id="503-twice"),
    pytest.param({"status": 502}, 0, id="502"),
    pytest.param({"status": 504}, 0, id="504"),
    pytest.param({"kind": "reset"}, 0, id="reset"),
]


class FakeTime:
    """Time for `connectors.wire`: sleeping takes none and is remembered."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def monotonic(self) -> float:
        return self.now


class ConnectorContract:
    """Behaviours by the names and numbers of the contract.

    `data_path` is a part of the path of every request that carries data, so that faults can spare the sign-in.
    `sign_in_path` is the same for the request that signs in, None where each request carries the credential.
    """

    spec: ClassVar[Spec]
    data_path: ClassVar[str] = ""
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
        raise NotImplementedError

    @pytest.fixture
    def bad(self) -> Any:
        """A query in its YAML form that the tool refuses."""
        raise NotImplementedError

    @pytest.fixture
    def empty(self) -> Any:
        """A query in its YAML form that the tool answers with "none"."""
        raise NotImplementedError

    @pytest.fixture
    def paged(self) -> tuple[Any, Decimal]:
        """A query over 5 items, and its known answer."""
        raise NotImplementedError

    @pytest.fixture
    def batch(self) -> tuple[list[Any], int]:
        """Distinct queries, and the number of data calls that the tool's batching needs for them."""
        raise NotImplementedError

    # -- tools of the suite ---------------------------------------------------------------------------------

    @pytest.fixture(autouse=True)
    def fake_time(self, monkeypatch: pytest.MonkeyPatch) -> FakeTime:
        fake = FakeTime()
        monkeypatch.setattr("connectors.wire.time", fake)
        return fake

    @pytest.fixture
    def connection(self, options: dict[str, Any]) -> Iterator[Connector[Any]]:
        made = self.open(options)
        yield made
        made.close()

    def open(self, options: dict[str, Any]) -> Connector[Any]:
        return self.spec.load()("under-test", self.spec.options.model_validate(options), clock=lambda: NOW)

    def query(self, form: Any) -> Query:
        made: Query = TypeAdapter(self.spec.queries).validate_python(form)
        return made

    def need_network(self) -> None:
        if not self.spec.remote:
            pytest.skip("the spec says that there is no network to fail")

    def data_calls(self, fake: Server) -> int:
        return sum(1 for call in fake.calls if self.data_path in call.path)

    # -- declaration ----------------------------------------------------------------------------------------

    def test_01_name_is_folder_and_registry_key(self) -> None:
        assert registry.spec(self.spec.name) is self.spec
        assert self.spec.load().spec is self.spec
        assert self.spec.load().__module__.split(".")[:2] == ["connectors", self.spec.name]

    def test_03_unknown_option_is_refused_by_name(self, options: dict[str, Any]) -> None:
        with pytest.raises(ValidationError, match="no_such_option"):
            self.spec.options.model_validate({**options, "no_such_option": 1})

    def test_03_unknown_query_key_is_refused_by_name(self, good: tuple[Any, Decimal]) -> None:
        form = good[0] if isinstance(good[0], dict) else self.query(good[0]).model_dump()
        with pytest.raises(ValidationError, match="no_such_key"):
            TypeAdapter(self.spec.queries).validate_python({**form, "no_such_key": 1})

    def test_04_secrets_are_hidden(self, options: dict[str, Any], connection: Connector[Any]) -> None:
        made = self.spec.options.model_validate(options)

        assert CANARY not in repr(made) + str(made) + str(made.model_dump()) + made.model_dump_json()
        assert CANARY not in repr(connection) + str(connection)
        if self.spec.remote:
            assert any(isinstance(value, SecretStr) for value in dict(made).values())

    # -- lifecycle ------------------------------------------------------------------------------------------

    def test_07_opening_does_no_io(self, connection: Connector[Any], fake: Server | None) -> None:
        assert connection.name == "under-test"
        assert fake is None or fake.calls == []

    def test_08_closing_twice(self, connection: Connector[Any], good: tuple[Any, Decimal]) -> None:
        list(connection.read([self.query(good[0])]))

        connection.close()
        connection.close()

    def test_09_interrupted_read_leaves_it_closable(
        self, connection: Connector[Any], batch: tuple[list[Any], int]
    ) -> None:
        reading = connection.read([self.query(form) for form in batch[0]])
        next(iter(reading))
        if hasattr(reading, "close"):
            reading.close()

        connection.close()

    # -- reading --------------------------------------------------------------------------------------------

    def test_10_each_query_gets_one_outcome(
        self, connection: Connector[Any], good: tuple[Any, Decimal], bad: Any
    ) -> None:
        queries = [self.query(good[0]), self.query(bad), self.query(good[0])]

        outcomes = list(connection.read(queries))

        assert sorted(q.text() for q, _ in outcomes) == sorted({q.text() for q in queries})

    def test_11_no_queries_no_call(self, connection: Connector[Any], fake: Server | None) -> None:
        assert list(connection.read([])) == []
        assert fake is None or fake.calls == []

    def test_12_known_answer_with_its_evidence(self, connection: Connector[Any], good: tuple[Any, Decimal]) -> None:
        reading = self.one(connection, good[0])

        assert isinstance(reading, Reading), reading
        assert reading.value == good[1]
        assert isinstance(reading.value, Decimal)
        assert reading.evidence.connection == "under-test"
        assert reading.evidence.query
        assert reading.evidence.asked_at == NOW
        assert reading.evidence.as_of.tzinfo is not None

    def test_13_all_pages(self, connection: Connector[Any], paged: tuple[Any, Decimal]) -> None:
        reading = self.one(connection, paged[0])

        assert isinstance(reading, Reading), reading
        assert reading.value == paged[1]

    def test_15_none_is_not_zero(self, connection: Connector[Any], empty: Any) -> None:
        reading = self.one(connection, empty)

        assert isinstance(reading, Reading), reading
        assert reading.value is None

    def test_16_a_bad_query_spares_the_rest(
        self, connection: Connector[Any], good: tuple[Any, Decimal], bad: Any
    ) -> None:
        outcomes = dict(connection.read([self.query(bad), self.query(good[0])]))

        error, reading = outcomes[self.query(bad)], outcomes[self.query(good[0])]
        assert isinstance(error, ConnectorError)
        assert error.scope == "query"
        assert error.fix
        assert isinstance(reading, Reading)
        assert reading.value == good[1]

    def test_17_reads_write_nothing(
        self, connection: Connector[Any], fake: Server | None, batch: tuple[list[Any], int]
    ) -> None:
        connection.check()
        list(connection.read([self.query(form) for form in batch[0]]))

        assert fake is None or {call.method for call in fake.calls} <= {"GET", "POST"}

    def test_18_same_world_same_answer(self, connection: Connector[Any], batch: tuple[list[Any], int]) -> None:
        queries = [self.query(form) for form in batch[0]]

        assert dict(connection.read(queries)) == dict(connection.read(queries))

    def test_19_no_more_calls_than_the_batching_needs(
        self, connection: Connector[Any], fake: Server | None, batch: tuple[list[Any], int]
    ) -> None:
        forms, least = batch
        connection.check()
        before = self.data_calls(fake) if fake else 0

        outcomes = dict(connection.read([self.query(form) for form in forms] * 2))

        assert all(isinstance(outcome, Reading) for outcome in outcomes.values()), outcomes
        assert fake is None or self.data_calls(fake) - before <= least

    def test_20_link_is_on_the_configured_host(
        self, connection: Connector[Any], fake: Server | None, good: tuple[Any, Decimal]
    ) -> None:
        reading = self.one(connection, good[0])

        assert isinstance(reading, Reading)
        link = reading.evidence.link
        assert link is None or (fake is not None and urlsplit(link).netloc == urlsplit(fake.url).netloc)

    # -- faults ---------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(("fault", "expected", "scope"), FAULTS)
    def test_21_faults_become_our_errors(
        self,
        options: dict[str, Any],
        fake: Server | None,
        good: tuple[Any, Decimal],
        caplog: pytest.LogCaptureFixture,
        fault: dict[str, Any],
        expected: type[ConnectorError],
        scope: str | None,
    ) -> None:
        self.need_network()
        assert fake is not None
        if self.spec.any_shape and fault.get("status") == 200:
            pytest.skip("the spec says that any JSON may be a right answer")
        caplog.set_level(logging.DEBUG)
        connection = self.open({**options, "timeout": 0.3})
        fake.faults.fail(path=self.data_path, **fault)

        outcome = self.one(connection, good[0])

        assert isinstance(outcome, expected), repr(outcome)
        assert scope is None or outcome.scope == scope
        assert outcome.fix
        assert outcome.connection == "under-test"
        assert CANARY not in str(outcome) + repr(outcome) + outcome.fix + caplog.text
        connection.close()

    @pytest.mark.parametrize(("fault", "expected", "scope"), FAULTS)
    def test_21_faults_at_sign_in(
        self,
        options: dict[str, Any],
        fake: Server | None,
        good: tuple[Any, Decimal],
        fault: dict[str, Any],
        expected: type[ConnectorError],
        scope: str | None,
    ) -> None:
        self.need_network()
        if self.sign_in_path is None:
            pytest.skip("the spec's credential goes with each request: there is no sign-in to fail")
        assert fake is not None
        connection = self.open({**options, "timeout": 0.3})
        fake.faults.fail(path=self.sign_in_path, **fault)

        outcome = self.one(connection, good[0])

        # A sign-in that is refused for whatever reason is the credential's fault; the rest is as anywhere.
        allowed = {expected, BadCredentials} if expected in (AccessDenied, NotFound) else {expected}
        assert type(outcome) in allowed, repr(outcome)
        assert isinstance(outcome, ConnectorError)
        assert outcome.scope == "connection"
        with pytest.raises(ConnectorError) as raised:
            connection.check()
        assert CANARY not in str(outcome) + str(raised.value)
        connection.close()

    @pytest.mark.parametrize(("fault", "pause"), PASSING)
    def test_21_passing_trouble_is_waited_out(
        self,
        connection: Connector[Any],
        fake: Server | None,
        good: tuple[Any, Decimal],
        fake_time: FakeTime,
        fault: dict[str, Any],
        pause: float,
    ) -> None:
        self.need_network()
        assert fake is not None
        fake.faults.fail(path=self.data_path, **fault)

        outcome = self.one(connection, good[0])

        assert isinstance(outcome, Reading), repr(outcome)
        assert outcome.value == good[1]
        assert sum(fake_time.slept) >= pause

    def test_21_nobody_there(self, options: dict[str, Any], fake: Server | None, good: tuple[Any, Decimal]) -> None:
        self.need_network()
        assert fake is not None
        connection = self.open(options)
        fake.stop()

        outcome = self.one(connection, good[0])

        assert isinstance(outcome, Unreachable), repr(outcome)
        assert outcome.scope == "connection"
        assert outcome.temporary

    def test_23_wrong_secret(self, options: dict[str, Any], fake: Server | None, good: tuple[Any, Decimal]) -> None:
        self.need_network()
        wrong = {key: f"{CANARY}-wrong" if CANARY in str(value) else value for key, value in options.items()}
        connection = self.open(wrong)

        outcome = self.one(connection, good[0])

        assert isinstance(outcome, BadCredentials), repr(outcome)
        assert outcome.scope == "connection"
        assert outcome.fix
        assert CANARY not in str(outcome) + outcome.fix
        with pytest.raises(BadCredentials):
            connection.check()

    def test_check_says_who_we_are(self, connection: Connector[Any]) -> None:
        assert connection.check().name

    def one(self, connection: Connector[Any], form: Any) -> Any:
        (outcome,) = [outcome for _, outcome in connection.read([self.query(form)])]
        return outcome
