"""What a hostile server can't do to us: keep us, fill our memory, lead us elsewhere, or change what we send."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import BadAnswer, BadCredentials, BadQuery, ConnectorError, Unreachable
from connectors.pauses import LONGEST, retry_after
from connectors.strict_json import NoJson, parse
from connectors.wire import HttpSession
from sandbox.hostile import HOSTILE
from sandbox.server import Request, Response, Server

URL = "https://tool.example/x"


class Echo:
    """Answers with the headers that came."""

    def answer(self, request: Request) -> Response:
        return Response.of(request.headers)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(Echo()) as server:
        yield server


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_request_is_over_in_its_time_whatever_the_server_sends(server: Server, kind: str) -> None:
    server.faults.fail(kind=kind, times=-1)
    session = HttpSession(connection="c", timeout=0.3, most_bytes=1_000_000, sleep=lambda _: None)
    start = time.monotonic()

    with pytest.raises(ConnectorError) as raised:
        session.get(server.url)

    assert time.monotonic() - start < 1
    if kind in ("drip", "drip-head", "continue"):
        assert isinstance(raised.value, Unreachable)
        assert raised.value.timed_out
        assert "within 0.3 seconds" in raised.value.message
    if kind in ("endless", "bomb"):
        assert isinstance(raised.value, BadAnswer)
        assert "1,000,000 bytes" in raised.value.message
    assert session.calls == 1 or kind == "endless-head"


def test_the_tries_of_a_request_share_its_time(server: Server) -> None:
    server.faults.fail(status=503, times=2)
    server.faults.fail(kind="hang", delay=0.5, times=-1)
    session = HttpSession(connection="c", timeout=0.3, sleep=lambda _: None)
    start = time.monotonic()

    with pytest.raises(Unreachable):
        session.get(server.url)

    assert session.calls == 3
    assert time.monotonic() - start < 0.5


def test_a_request_under_way_is_cut_off_from_another_thread(server: Server) -> None:
    server.faults.fail(kind="drip", times=-1)
    session = HttpSession(connection="c", timeout=30)
    threading.Timer(0.1, session.stop).start()
    start = time.monotonic()

    with pytest.raises(Unreachable, match="reached its deadline"):
        session.get(server.url)

    assert time.monotonic() - start < 1


def test_waiting_is_ended_from_another_thread(server: Server) -> None:
    server.faults.fail(status=503, headers={"Retry-After": "30"}, times=-1)
    session = HttpSession(connection="c")
    threading.Timer(0.1, session.stop).start()
    start = time.monotonic()

    with pytest.raises(Unreachable, match="reached its deadline"):
        session.get(server.url)

    assert time.monotonic() - start < 1


def test_pages_together_are_one_answer(server: Server) -> None:
    server.faults.fail(status=200, body="[" + "1234567890," * 40 + "1]", times=-1)
    session = HttpSession(connection="c", most_bytes=1000)

    for _ in range(5):
        session.json(session.get(server.url))
    with session.one_answer():
        session.json(session.get(server.url))
        session.json(session.get(server.url))
        with pytest.raises(BadAnswer, match="1,000 bytes"):
            session.get(server.url)
    session.get(server.url)


def test_an_answer_of_more_values_than_its_bytes_allow_is_refused(server: Server) -> None:
    server.faults.fail(status=200, body="[" + "[]," * 300 + "[]]", times=-1)
    session = HttpSession(connection="c", most_bytes=1000)

    with pytest.raises(BadAnswer, match="more than 100 values"):
        session.json(session.get(server.url))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"a": 1, "a": 2}', "same name twice"),
        (b"[NaN]", "NaN"),
        (b"[-Infinity]", "-Infinity"),
        (b"[" * 3000 + b"]" * 3000, "nested too deeply"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[1e99999999999999999999]", "out of range"),
        (b"[1E-999999]", "out of range"),
        (b"[1e401]", "out of range"),
        (b"[0." + b"3" * 5000 + b"]", "out of range"),
        (b"[" + b"3" * 5000 + b"]", "out of range"),
        (b"", "incomplete JSON"),
        (b"[1,", "incomplete JSON"),
        (b'"\xff"', "incomplete JSON"),
    ],
    ids=lambda given: str(given[:20]),
)
def test_json_that_lies(body: bytes, words: str) -> None:
    with pytest.raises(NoJson, match=words):
        parse(body, 200_000)


_NESTED = st.recursive(
    st.integers(0, 9) | st.text(alphabet='[]{}"\\\n,:', max_size=6),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from("[a"), part, max_size=2),
)


@given(_NESTED, st.integers(0, 9), st.integers(95, 105))
def test_what_is_a_hundred_levels_deep_is_read_and_no_more(inside: Any, cut: int, levels: int) -> None:
    def depth(part: Any) -> int:
        below = part.values() if isinstance(part, dict) else part if isinstance(part, list) else None
        return 0 if below is None else 1 + max(map(depth, below), default=0)

    value: Any = inside
    for level in range(levels):
        value = {"a]": value, "[": "}{"} if level % 2 else ["]", value]
    body = json.dumps(value).encode()

    if depth(value) <= 100:
        assert parse(body, 10_000) == value
        with pytest.raises(NoJson, match="incomplete JSON"):
            parse(body[: -1 - cut], 10_000)
    else:
        with pytest.raises(NoJson, match="nested too deeply"):
            parse(body, 10_000)


def test_half_characters_become_whole_ones() -> None:
    assert parse(rb'{"\ud800a": ["\uD83D\uDE00", "x\udfff"]}', 100) == {"\ufffda": ["\U0001f600", "x\ufffd"]}
    assert parse(b"[1.50, 2]", 100) == [Decimal("1.50"), 2]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("Tue, 24 Nov 2026 09:00:30 +99999999", None),
        ("Tue, 99 Nov 20260 09:00:30 GMT", None),
        ("nan", None),
        ("1, 2", None),
        (["1"], None),
        (2.5, 2.5),
        ("inf", LONGEST),
        ("9" * 5000, None),
    ],
    ids=lambda given: str(given)[:20],
)
def test_pauses_that_make_no_sense(value: Any, seconds: float | None) -> None:
    assert retry_after({"Retry-After": value}) == seconds


@pytest.mark.parametrize("secret", ["canary-7b\nX-Evil: 1", "canary-7b\r\n", " canary-7b", "canary-7b\u20ac"])
def test_a_secret_that_no_header_can_carry(server: Server, secret: str) -> None:
    session = HttpSession(connection="c")

    with pytest.raises(BadCredentials) as raised:
        session.get(server.url, headers={"Authorization": secret})

    assert "canary" not in f"{raised.value!s}{raised.value.fix}{raised.value!r}"
    assert raised.value.__suppress_context__
    assert server.calls == []


@pytest.mark.parametrize("url", ["https://tool.example:99999/", "https://", "https://[", "nothing", "https://a..b/"])
def test_an_address_that_can_not_be_asked(url: str) -> None:
    with pytest.raises((BadQuery, Unreachable)):
        HttpSession(connection="c", sleep=lambda _: None).get(url)


@responses.activate
def test_an_answer_that_can_not_be_unpacked(server: Server) -> None:
    responses.get(URL, body=b"no gzip", headers={"Content-Encoding": "gzip"})

    with pytest.raises(BadAnswer, match="can't be read"):
        HttpSession(connection="c").get(URL)


def test_nothing_around_us_changes_a_header(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text(
        "machine 127.0.0.1 login evil password stolen\ndefault login evil password stolen\n"
    )
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTPS_PROXY", "http://evil:stolen@127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    session = HttpSession(connection="c")

    plain = session.get(server.url).json()
    own = session.get(server.url, headers={"Authorization": "Bearer own-token"}).json()

    assert not {"authorization", "proxy-authorization", "cookie"} & set(plain)
    assert own["authorization"] == "Bearer own-token"


def test_a_proxy_around_us_is_used(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    seen = HttpSession(connection="c").get("http://tool.invalid/x").json()

    assert seen["host"] == "tool.invalid"


def test_cookies_are_not_kept(server: Server) -> None:
    server.faults.fail(status=200, body="{}", headers={"Set-Cookie": "session=1; Path=/"})
    session = HttpSession(connection="c")
    session.get(server.url)

    assert "cookie" not in session.get(server.url).json()


def test_what_a_refusal_says_never_raises(server: Server) -> None:
    session = HttpSession(connection="c")
    for body, said in (('{"a": 1}', {"a": 1}), ("[" * 5000, "[" * 2000), ("3" * 5000, "3" * 2000), ("no", "no")):
        server.faults.fail(status=400, body=body)
        assert session.said(session.get(server.url)) == said


def test_many_under_way_at_once_each_end_in_their_time(server: Server) -> None:
    server.faults.fail(kind="drip", times=-1)
    session = HttpSession(connection="c", timeout=0.3)
    ended: list[str] = []

    def ask() -> None:
        with pytest.raises(Unreachable):
            session.get(server.url)
        ended.append("late")

    threads = [threading.Thread(target=ask) for _ in range(20)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ended) == 20
    assert time.monotonic() - start < 2
