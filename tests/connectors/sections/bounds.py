"""Bounds and secrets: 37 to 43. What a hostile server, file or surrounding can't do."""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import time
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from pydantic import TypeAdapter, ValidationError

from connectors.base import Query
from connectors.errors import BadAnswer, ConnectorError, Unreachable
from connectors.transport import CuttableAdapter
from mapping.reading import Reading
from sandbox.server import Server
from tests.connectors.liar import LIES, Liar, changed, count
from tests.connectors.sections.base import CANARY, NOW, Section
from tests.sweep import SEED, dice, sweep

AT_DATA, AT_SIGN_IN = "data", "sign-in"
WHERE = pytest.mark.parametrize("where", [AT_DATA, AT_SIGN_IN])
SECONDS = 0.3


def forms_of(secret: str) -> set[str]:
    raw = secret.encode()
    encoded = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
    return {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], *encoded}


class Bounds(Section):
    @pytest.fixture
    def sent(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        """Every request that goes out."""
        found: list[Any] = []
        send = CuttableAdapter.send

        def noted(adapter: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            found.append(request)
            return send(adapter, request, *args, **kwargs)

        monkeypatch.setattr(CuttableAdapter, "send", noted)
        return found

    @pytest.fixture
    def liar(self, fake: Server | None) -> Iterator[Liar]:
        self.need_network()
        assert fake is not None
        true = fake.application
        liar = Liar(true)
        fake.application = liar
        yield liar
        fake.application = true

    def path_of(self, where: str) -> str:
        self.need_network()
        if where == AT_DATA:
            return self.data_path
        if self.sign_in_path is None:
            pytest.skip("the spec's credential goes with each request: there is no sign-in")
        return self.sign_in_path

    def warm(self, options: dict[str, Any], form: Any) -> None:
        """The first answer of a stand-in may take longer than the next ones."""
        connection = self.open(options)
        assert isinstance(self.one(connection, form), Reading)
        connection.close()

    # -- 37, 43 ----------------------------------------------------------------------------------------------

    def test_37_lying_answers_cost_no_more_than_themselves(
        self,
        options: dict[str, Any],
        liar: Liar,
        good: tuple[Any, Decimal],
        bad: Any,
        paged: tuple[Any, Decimal],
        batch: tuple[list[Any], int],
    ) -> None:
        queries = [self.query(form) for form in (good[0], bad, paged[0], *batch[0][:2])]
        self.lie_through(options, liar, queries, 1)
        answers = len(liar.seen)
        broke: list[str] = []

        for case in range(sweep(25, 3_000)):
            rng = dice(f"{type(self).__name__} {case}")
            liar.arm(partial(changed, rng), rng.randrange(answers))
            trouble = self.lie_through(options, liar, queries, case)
            if liar.told:
                count(type(self).__name__.removeprefix("Test"), liar.told, held=trouble is None)
            if trouble is not None:
                broke.append(f"case {case} of seed {SEED}, {liar.told}: {trouble} after {liar.said[:300]!r}")

        assert broke == []

    def lie_through(self, options: dict[str, Any], liar: Liar, queries: list[Query], case: int) -> str | None:
        """What went wrong in asking all of them, and in what else a command does with a connection."""
        connection = self.open({**options, "max_bytes": 1_000_000, "timeout": 20})
        start = time.monotonic()
        try:
            if case % 3 == 0:
                with contextlib.suppress(ConnectorError):
                    connection.check()
                    assert all(error is None or error.fix for _, error in connection.validate(queries))
            connection.calls(queries)
            outcomes = list(connection.read(queries))
            assert sorted(query.text() for query, _ in outcomes) == sorted(query.text() for query in queries)
            for _, outcome in outcomes:
                self.check_outcome(outcome)
            assert time.monotonic() - start < 10
        except Exception as error:
            return repr(error)[:300]
        finally:
            connection.close()
        return None

    def check_outcome(self, outcome: Any) -> None:
        assert isinstance(outcome, Reading | ConnectorError)
        if isinstance(outcome, Reading):
            value, evidence = outcome.value, outcome.evidence
            assert value is None or (isinstance(value, Decimal) and value.is_finite() and abs(value) < 10**24)
            assert evidence.rows is None or evidence.rows >= 0
            assert evidence.asked_at == NOW
        else:
            assert outcome.fix
            assert len(outcome.message) <= 2000
            assert CANARY not in str(outcome)
            (str(outcome) + outcome.fix).encode()

    def test_37_options_of_a_wrong_kind_are_refused(self, options: dict[str, Any]) -> None:
        lies = [lie for lie in LIES if not (isinstance(lie, str) and lie.startswith("@"))]
        shown: list[str] = []
        for name in self.spec.options.model_fields:
            for lie in lies:
                try:
                    made = self.spec.options.model_validate({**options, name: lie})
                except ValidationError as error:
                    shown.append(str(error))
                    continue
                self.spec.load()("under-test", made, clock=lambda: NOW).close()
        assert not any(CANARY in one for one in shown)

    def test_37_queries_of_a_wrong_kind_are_refused(
        self, good: tuple[Any, Decimal], batch: tuple[list[Any], int]
    ) -> None:
        adapter = TypeAdapter(self.spec.queries)
        texts = (
            "",
            "|" * 3000,
            "a|" * 3000 + "a",
            "(" * 3000,
            "[" * 3000,
            "'" * 999,
            "\x00",
            "\ud800",
            "{as_of",
            "x" * 100_000,
        )
        for form in (good[0], *batch[0][:3]):
            for name in form if isinstance(form, dict) else ("",):
                for lie in (*LIES, *texts):
                    try:
                        made = adapter.validate_python({**form, name: lie} if isinstance(form, dict) else lie)
                    except ValidationError:
                        continue
                    assert made.text().encode().count(b"\0") == 0
                    assert hash(made) == hash(made)

    # -- 38, 39 ----------------------------------------------------------------------------------------------

    @WHERE
    @pytest.mark.parametrize("kind", ["drip", "drip-head", "continue"])
    def test_38_a_request_is_over_in_its_time(
        self, options: dict[str, Any], fake: Server | None, good: tuple[Any, Decimal], where: str, kind: str
    ) -> None:
        path = self.path_of(where)
        assert fake is not None
        self.warm(options, good[0])
        connection = self.open({**options, "timeout": SECONDS})
        fake.faults.fail(kind=kind, path=path, times=-1)
        start = time.monotonic()

        outcome = self.one(connection, good[0])

        assert time.monotonic() - start < 4 * SECONDS
        assert isinstance(outcome, Unreachable), repr(outcome)
        connection.close()

    def test_38_a_request_under_way_is_cut_off_from_another_thread(
        self, options: dict[str, Any], fake: Server | None, good: tuple[Any, Decimal]
    ) -> None:
        import threading

        self.need_network()
        assert fake is not None
        self.warm(options, good[0])
        connection = self.open({**options, "timeout": 60})
        fake.faults.fail(kind="drip", path=self.data_path, times=-1)
        threading.Timer(SECONDS, connection.stop).start()
        start = time.monotonic()

        outcome = self.one(connection, good[0])

        assert time.monotonic() - start < 4 * SECONDS
        assert isinstance(outcome, Unreachable), repr(outcome)
        connection.close()

    @WHERE
    @pytest.mark.parametrize("kind", ["endless", "bomb"])
    def test_39_too_large_an_answer_is_refused(
        self, options: dict[str, Any], fake: Server | None, good: tuple[Any, Decimal], where: str, kind: str
    ) -> None:
        path = self.path_of(where)
        assert fake is not None
        self.warm(options, good[0])
        connection = self.open({**options, "max_bytes": 1_000_000})
        fake.faults.fail(kind=kind, path=path, times=-1)
        tracemalloc.start()

        outcome = self.one(connection, good[0])

        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert isinstance(outcome, BadAnswer), repr(outcome)
        assert "1,000,000 bytes" in outcome.message
        assert peak < 30_000_000
        connection.close()

    # -- 40, 41, 42 ------------------------------------------------------------------------------------------

    @WHERE
    @pytest.mark.parametrize("status", [302, 307])
    def test_40_no_redirect_carries_a_credential_or_a_value(
        self, options: dict[str, Any], fake: Server | None, good: tuple[Any, Decimal], where: str, status: int
    ) -> None:
        path = self.path_of(where)
        assert fake is not None
        with Server(fake.application) as stranger:
            connection = self.open(options)
            headers = {"Location": f"{stranger.url}{{target}}"}
            fake.faults.fail(status=status, path=path, headers=headers, times=-1)

            outcome = self.one(connection, good[0])

            assert isinstance(outcome, ConnectorError), outcome
            assert stranger.calls == []
            connection.close()

    @WHERE
    @pytest.mark.parametrize("status", [200, 400, 401, 403, 429, 500])
    def test_41_a_server_that_echoes_what_we_sent(
        self,
        options: dict[str, Any],
        fake: Server | None,
        good: tuple[Any, Decimal],
        sent: list[Any],
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
        where: str,
        status: int,
    ) -> None:
        path = self.path_of(where)
        assert fake is not None
        caplog.set_level(logging.INFO)
        connection = self.open(options)
        fake.faults.fail(kind="echo", status=status, path=path, times=-1)

        outcomes: list[Any] = [self.one(connection, good[0])]
        try:
            connection.check()
        except ConnectorError as error:
            outcomes.append(error)

        said = "".join(f"{one!s}{one!r}{getattr(one, 'fix', '')}{getattr(one, 'evidence', '')}" for one in outcomes)
        said += caplog.text + "".join(capfd.readouterr())
        tokens = {request.headers.get("Authorization", "").rpartition(" ")[2] for request in sent} - {""}
        for secret in {CANARY, *tokens}:
            assert not any(form in said for form in forms_of(secret)), said
        connection.close()

    def test_42_nothing_around_us_changes_a_header(
        self,
        options: dict[str, Any],
        good: tuple[Any, Decimal],
        sent: list[Any],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.need_network()
        (tmp_path / "netrc").write_text(
            "machine 127.0.0.1 login evil password stolen\ndefault login evil password stolen\n"
        )
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        monkeypatch.setenv("HTTPS_PROXY", "http://evil:stolen@127.0.0.1:1")
        monkeypatch.setenv("HTTP_PROXY", "http://evil:stolen@127.0.0.1:1")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        connection = self.open(options)

        outcome = self.one(connection, good[0])

        assert isinstance(outcome, Reading), repr(outcome)
        stolen = base64.b64encode(b"evil:stolen").decode()
        headers = " ".join(f"{name}: {value}" for request in sent for name, value in request.headers.items())
        assert sent
        assert stolen not in headers
        assert "Proxy-Authorization" not in headers
        connection.close()
