from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

import connectors.http
from connectors.errors import AccessDenied, BadAnswer, BadCredentials, BadQuery, Throttled
from connectors.http.guard import is_public
from connectors.http.pull import HttpConnector
from connectors.http.spec import SPEC, HttpOptions
from mapping.reading import Reading
from sandbox.server import Server
from tests.connectors.contract import CANARY, NOW, ConnectorContract, FakeTime
from tests.connectors.json_api import JsonApi, Marketo

KPI = "/v1/kpis/7"


class TestHttp(ConnectorContract):
    spec = SPEC
    data_path = "/v1/"

    @pytest.fixture
    def fake(self) -> Iterator[Server]:
        with Server(JsonApi(secret=CANARY)) as server:
            yield server

    @pytest.fixture
    def options(self, fake: Server) -> dict[str, Any]:
        return {"url": fake.url, "bearer": CANARY, "allow_private": True, "check": "/v1/stats"}

    @pytest.fixture
    def good(self) -> tuple[Any, Decimal]:
        return {"get": "/v1/stats", "select": "users"}, Decimal(42)

    @pytest.fixture
    def bad(self) -> Any:
        return {"get": "/v1/stats", "select": "share"}

    @pytest.fixture
    def empty(self) -> Any:
        return {"get": "/v1/stats", "select": "none"}

    @pytest.fixture
    def paged(self) -> tuple[Any, Decimal]:
        return {"get": "/v1/items", "items": "items", "next": "next", "select": "sum(items[].amount)"}, Decimal("14.05")

    @pytest.fixture
    def batch(self) -> tuple[list[Any], int]:
        same = [{"get": "/v1/stats", "select": f"users || `{n}`"} for n in range(5)]
        return [*same, {"get": "/v1/stats", "params": {"n": 3}, "select": "number"}], 2

    @pytest.fixture
    def place(self) -> tuple[Any, Any, Any]:
        body = {"value": "{value}", "state": {"word": "{status}"}, "unit": "USD"}
        read = {"get": KPI, "select": {"value": "data.value", "status": "data.state.word"}}
        form = {"send": KPI, "method": "PATCH", "body": body, "read_back": read}
        one, other = (("value", Decimal("2.50")), ("status", "on track")), (("value", Decimal(3)), ("status", "behind"))
        return form, one, other

    @pytest.fixture
    def missing_place(self, place: tuple[Any, Any, Any]) -> Any:
        there = {"get": "/v1/nothing", "select": place[0]["read_back"]["select"]}
        return {**place[0], "send": "/v1/nothing", "read_back": there}

    @pytest.fixture
    def lose_answer(self, fake: Server) -> Callable[[Any], None]:
        return lambda _: fake.faults.fail(kind="lost", method="PATCH")

    @pytest.fixture
    def written(self, fake: Server) -> Callable[[Any], int]:
        return lambda _: len(fake.application.board.writes)  # type: ignore[attr-defined]

    @pytest.fixture
    def meddle(self, fake: Server) -> Callable[[Any], Any]:
        def change(_: Any) -> Any:
            there = fake.application.board.numbers.setdefault(KPI, {})  # type: ignore[attr-defined]
            there |= {"value": 77, "remark": "mine"}
            return lambda: fake.application.board.numbers[KPI]["remark"]  # type: ignore[attr-defined]

        return change


class TestOAuth(TestHttp):
    sign_in_path = "/oauth/token"

    @pytest.fixture
    def fake(self) -> Iterator[Server]:
        with Server(JsonApi(secret=CANARY, way="oauth")) as server:
            yield server

    @pytest.fixture
    def options(self, fake: Server) -> dict[str, Any]:
        client = {"token_url": f"{fake.url}/oauth/token", "client_id": "okrsync", "client_secret": CANARY}
        return {"url": fake.url, "allow_private": True, **client}

    def test_a_token_that_ends_is_renewed_once(self, options: dict[str, Any], fake: Server) -> None:
        connection = self.open(options)
        api = fake.application
        assert isinstance(api, JsonApi)
        assert self.one(connection, {"get": "/v1/stats", "select": "users"}).value == 42
        api.tokens.clear()

        queries = [self.query({"get": "/v1/stats", "params": {"n": n}, "select": "number"}) for n in range(6)]
        found = dict(connection.read(queries))

        assert [found[query].value for query in queries] == list(range(6))
        assert api.count == 2


@pytest.fixture(autouse=True)
def fake_time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr("connectors.wire.time", fake)
    return fake


def connect(options: dict[str, Any]) -> HttpConnector:
    return HttpConnector("api", HttpOptions.model_validate(options), clock=lambda: NOW)


def ask(connector: HttpConnector, *forms: Any) -> list[Any]:
    queries = [TypeAdapter(SPEC.queries).validate_python(form) for form in forms]
    found = dict(connector.read(queries))
    return [found[query] for query in queries]


STATS = {"get": "/v1/stats", "select": "users"}


