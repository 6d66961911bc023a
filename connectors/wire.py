"""The one place for timeouts, retries, pauses, sizes and redirects of everything that goes over the wire.

`HttpSession` is a `requests.Session`, so that the client libraries of the tools can be handed one. Whatever they do,
each request is over within its timeout, in all its tries together and whatever the server sends; passing trouble is
tried again a few times; a pause that the tool asks for holds back the whole connection; answers are bounded; redirects
are refused; nothing around us (.netrc, cookies) changes a header; and trouble that stays is raised as a
`ConnectorError`, never as a foreign one.
"""

from __future__ import annotations

import contextlib
import math
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import tenacity
from requests.utils import get_environ_proxies

from connectors import waiting as time
from connectors.address import LOOPBACK, is_safe_target
from connectors.bodies import Bodies
from connectors.errors import BadAnswer, ConnectorError, Throttled, Unreachable
from connectors.measuring import measured
from connectors.network import FOREIGN, PASSING, host_of, late, translated, unsendable
from connectors.pacing import limiter
from connectors.redaction import redact
from connectors.retries import Budget, RetryPolicy
from connectors.statuses import NOT_TAKEN_UP, STATUS_ERRORS
from connectors.transport import CuttableAdapter, Exchange, PlainAdapter, under_way
from connectors.window import Window

