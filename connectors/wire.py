"""The one place for timeouts, retries and pauses of everything that goes over the wire.

`HttpSession` is a `requests.Session`, so that the client libraries of the tools can be handed one. Whatever they
do, each request has a timeout, passing trouble is tried again a few times, a pause that the tool asks for holds
back the whole connection, and trouble that stays is raised as a `ConnectorError`, never as a foreign one.
"""

from __future__ import annotations

import contextlib
import email.utils
import json
import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import urlsplit, urlunsplit

import requests
import tenacity
from pydantic import AfterValidator
from pyrate_limiter import Duration, Limiter, Rate
from requests.adapters import HTTPAdapter

from connectors.errors import (
    AccessDenied,
    BadAnswer,
    BadCredentials,
    BadQuery,
    Conflict,
    ConnectorError,
    NotFound,
    Throttled,
    Unreachable,
)
from connectors.redaction import redact
from connectors.window import Window

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
DEADLINE_FIX = "Nothing to do if it passes by itself; otherwise see what is slow, or raise `deadline`."
NOT_TAKEN_UP = frozenset({429, 503})
"""Statuses by which a service says that it did not begin: safe to repeat whatever the method."""

STATUS_ERRORS: Mapping[int, type[ConnectorError]] = {
    400: BadQuery,
    401: BadCredentials,
    403: AccessDenied,
    404: NotFound,
    408: Unreachable,
    409: Conflict,
    410: NotFound,
    412: Conflict,
    414: BadQuery,
    420: Throttled,
    422: BadQuery,
    423: Conflict,
    429: Throttled,
    500: Unreachable,
    502: Unreachable,
    503: Unreachable,
    504: Unreachable,
}
"""What a status means where a tool says nothing else; each tool lays its own table over this one."""


def check_service_url(url: str) -> str:
    """An https address without a trailing slash; plain http only on this machine, where nobody listens in."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is not an address: write https://HOST")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError(f"{url!r} would send credentials in the clear: write https://")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("an address holds no credentials, query or fragment: write https://HOST")
    return url.rstrip("/")


ServiceUrl = Annotated[str, AfterValidator(check_service_url)]


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How trouble that may pass is tried again.

    `attempts` counts the first one. Waits grow from `first_wait` (seconds) by doubling, with jitter. A pause that
    the tool asks for is kept exactly, unless it is longer than `longest_wait`: then the error says so at once,
    and the next run asks again. `pause` reads from the headers for how long it asks. `safe` tells whether a request
    may be repeated although it may have been carried out; a POST that only reads is. `after_timeout` is false where
    a tool that did not answer in time would only begin the same work once more. `own_limit` tells whether a 429
    concerns the thing that was asked for alone, so that the rest of the connection goes on.
    """

    statuses: frozenset[int] = frozenset({408, 420, 429, 500, 502, 503, 504})
    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 60
    after_timeout: bool = True
    safe: Callable[[requests.PreparedRequest], bool] = lambda request: request.method in IDEMPOTENT
    pause: Callable[[Mapping[str, str]], float | None] = lambda headers: retry_after(headers)
    own_limit: Callable[[requests.PreparedRequest], bool] = lambda _: False


