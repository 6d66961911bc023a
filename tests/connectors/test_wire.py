"""Timeouts, retries, pauses and redaction, once for all tools."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import responses
from responses import registries

from connectors.address import check_service_url
from connectors.errors import BadAnswer, Throttled, Unreachable
from connectors.pauses import retry_after
from connectors.redaction import Redactor
from connectors.retries import RetryPolicy
from connectors.wire import HttpSession
from sandbox.server import Request, Response, Server
from tests.connectors.contract import FakeTime


class Echo:
    def answer(self, request: Request) -> Response:
        return Response.of(request.query)


URL = "https://tool.example/x"


@pytest.fixture
def fake_time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr("connectors.wire.time", fake)
    return fake


@pytest.fixture
def session(fake_time: FakeTime) -> HttpSession:
    return HttpSession(connection="tool", secrets=["geheim"])


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("2.128", 2.128),
        ("0", 0),
        ("-3", 0),
        ("Tue, 24 Nov 2026 09:00:30 GMT", 30),
        ("Tue, 24 Nov 2026 08:00:00 GMT", 0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_in_all_its_forms(value: str, seconds: float | None) -> None:
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)

    assert retry_after({"Retry-After": value}, now) == seconds


@pytest.mark.parametrize("url", ["https://acme.example", "http://127.0.0.1:8080", "http://localhost:1"])
def test_addresses(url: str) -> None:
    assert check_service_url(url + "/") == url


@pytest.mark.parametrize(
    "url",
    ["http://acme.example", "ftp://acme.example", "acme.example", "https://u:p@acme.example", "https://a.example?x=1"],
)
def test_unsafe_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValueError):
        check_service_url(url)


@responses.activate(registry=registries.OrderedRegistry)
def test_a_pause_that_is_asked_for_is_kept(session: HttpSession, fake_time: FakeTime) -> None:
    responses.get(URL, status=429, headers={"Retry-After": "1.5"})
    responses.get(URL, json={})

    assert session.get(URL).ok
    assert 1.5 in fake_time.slept
    assert session.calls == 2


@responses.activate
def test_a_pause_that_is_too_long_is_not_waited_for(session: HttpSession, fake_time: FakeTime) -> None:
    responses.get(URL, status=429, headers={"Retry-After": "1847"})

    answer = session.get(URL)

    assert session.calls == 1
    assert fake_time.slept == []
    error = session.error(answer, "slow down")
    assert isinstance(error, Throttled)
    assert error.retry_after == 1847


@responses.activate
def test_attempts_are_bounded(session: HttpSession) -> None:
    responses.get(URL, status=502)

    assert session.get(URL).status_code == 502
    assert session.calls == 4


@responses.activate
def test_a_write_is_not_repeated_unless_it_was_not_taken_up(session: HttpSession) -> None:
    responses.post(URL, status=500)
    session.post(URL, json={})
    assert session.calls == 1

    responses.replace("POST", URL, status=503)
    session.post(URL, json={})
    assert session.calls == 5


@responses.activate
def test_a_post_that_only_reads_is_repeated(fake_time: FakeTime) -> None:
    session = HttpSession(connection="tool", retry=RetryPolicy(safe=lambda request: True))
    responses.post(URL, body=requests.ConnectionError("Connection reset by peer"))

    with pytest.raises(Unreachable, match=r"can't connect to tool\.example \(reset\)"):
        session.post(URL)
    assert session.calls == 4


@responses.activate
@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.ReadTimeout("x"), "did not answer within 60 seconds"),
        (requests.exceptions.SSLError("bad"), "is not trusted"),
        (requests.ConnectionError("Name or service not known"), "the name is unknown"),
        (requests.exceptions.ChunkedEncodingError("x"), "closed the connection in the middle"),
        (requests.exceptions.TooManyRedirects("x"), "can't connect to tool.example"),
    ],
)
def test_network_trouble_is_unreachable(session: HttpSession, error: Any, words: str) -> None:
    responses.get(URL, body=error)

    with pytest.raises(Unreachable) as raised:
        session.get(URL)

    assert words in str(raised.value)
    assert raised.value.scope == "connection"
    assert raised.value.temporary
    assert raised.value.__cause__ is None


@responses.activate
def test_every_request_has_a_timeout(session: HttpSession) -> None:
    responses.get(URL)

    session.get(URL)

    assert responses.calls[0].request.req_kwargs["timeout"] == (10.0, 60)  # type: ignore[attr-defined]


@responses.activate
@pytest.mark.parametrize(
    ("body", "words"),
    [("<html>Sign in</html>", "a web page"), ('{"a": [1, 2', "not complete JSON"), ("", "not complete")],
)
def test_what_is_no_json_is_a_bad_answer(session: HttpSession, body: str, words: str) -> None:
    responses.get(URL, body=body)

    with pytest.raises(BadAnswer, match=words):
        session.json(session.get(URL))


@responses.activate
def test_numbers_are_exact(session: HttpSession) -> None:
    responses.get(URL, body='{"a": 12345678901234.56, "b": 0.1}')

    assert [str(number) for number in session.json(session.get(URL)).values()] == ["12345678901234.56", "0.1"]


@pytest.mark.parametrize(
    "text",
    [
        "the token geheim is wrong",
        "Authorization: Bearer abc.def.ghi-jkl",
        "Authorization: Basic dXNlcjpwYXNz",
        "https://x.example/?sig=abcdef&y=1",
        '{"access_token":"abcdef"}',
        "client_secret=abcdef&grant_type=x",
        "assertion=abcdef",
    ],
)
def test_secrets_are_left_out(text: str) -> None:
    redacted = Redactor(["geheim"])(text)

    assert "***" in redacted
    assert not any(secret in redacted for secret in ("geheim", "abc", "dXNlcjpwYXNz"))


@responses.activate
def test_errors_hold_no_secret(session: HttpSession) -> None:
    session.redact.protect("new-token")
    responses.get(URL, status=403, body="geheim new-token")

    error = session.error(session.get(URL), "said geheim and new-token")

    assert str(error) == "said *** and *** (HTTP 403)"


@responses.activate
@pytest.mark.parametrize("status", [301, 302, 303, 304, 307, 308, 399])
def test_no_redirect_is_followed(session: HttpSession, status: int) -> None:
    responses.post(URL, status=status, headers={"Location": "https://elsewhere.example/file"})

    with pytest.raises(BadAnswer, match="redirects to another address"):
        session.post(URL, data={"client_secret": "geheim"}, headers={"Authorization": "Bearer geheim-token"})

    assert len(responses.calls) == 1


@responses.activate
def test_a_download_leads_elsewhere_without_anything_of_ours(session: HttpSession) -> None:
    responses.get(URL, status=302, headers={"Location": "https://elsewhere.example/file", "Set-Cookie": "a=b"})
    responses.get("https://elsewhere.example/file", status=302, headers={"Location": "/further"})
    responses.get("https://elsewhere.example/further", body="ok")

    answer = session.follow(URL, headers={"Authorization": "Bearer geheim-token", "X-Own": "1"})

    assert answer.content == b"ok"
    assert responses.calls[0].request.headers["Authorization"] == "Bearer geheim-token"
    for call in list(responses.calls)[1:]:
        assert not {"Authorization", "X-Own", "Cookie"} & set(call.request.headers)


@responses.activate
@pytest.mark.parametrize(
    "target", ["http://elsewhere.example/file", "ftp://elsewhere.example/x", "file:///etc/passwd", "https://[", URL]
)
def test_a_download_leads_where_we_do_not_follow(session: HttpSession, target: str) -> None:
    responses.get(URL, status=302, headers={"Location": target})

    with pytest.raises(BadAnswer, match="that okrsync does not follow"):
        session.follow(URL)


def test_nothing_is_sent_after_the_time_is_up() -> None:
    with Server(Echo()) as server:
        session = HttpSession(connection="c")
        session.get(server.url)
        session.stop()

        with pytest.raises(Unreachable, match="reached its deadline"):
            session.get(server.url)

        assert len(server.calls) == 1


def test_requests_keep_their_pace() -> None:
    import time

    with Server(Echo()) as server:
        session = HttpSession(connection="c", requests_per_second=20)
        start = time.monotonic()
        for _ in range(41):
            session.get(server.url)
        # The first second's worth goes at once; 41 take at least two seconds' more.
        assert time.monotonic() - start > 1.5


@pytest.mark.parametrize(
    ("rate", "limit", "window"), [(100, 100, 1000), (2.5, 2, 1000), (0.5, 1, 2000), (0.3, 1, 3334)]
)
def test_a_rate_is_whole_requests_in_a_window(rate: float, limit: int, window: int) -> None:
    from connectors.retries import rate as made_of

    assert (made_of(rate).limit, made_of(rate).interval) == (limit, window)


def test_what_took_too_long_is_not_begun_again() -> None:
    with Server(Echo()) as server:
        server.faults.fail(kind="hang", delay=0.4, times=-1)
        session = HttpSession(connection="crm", timeout=0.1)

        with pytest.raises(Unreachable) as raised:
            session.get(server.url)

    assert raised.value.timed_out
    assert session.calls == 1
