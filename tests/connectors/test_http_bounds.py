"""What the `http` connector guards: secrets in addresses, private networks, the sum of all pages."""

from __future__ import annotations

import socket
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.load import load
from config.problems import ConfigError
from connectors.errors import AccessDenied, BadAnswer, BadQuery
from connectors.http.guard import is_public
from mapping.reading import Reading
from sandbox.server import Request, Response, Server
from tests.connectors.contract import CANARY
from tests.connectors.test_http import ask, connect


class Pages:
    """A list without end, each page of `size` bytes; `key` must be in each address."""

    def __init__(self, size: int = 100, key: str = "") -> None:
        self.filler = "x" * size
        self.key = key

    def answer(self, request: Request) -> Response:
        if self.key and request.query.get("api_key") != self.key:
            return Response.of({"error": f"no key in {request.query}"}, status=401)
        number = int(request.query.get("page", 0))
        link = f"/v1/list?page={number + 1}" + (f"&api_key={self.key}" if number % 2 else "")
        return Response.of({"items": [1], "filler": self.filler, "next": link if number < 999 else None})


LIST = {"get": "/v1/list", "items": "items", "next": "next", "select": "length(items)"}


@pytest.fixture
def keyed() -> Iterator[Server]:
    with Server(Pages(key=CANARY)) as server:
        yield server


def open_keyed(server: Server, **options: Any) -> Any:
    return connect({"url": server.url, "allow_private": True, "params": {"api_key": CANARY}, **options})


def test_a_key_goes_into_the_address_of_each_page_and_into_no_evidence(keyed: Server) -> None:
    (reading,) = ask(open_keyed(keyed), {**LIST, "next": "next", "params": {"size": 5}})

    assert isinstance(reading, Reading), reading
    assert reading.value == 1000
    assert all(call.query["api_key"] == CANARY for call in keyed.calls)
    assert CANARY not in repr(reading)


def test_a_key_that_is_refused_is_in_no_message(keyed: Server) -> None:
    connection = open_keyed(keyed, params={"api_key": f"{CANARY}-wrong"})

    (error,) = ask(connection, {"get": "/v1/list", "select": "items[0]"})

    assert CANARY not in f"{error!r}{error.fix}{connection.options!r}"


def test_a_key_that_was_written_into_a_query_is_masked_in_evidence() -> None:
    with Server(Pages()) as server:
        connection = connect({"url": server.url, "allow_private": True})
        (reading,) = ask(connection, {"get": f"/v1/list?api_key={CANARY}&a=b", "select": "items[0]"})

    assert reading.value == 1
    assert CANARY not in repr(reading)
    assert "a=b" in reading.evidence.query


def test_a_key_must_not_stand_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", CANARY)
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okrs" / "a.yaml").write_text("cycle: 2026-Q4\nobjectives: []\n")
    file = tmp_path / "okrsync.yaml"
    file.write_text("connections:\n  http:\n    url: https://a.example\n    params: {api_key: '${KEY}'}\n")
    made = load(tmp_path).connections["http"].options

    assert made.params["api_key"].get_secret_value() == CANARY

    file.write_text("connections:\n  http:\n    url: https://a.example\n    params:\n      api_key: plain-text-key\n")
    with pytest.raises(ConfigError) as raised:
        load(tmp_path)
    (problem,) = raised.value.problems
    assert problem.line == 5
    assert "api_key is written in the file" in str(problem)
    assert "plain-text-key" not in str(problem)


def test_all_pages_together_are_bounded_and_memory_stays_steady() -> None:
    with Server(Pages(size=200_000)) as server:
        connection = connect({"url": server.url, "allow_private": True, "max_bytes": 2_000_000})
        tracemalloc.start()
        (error,) = ask(connection, LIST)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert isinstance(error, BadAnswer), error
    assert "2,000,000 bytes" in error.message
    assert error.scope == "query"
    assert len(server.calls) <= 11
    assert peak < 20_000_000


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("64:ff9b::a00:1", False),
        ("64:ff9b:1::1", False),
        ("2002:a00:1::1", False),
        ("2001:0:4136:e378::1", False),
        ("fec0::1", False),
        ("::10.0.0.1", False),
        ("ff02::1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("0.0.0.0", False),
        ("192.88.99.1", False),
        ("198.18.0.1", False),
        ("fd00::1", False),
        ("2001:db8::1", False),
        ("2a00:1450:4001:82a::200e", True),
        ("1.1.1.1", True),
    ],
)
def test_ways_into_a_private_network_are_not_public(address: str, public: bool) -> None:
    assert is_public(address) is public


