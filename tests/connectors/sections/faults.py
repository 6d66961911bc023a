"""A tool that fails: 21 to 23."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import Reader
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
from tests.connectors.sections.base import CANARY, FakeTime, Section

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


class Faults(Section):
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
        connection = self.open({**options, "timeout": 0.3} if "delay" in fault else options)
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
        connection = self.open({**options, "timeout": 0.3} if "delay" in fault else options)
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
        connection: Reader[Any],
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

    def test_check_says_who_we_are(self, connection: Reader[Any]) -> None:
        assert connection.check().name