@pytest.mark.parametrize(
    ("way", "options"),
    [
        ("key", {"header": "X-Api-Key", "secret": CANARY}),
        ("basic", {"username": "u", "password": CANARY}),
        ("oauth", {"token_by": "basic"}),
        ("oauth", {"token_by": "query"}),
    ],
)
def test_other_ways_in(way: str, options: dict[str, str]) -> None:
    with Server(JsonApi(secret=CANARY, way=way)) as server:
        if way == "oauth":
            client = {"client_id": "okrsync", "client_secret": CANARY, "token_url": f"{server.url}/oauth/token"}
            options = {**options, **client}
        good = connect({"url": server.url, "allow_private": True, **options})
        wrong = {key: "wrong" if value == CANARY else value for key, value in options.items()}

        (reading,) = ask(good, STATS)
        (error,) = ask(connect({"url": server.url, "allow_private": True, **wrong}), STATS)

    assert reading.value == 42
    assert isinstance(error, BadCredentials)
    assert CANARY not in str(error) + error.fix


@pytest.fixture
def api() -> Iterator[Server]:
    with Server(JsonApi(secret=CANARY)) as server:
        yield server


def open_api(server: Server, **options: Any) -> HttpConnector:
    return connect({"url": server.url, "bearer": CANARY, "allow_private": True, **options})


def test_pages_by_token_share_one_pass(api: Server) -> None:
    pages = {"get": "/v1/items", "items": "items", "next": "token", "next_param": "start"}

    total, count, told = ask(
        open_api(api),
        {**pages, "select": "sum(items[].amount)"},
        {**pages, "select": "length(items)"},
        {**pages, "select": "total"},
    )

    assert (total.value, count.value, told.value) == (Decimal("14.05"), 5, 5)
    assert total.evidence.rows == 5
    assert len(api.calls) == 3


@pytest.mark.parametrize(
    ("form", "expected", "words"),
    [
        ({"get": "/v1/elsewhere", "items": "items", "next": "next", "select": "@"}, BadAnswer, "evil.example"),
        ({"get": "/v1/round", "items": "items", "next": "next", "select": "@"}, BadAnswer, "same page twice"),
        ({"get": "/v1/away", "select": "users"}, BadAnswer, "redirects to another address"),
        ({"get": "/v1/items", "select": "items"}, BadQuery, "aggregate it"),
        ({"get": "/v1/stats", "select": "users", "as_of": "share"}, BadAnswer, "not a time"),
        ({"get": "/v1/items", "items": "total", "next": "next", "select": "@"}, BadAnswer, "without its list"),
    ],
)
def test_what_is_wrong_is_said(api: Server, form: Any, expected: type[Exception], words: str) -> None:
    (error,) = ask(open_api(api), form)

    assert isinstance(error, expected), repr(error)
    assert words in error.message
    assert error.scope == "query"


def test_a_value_is_of_its_time(api: Server) -> None:
    (reading,) = ask(open_api(api), {**STATS, "as_of": "at"})

    assert reading.evidence.as_of == datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_too_large_an_answer_is_not_swallowed(api: Server) -> None:
    api.faults.fail(path="/v1", status=200, body="[" + "1," * 5000 + "1]")

    (error,) = ask(open_api(api, max_bytes=1000), STATS)

    assert isinstance(error, BadAnswer)
    assert "1,000 bytes" in error.message


def test_a_private_address_is_refused_before_anything_is_sent(api: Server) -> None:
    (error,) = ask(open_api(api, allow_private=False), STATS)

    assert isinstance(error, AccessDenied)
    assert "127.0.0.1" in error.message
    assert "allow_private" in error.fix
    assert api.calls == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("::1", False),
        ("::ffff:192.168.1.1", False),
        ("fe80::1%eth0", False),
        ("100.64.0.1", False),
    ],
)
def test_what_is_public(address: str, public: bool) -> None:
    assert is_public(address) is public


# -- Marketo, as the README has it ------------------------------------------------------------------------------

README = (Path(connectors.http.__file__ or "").parent / "README.md").read_text()
LEADS = yaml.safe_load(re.findall(r"^value: (.*1042.*)$", README, re.MULTILINE)[0])["http"]


def marketo(server: Server) -> HttpConnector:
    (sample,) = re.findall(r"```yaml\n(connections:\n  marketo:.*?)```", README, re.DOTALL)
    options = yaml.safe_load(sample)["connections"]["marketo"]
    assert options.pop("type") == "http"
    here = {"url": server.url, "token_url": f"{server.url}/identity/oauth/token", "requests_per_second": None}
    return connect({**options, **here, "client_id": "okrsync", "client_secret": CANARY, "allow_private": True})


@pytest.fixture
def leads() -> Iterator[Server]:
    with Server(Marketo(secret=CANARY)) as server:
        yield server


def test_marketo_leads_are_counted(leads: Server) -> None:
    (reading,) = ask(marketo(leads), LEADS)

    assert isinstance(reading, Reading), repr(reading)
    assert reading.value == 5


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (["602"], Reading),
        (["602", "602"], BadCredentials),
        (["606"], Throttled),
        (["603"], AccessDenied),
        (["1003"], BadAnswer),
    ],
)
def test_what_marketo_says_with_status_200(leads: Server, codes: list[str], expected: type) -> None:
    api = leads.application
    assert isinstance(api, Marketo)
    api.fail_with += codes

    (outcome,) = ask(marketo(leads), LEADS)

    assert isinstance(outcome, expected), repr(outcome)


@pytest.mark.parametrize(
    "options",
    [
        {"bearer": "a", "secret": "b"},
        {"username": "a"},
        {"token_url": "https://a.example", "client_id": "b"},
        {"url": "http://api.example.com"},
        {"failure": {"when": "a[", "message": "b"}},
    ],
)
def test_wrong_options_are_refused_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        HttpOptions.model_validate({"url": "https://api.example.com", **options})