class HttpSession(requests.Session):
    """A session for one connection; threads of that connection may share it.

    `calls` counts the requests sent. `sleep` is given by tests, which do not wait.
    """

    def __init__(
        self,
        *,
        connection: str,
        timeout: float = 60,
        retry: RetryPolicy | None = None,
        secrets: Iterable[str] = (),
        plain: Iterable[str] = (),
        sleep: Callable[[float], None] | None = None,
        pool: int = 32,
        requests_per_second: float | None = None,
        most_bytes: int | None = None,
        window: Window | None = None,
    ) -> None:
        """`requests_per_second` bounds all threads together, by a bucket that never holds more than a second's worth.
        `window` bounds how many are in flight. An answer of more than `most_bytes` is not read to its end, but raised
        as BadAnswer.
        `plain` lists loopback addresses with http: that name's https form is sent over plain http, since some
        client libraries insist on https."""
        super().__init__()
        self.connection = connection
        self.timeout = (min(10.0, timeout), timeout)
        self.retry = retry or RetryPolicy()
        self.redact = redact
        for secret in secrets:
            redact.protect(secret)
        self.calls = 0
        self._sleep = sleep or (lambda seconds: time.sleep(seconds))
        self._lock = threading.Lock()
        self._most_bytes = most_bytes
        self._stopped = False
        self._resume_at = 0.0
        self._closed: tuple[float, str] | None = None
        self._refused_at = -math.inf
        self._refusals = 0
        self._window = window
        self._pace = Limiter(_rate(requests_per_second)) if requests_per_second else None
        self.mount("https://", HTTPAdapter(pool_maxsize=pool))
        self.mount("http://", HTTPAdapter(pool_maxsize=pool))
        for url in plain:
            parts = urlsplit(url)
            if parts.scheme == "http" and parts.hostname in LOOPBACK:
                self.mount(f"https://{parts.netloc}", _PlainAdapter(pool_maxsize=pool))

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """As `requests.Session.send`. Raises Unreachable, never a `requests` exception. An answer with an error
        status is returned, for the tool knows best what it means."""
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self.timeout
        trying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.retry.attempts),
            wait=lambda state: self._wait(state),
            retry=lambda state: self._worth_repeating(request, state),
            sleep=self._sleep,
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        try:
            answer: requests.Response = trying(self._once, request, **kwargs)
        except requests.RequestException as error:
            raise self._unreachable(request, error) from None
        if answer.status_code == 429 and not self.retry.own_limit(request):
            self._close_for(self.retry.pause(answer.headers), urlsplit(answer.url).netloc)
        return answer

    def stop(self) -> None:
        """Send nothing more: the time is up. What is asked from now on is Unreachable."""
        self._stopped = True

    def pause(self, seconds: float) -> None:
        """Wait, and let every thread of this connection wait, as an answer inside a batch asked for."""
        with self._lock:
            self._resume_at = max(self._resume_at, time.monotonic() + seconds)

    def _close_for(self, seconds: float | None, host: str) -> None:
        """A 429 that outlasts the tries closes the connection for as long as it asks: what waits fails unasked."""
        with self._lock:
            self._closed = (time.monotonic() + (self.retry.longest_wait if seconds is None else seconds), host)

    def _check_open(self) -> None:
        if self._closed is not None and (left := self._closed[0] - time.monotonic()) > 0:
            raise Throttled(
                f"{self._closed[1]} asked us to wait, so that nothing more was asked",
                connection=self.connection,
                retry_after=left,
            )

    def _once(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        with self._window or contextlib.nullcontext():
            self._check_open()
            if (pause := self._resume_at - time.monotonic()) > 0:
                self._sleep(pause)
                self._check_open()
            if self._pace is not None:
                self._pace.try_acquire(self.connection)
            if self._stopped:
                raise Unreachable("the run's time was up", connection=self.connection, fix=DEADLINE_FIX)
            with self._lock:
                self.calls += 1
            sent_at = time.monotonic()
            answer = self._sent(request, **kwargs)
            self._note(answer.status_code == 429, sent_at)
        return answer

    def _sent(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        if self._most_bytes is None:
            return super().send(request, **kwargs)
        answer = super().send(request, **{**kwargs, "stream": True})
        answer._content = self._limited(answer, self._most_bytes)
        return answer

    def _note(self, refused: bool, sent_at: float) -> None:
        """Counts refusals in a row. Those of requests that were under way when one came are that one's."""
        if self._window is not None:
            self._window.saw(refused=refused)
        with self._lock:
            if not refused:
                self._refusals = 0
            elif sent_at > self._refused_at:
                self._refusals += 1
                self._refused_at = time.monotonic()

    def _limited(self, answer: requests.Response, most: int) -> bytes:
        content = b""
        try:
            for chunk in answer.iter_content(65_536):
                content += chunk
                if len(content) > most:
                    raise BadAnswer(
                        f"{urlsplit(answer.url).netloc} answered with more than {most:,} bytes",
                        connection=self.connection,
                        fix="Ask for less, or raise max_bytes.",
                    )
        finally:
            answer.close()
        return content

    def _worth_repeating(self, request: requests.PreparedRequest, state: tenacity.RetryCallState) -> bool:
        outcome = state.outcome
        if outcome is None:
            return False
        error = outcome.exception()
        if error is not None:
            if isinstance(error, requests.exceptions.SSLError) or not isinstance(
                error, (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
            ):
                return False
            begun = not isinstance(error, requests.exceptions.ConnectTimeout)
            late = isinstance(error, requests.Timeout) and not self.retry.after_timeout
            return not begun or (self.retry.safe(request) and not late)
        response: requests.Response = outcome.result()
        if response.status_code not in self.retry.statuses:
            return False
        asked = self.retry.pause(response.headers)
        if asked is not None and asked > self.retry.longest_wait:
            return False
        if response.status_code == 429 and self._refusals >= self.retry.attempts:
            return False
        return response.status_code in NOT_TAKEN_UP or self.retry.safe(request)

    def _wait(self, state: tenacity.RetryCallState) -> float:
        backoff = tenacity.wait_random_exponential(multiplier=self.retry.first_wait, max=self.retry.longest_wait)(state)
        if state.outcome is None or state.outcome.failed:
            return backoff
        answer: requests.Response = state.outcome.result()
        asked = self.retry.pause(answer.headers)
        if asked is None and answer.status_code != 429:
            return backoff
        wait = backoff if asked is None else asked
        self.pause(wait)
        return wait

    def _unreachable(self, request: requests.PreparedRequest, error: requests.RequestException) -> Unreachable:
        host = urlsplit(request.url or "").netloc
        if isinstance(error, requests.exceptions.SSLError):
            what, fix = f"{host} has no certificate we can trust", "Check the address, or trust its authority."
        elif isinstance(error, requests.Timeout):
            what, fix = f"{host} did not answer within {self.timeout[1]:g} seconds", ""
        elif isinstance(error, requests.exceptions.ChunkedEncodingError):
            what, fix = f"{host} broke off in the middle of its answer", ""
        else:
            what, fix = f"no connection to {host} ({_reason(error)})", ""
        made = Unreachable(what, connection=self.connection, fix=fix)
        made.timed_out = isinstance(error, requests.ReadTimeout)
        return made

    def error(
        self,
        response: requests.Response,
        message: str,
        *,
        table: Mapping[int, type[ConnectorError]] = STATUS_ERRORS,
        fix: str = "",
        **more: Any,
    ) -> ConnectorError:
        """The error that a status means by `table`, with the tool's own words in `message`."""
        kind = table.get(response.status_code) or STATUS_ERRORS.get(response.status_code) or BadAnswer
        said = f"{message} (HTTP {response.status_code})"
        return kind(
            said,
            connection=self.connection,
            fix=fix,
            retry_after=self.retry.pause(response.headers),
            **more,
        )

    def json(self, response: requests.Response) -> Any:
        """The body as JSON with Decimal for fractions. Raises BadAnswer where it is something else."""
        try:
            return json.loads(response.content.decode("utf-8-sig"), parse_float=Decimal)
        except ValueError:
            host = urlsplit(response.url).netloc
            start = response.content[:200].decode(errors="replace").lstrip().lower()
            if start.startswith(("<!doctype", "<html", "<")):
                what = f"{host} answered with a web page instead of data (HTTP {response.status_code})"
                fix = "Look at the address in a browser: a login page or a proxy stands in the way."
            else:
                what = f"{host} answered with {len(response.content)} bytes that are not complete JSON"
                fix = "Run again; if it stays, see what stands between okrsync and the tool."
            raise BadAnswer(what, connection=self.connection, fix=fix) from None


def _rate(per_second: float) -> Rate:
    """Whole requests in each second, or one in several: 2.5 a second is two, 0.5 is one in two seconds."""
    if per_second >= 1:
        return Rate(int(per_second), Duration.SECOND)
    return Rate(1, math.ceil(1000 / per_second))


class _PlainAdapter(HTTPAdapter):
    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = urlunsplit(urlsplit(request.url or "")._replace(scheme="http"))
        return super().send(request, *args, **kwargs)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to wait as the answer asks: whole or decimal seconds, or an HTTP date. None where it does not say.

    Microsoft Graph sends decimals ("2.128"); proxies send dates.
    """
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        then = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - (now or datetime.now(UTC))).total_seconds())


def _reason(error: BaseException) -> str:
    seen = str(error)
    for sign, words in (
        ("Name or service not known", "the name is unknown"),
        ("nodename nor servname", "the name is unknown"),
        ("Temporary failure in name resolution", "the name can't be resolved"),
        ("Connection refused", "refused"),
        ("Connection reset", "reset"),
        ("Remote end closed", "closed by the other side"),
    ):
        if sign in seen:
            return words
    return type(error).__name__