DEADLINE_FIX = "Wait for the next run. If it happens again, find out what is slow, or raise `deadline`."
CONNECT_SECONDS = 10.0
MOST_BYTES = 20_000_000
MOST_HOPS = 3


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
        most_bytes: int = MOST_BYTES,
        window: Window | None = None,
    ) -> None:
        """`requests_per_second` bounds all threads together, by a bucket that never holds more than a second's worth.
        `window` bounds how many are in flight. An answer of more than `most_bytes`, unpacked, is not read to its end,
        but raised as BadAnswer.
        `plain` lists loopback addresses with http: that name's https form is sent over plain http, since some
        client libraries insist on https."""
        super().__init__()
        self.connection = connection
        self.timeout = timeout
        self.retry = retry or RetryPolicy()
        self.redact = redact
        for secret in secrets:
            redact.protect(secret)
        self.calls = 0
        # .netrc would lay its own password over our token; proxies and authorities are still taken from around us.
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._sleep = sleep or self._rest
        self._lock = threading.Lock()
        self._bodies = Bodies(connection, most_bytes)
        self._stopped = threading.Event()
        self._under_way: set[Exchange] = set()
        self._resume_at = 0.0
        self._closed: tuple[float, str] | None = None
        self._refused_at = -math.inf
        self._refusals = 0
        self._window = window
        self._pace = limiter(connection, requests_per_second) if requests_per_second else None
        self.mount("https://", CuttableAdapter(pool_maxsize=pool))
        self.mount("http://", CuttableAdapter(pool_maxsize=pool))
        for url in plain:
            parts = urlsplit(url)
            if parts.scheme == "http" and parts.hostname in LOOPBACK:
                self.mount(f"https://{parts.netloc}", PlainAdapter(pool_maxsize=pool))

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        try:
            return super().prepare_request(request)
        except (requests.RequestException, UnicodeError, ValueError, TypeError) as error:
            raise unsendable(error, self.connection) from None

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """Proxies and the file of authorities come from the environment, and nothing else does."""
        around = {name: proxy for name, proxy in get_environ_proxies(url).items() if proxy}
        if verify in (None, True):
            verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        return super().merge_environment_settings(url, {**around, **(proxies or {})}, stream, verify, cert)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """As `requests.Session.send`, but without redirects. Raises ConnectorError, never a foreign exception. An
        answer with an error status is returned, for the tool knows best what it means."""
        answer = self._tried(request, **kwargs)
        if answer.is_redirect or 300 <= answer.status_code < 400:
            raise BadAnswer(
                f"{host_of(request.url)} redirects to another address (HTTP {answer.status_code})",
                connection=self.connection,
                fix="Write the address to which it redirects.",
            )
        return answer

    def follow(self, url: str, *, most_bytes: int | None = None, **more: Any) -> requests.Response:
        """A GET that may lead elsewhere, to https or this machine, where nothing of ours but the question goes: no
        credential, no header. A file may be larger than an answer: up to `most_bytes`. Raises ConnectorError."""
        answer = self._tried(
            self.prepare_request(requests.Request("GET", url, **more)), most_bytes=most_bytes, **self._settings(url)
        )
        for _ in range(MOST_HOPS):
            if not answer.is_redirect:
                return answer
            try:
                url = urljoin(answer.url, answer.headers.get("Location", ""))
            except ValueError:
                break
            if not is_safe_target(url):
                break
            bare = requests.Request("GET", url, auth=lambda request: request)
            answer = self._tried(self.prepare_request(bare), most_bytes=most_bytes, **self._settings(url))
        raise BadAnswer(
            f"{host_of(answer.url)} redirects to an address that okrsync does not follow", connection=self.connection
        )

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - whatever it says
        """None, so that the library makes nothing of it."""
        return None

    def stop(self) -> None:
        """Send nothing more: the time is up. What is asked from now on is Unreachable, and so is what is under way."""
        self._stopped.set()
        with self._lock:
            for exchange in self._under_way:
                exchange.end("stopped")

    def pause(self, seconds: float) -> None:
        """Wait, and let every thread of this connection wait, as an answer inside a batch asked for."""
        with self._lock:
            self._resume_at = max(self._resume_at, time.monotonic() + seconds)

    def one_answer(self) -> contextlib.AbstractContextManager[None]:
        """What this thread is answered inside, all pages together, counts as one answer against `most_bytes`."""
        return self._bodies.one_answer()

    def _settings(self, url: str) -> dict[str, Any]:
        return dict(self.merge_environment_settings(url, {}, None, None, None))

    def _rest(self, seconds: float) -> None:
        time.sleep(seconds, self._stopped)

    def _tried(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        asked = kwargs.pop("timeout", None)
        total = asked[-1] if isinstance(asked, tuple) else asked
        budget = Budget(self.timeout if total is None else float(total))
        trying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.retry.attempts),
            wait=lambda state: self._wait(state),
            retry=lambda state: self._worth_repeating(request, state, budget),
            sleep=self._sleep,
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        try:
            answer: requests.Response = trying(self._once, request, budget, **kwargs)
        except FOREIGN as error:
            raise translated(request.url, error, budget.total, self.connection) from None
        if answer.status_code == 429 and not self.retry.own_limit(request):
            self._close_for(self.retry.pause(answer.headers), host_of(answer.url))
        return answer

    def _once(self, request: requests.PreparedRequest, budget: Budget, **kwargs: Any) -> requests.Response:
        with self._window or contextlib.nullcontext():
            self._check_open()
            if (pause := self._resume_at - time.monotonic()) > 0:
                self._sleep(pause)
                self._check_open()
            if self._pace is not None:
                self._pace.try_acquire(self.connection)
            sent_at = time.monotonic()
            answer = self._exchanged(request, budget, **kwargs)
            self._note(answer.status_code == 429, sent_at)
        return answer

    def _exchanged(self, request: requests.PreparedRequest, budget: Budget, **kwargs: Any) -> requests.Response:
        """Sent and answered whole, or cut off when the time for it is up."""
        self._bodies.make_room(self.timeout)
        exchange, most = Exchange(budget.left), kwargs.pop("most_bytes", None)
        with self._lock:
            if self._stopped.is_set():
                raise Unreachable("the run reached its deadline", connection=self.connection, fix=DEADLINE_FIX)
            self.calls += 1
            self._under_way.add(exchange)
        begun, result = time.monotonic(), "failed"
        kwargs |= {"stream": True, "allow_redirects": False}
        kwargs["timeout"] = (min(CONNECT_SECONDS, budget.left), budget.left)
        try:
            with budget.spent(), under_way(exchange):
                answer = super().send(request, **kwargs)
                answer._content = self._bodies.whole(answer, most, budget.left)
            result = str(answer.status_code)
        except FOREIGN:
            self._refuse_cut(exchange, request, budget)
            raise
        finally:
            measured(self.connection, result, time.monotonic() - begun)
            with self._lock:
                self._under_way.discard(exchange)
        self._refuse_cut(exchange, request, budget)
        return answer

    def _refuse_cut(self, exchange: Exchange, request: requests.PreparedRequest, budget: Budget) -> None:
        if exchange.cut == "stopped":
            raise Unreachable("the run reached its deadline", connection=self.connection, fix=DEADLINE_FIX) from None
        if exchange.cut == "late":
            raise late(request.url, budget.total, self.connection, reached=True) from None

    def _close_for(self, seconds: float | None, host: str) -> None:
        """A 429 that outlasts the tries closes the connection for as long as it asks: what waits fails unasked."""
        with self._lock:
            self._closed = (time.monotonic() + (self.retry.longest_wait if seconds is None else seconds), host)

    def _check_open(self) -> None:
        if self._closed is not None and (left := self._closed[0] - time.monotonic()) > 0:
            raise Throttled(
                f"{self._closed[1]} asked okrsync to wait, so okrsync asked nothing more",
                connection=self.connection,
                retry_after=left,
            )

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

    def _worth_repeating(
        self, request: requests.PreparedRequest, state: tenacity.RetryCallState, budget: Budget
    ) -> bool:
        outcome = state.outcome
        if outcome is None or budget.is_spent:
            return False
        error = outcome.exception()
        if error is not None:
            if isinstance(error, requests.exceptions.SSLError) or not isinstance(error, PASSING):
                return False
            begun = not isinstance(error, requests.exceptions.ConnectTimeout)
            return not begun or self.retry.safe(request)
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
        if not self.retry.own_limit(answer.request):
            self.pause(wait)
        return wait

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
        return kind(
            f"{message} (HTTP {response.status_code})",
            connection=self.connection,
            fix=fix,
            retry_after=self.retry.pause(response.headers),
            **more,
        )

    def json(self, response: requests.Response) -> Any:
        """The body as JSON with Decimal for fractions. Raises BadAnswer where it is something else."""
        return self._bodies.parsed(response)

    def said(self, response: requests.Response) -> Any:
        """What a refusal says, as JSON or else the beginning of its text. Never raises."""
        return self._bodies.said(response)