class Resolver:
    """Names lead to `addresses`, one more each time the same name is looked up; connections are noted and refused."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *addresses: list[str]) -> None:
        self.addresses = list(addresses)
        self.connected: list[str] = []
        monkeypatch.setattr(socket, "getaddrinfo", self.look_up)
        monkeypatch.setattr("urllib3.util.connection.create_connection", self.connect)

    def look_up(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        found = self.addresses.pop(0) if len(self.addresses) > 1 else self.addresses[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    def connect(self, address: tuple[str, int], *_: Any, **__: Any) -> Any:
        self.connected.append(address[0])
        raise ConnectionRefusedError("Connection refused")


@pytest.mark.parametrize("url", ["https://api.example.com", "https://api.example.com:8443"])
def test_no_private_address_is_connected_to(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    resolver = Resolver(monkeypatch, ["93.184.216.34", "10.0.0.1"])

    (error,) = ask(connect({"url": url}), {"get": "/v1", "select": "a"})

    assert isinstance(error, AccessDenied)
    assert "10.0.0.1" in error.message
    assert resolver.connected == []


def test_a_name_that_moves_after_it_was_looked_at_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = Resolver(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])

    ask(connect({"url": "https://api.example.com"}), {"get": "/v1", "select": "a"})

    assert set(resolver.connected) == {"93.184.216.34"}


def test_all_addresses_of_a_name_are_tried_within_the_time_of_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = Resolver(monkeypatch, [f"93.184.216.{n}" for n in range(20)])

    def slow(address: tuple[str, int], timeout: float, *_: Any, **__: Any) -> Any:
        resolver.connected.append(address[0])
        time.sleep(min(timeout, 0.05))
        raise TimeoutError("timed out")

    monkeypatch.setattr("urllib3.util.connection.create_connection", slow)
    start = time.monotonic()

    ask(connect({"url": "https://api.example.com", "timeout": 0.3}), {"get": "/v1", "select": "a"})

    assert time.monotonic() - start < 1.5


@pytest.mark.parametrize("select", ["a|" * 3000 + "a", "(" * 3000, "x" * 5000, "a||" * 200 + "a"])
def test_a_select_that_is_too_deep_is_refused_at_load(tmp_path: Path, select: str) -> None:
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okrsync.yaml").write_text("connections:\n  http: {url: https://a.example}\n")
    (tmp_path / "okrs" / "a.yaml").write_text(
        "cycle: 2026-Q4\nobjectives:\n  - id: o\n    title: O\n    key_results:\n"
        f"      - {{id: k, title: K, start: 0, target: 1, value: {{http: {{get: /a, select: '{select}'}}}}}}\n"
    )

    with pytest.raises(ConfigError) as raised:
        load(tmp_path)

    assert any("too deeply" in str(one) or "too long" in str(one) for one in raised.value.problems)
    assert max(len(str(one)) for one in raised.value.problems) < 1000


@pytest.mark.parametrize("port", ["99999", "0", "x"])
def test_a_port_that_is_none_is_refused_at_load(port: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        connect({"url": f"https://a.example:{port}"})


def test_an_address_with_a_secret_is_not_repeated_by_its_error() -> None:
    for url in (
        f"https://u:{CANARY}@a.example",
        f"http://{CANARY}.example",
        f"{CANARY}",
        f"https://a.example?k={CANARY}",
    ):
        with pytest.raises(ValueError) as raised:
            connect({"url": url})
        assert CANARY not in str(raised.value)


def test_deep_data_costs_its_query() -> None:
    class Deep:
        def answer(self, request: Request) -> Response:
            levels = 99 if request.path == "/x" else 900
            return Response(body=b'{"a": 1, "b": ' + b"[" * levels + b"]" * levels + b"}")

    with Server(Deep()) as server:
        connection = connect({"url": server.url, "allow_private": True})
        fine, no_number, deep = ask(
            connection,
            {"get": "/x", "select": "a"},
            {"get": "/x", "select": "to_string(b)"},
            {"get": "/y", "select": "a"},
        )

    assert fine.value == 1
    assert isinstance(no_number, BadQuery)
    assert isinstance(deep, BadAnswer)
