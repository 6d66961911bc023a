"""Carries an org's REST calls, by simple-salesforce over our session: one sign-in for all threads, once more after a
401, and no more calls than the configured share of the org's allowance."""

from __future__ import annotations

import contextlib
import re
import threading
from typing import Any
from urllib.parse import urlencode

import requests
import tenacity

from connectors.errors import BadAnswer, BadCredentials, ConnectorError, Throttled, Unreachable
from connectors.retries import RetryPolicy
from connectors.salesforce.composite import answers_of, body_of
from connectors.salesforce.errors import is_daily_limit, passes_soon, query_error
from connectors.salesforce.library import Salesforce, SalesforceError
from connectors.salesforce.signin import can_sign_in_again, open_session
from connectors.salesforce.spec import SalesforceOptions
from connectors.wire import HttpSession

READ_ONLY_POSTS = ("/services/oauth2/token", "/composite")
LONGEST_PATH = 8_000
"""Characters of a path and its query that are sent by GET. Salesforce refuses (414) more than 16,384 bytes with the
headers; what is longer goes inside a composite request."""
TRIES = 4
_REPORT_RUN = re.compile(r"/analytics/reports/\w+$")
_USAGE = re.compile(r"(?<![\w-])api-usage=(\d{1,12})/(\d{1,12})(?!\d)")


class SalesforceClient:
    def __init__(self, connection: str, options: SalesforceOptions) -> None:
        self._connection = connection
        self._options = options
        self._lock = threading.Lock()
        self._salesforce: Salesforce | None = None
        secrets = (options.client_secret, options.private_key, options.session_id, options.password)
        self.http = HttpSession(
            connection=connection,
            timeout=options.timeout,
            retry=RetryPolicy(statuses=frozenset({406, 408, 420, 429, 500, 502, 503, 504}), safe=_is_safe),
            secrets=[secret.get_secret_value() for secret in (*secrets, options.security_token) if secret],
            plain=[options.url],
            requests_per_second=options.requests_per_second,
            most_bytes=options.max_bytes,
        )
        self.usage: tuple[int, int] | None = None
        """API calls used and allowed in 24 hours, as the last answer said."""
        self._spent: ConnectorError | None = None
        self.http.hooks["response"].append(self._note_usage)

    def begin(self) -> None:
        """A new pass: what an earlier one learned of the allowance is old. Where that was used up, one call asks
        whether it still is, before many do."""
        was_used_up = self._spent is not None or self._is_used_up()
        self.usage = self._spent = None
        if was_used_up:
            with contextlib.suppress(ConnectorError):
                self.get("limits")

    def sign_in(self) -> None:
        """Open a session if there is none. Raises ConnectorError with the scope of the connection."""
        self._session()

    def get(self, path: str, **params: str) -> Any:
        """GET below /services/data/vNN.0/. Raises ConnectorError."""
        asked = f"{path}{'&' if '?' in path else '?'}{urlencode(params)}" if params else path
        if len(asked) <= LONGEST_PATH:
            return self._call("GET", asked)
        (answer,) = answers_of(self.composite([asked]), [asked], self._connection).values()
        if isinstance(answer, ConnectorError):
            raise answer
        return answer

    def post(self, path: str, body: Any, *, seconds: float | None = None) -> Any:
        """POST below /services/data/vNN.0/ of something that only reads, answered within `seconds`. Raises
        ConnectorError."""
        more = {} if seconds is None else {"timeout": seconds}
        return self._call("POST", path, json=body, **more)

    def patch(self, path: str, body: Any) -> Any:
        """PATCH below /services/data/vNN.0/. Raises ConnectorError, uncertain where it may have been carried out."""
        try:
            return self._signed_in("PATCH", path, json=body)
        except Unreachable as error:
            error.uncertain = not error.never_left
            raise
        except BadAnswer as error:
            error.uncertain = True
            raise

    def composite(self, paths: list[str], slow: int = 1) -> Any:
        """One composite request, whose sub-requests are carried out one after the other; `slow` of them may each take
        the time of a request. Raises ConnectorError."""
        return self.post(
            "composite", body_of(paths, self._options.api_version), seconds=self._options.timeout * max(1, slow)
        )

    def user(self) -> dict[str, Any]:
        """Who we are signed in as. Raises ConnectorError."""
        salesforce = self._session()
        answer = self.http.get(f"{self._options.url}/services/oauth2/userinfo", headers=salesforce.headers)
        if not answer.ok:
            raise query_error(answer.status_code, self.http.said(answer), self._connection)
        body = self._json(answer)
        return body if isinstance(body, dict) else {}

    def close(self) -> None:
        self.http.close()

    def _call(self, method: str, path: str, **more: Any) -> Any:
        """What Salesforce says will pass soon (too many requests at one time, a locked row) is asked again."""
        trying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(passes_soon),
            stop=tenacity.stop_after_attempt(TRIES),
            wait=_pause,
            sleep=self.http.pause,
            reraise=True,
        )
        return trying(self._signed_in, method, path, **more)

    def _signed_in(self, method: str, path: str, **more: Any) -> Any:
        self._guard_quota()
        salesforce = self._session()
        try:
            return self._once(salesforce, method, path, **more)
        except BadCredentials as error:
            if not can_sign_in_again(self._options):
                error.fix = "The session given as session_id has ended: give another, or let okrsync sign in itself."
                raise
            self._forget(salesforce)
            return self._once(self._session(), method, path, **more)

    def _once(self, salesforce: Salesforce, method: str, path: str, **more: Any) -> Any:
        """The library's own reading of JSON knows floats, and stumbles over numbers and depths."""
        try:
            answer = salesforce._call_salesforce(method, salesforce.base_url + path, name=path, **more)
        except SalesforceError as error:
            refused = query_error(error.status, _parsed(error.content), self._connection)
            if is_daily_limit(refused):
                self._spent = refused
            raise refused from None
        return self._json(answer)

    def _json(self, answer: requests.Response) -> Any:
        if answer.content[:200].lstrip().startswith(b"<"):
            raise BadAnswer(
                f"{self._options.url} answered with something that is not JSON",
                connection=self._connection,
                scope="connection",
                fix="Open the address in a browser. A login page or a proxy may be in the way.",
            )
        return self.http.json(answer)

    def _guard_quota(self) -> None:
        """The org's other apps live on the same allowance."""
        if self._spent is not None:
            raise self._spent
        if self.usage is not None and self._is_used_up():
            used, allowed = self.usage
            share = f"{self._options.quota_share:.0%}"
            raise Throttled(
                f"{used:,} of the org's {allowed:,} API calls in 24 hours are used, and okrsync stops at {share}",
                connection=self._connection,
                fix="Find out which app uses them up, run okrsync less often, or raise quota_share.",
            )

    def _is_used_up(self) -> bool:
        """Whether the configured share of it is."""
        used, allowed = self.usage or (0, 0)
        return allowed > 0 and used >= allowed * self._options.quota_share

    def _session(self) -> Salesforce:
        with self._lock:
            if self._salesforce is None:
                token = open_session(self._connection, self._options, self.http)
                self.http.redact.protect(token)
                self._salesforce = Salesforce(
                    session_id=token,
                    instance_url=self._options.url,
                    session=self.http,
                    version=self._options.api_version,
                )
            return self._salesforce

    def _forget(self, salesforce: Salesforce) -> None:
        """Threads that saw the same dead session make one new one between them."""
        with self._lock:
            if self._salesforce is salesforce:
                self._salesforce = None

    def _note_usage(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """`api-usage=18/5000; per-app-api-usage=17/250(appName=...)`, either part alone too."""
        # The library would read it too, and trip over what is no number.
        match = _USAGE.search(response.headers.pop("Sforce-Limit-Info", ""))
        if match:
            self.usage = (int(match[1]), int(match[2]))


def _pause(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, ConnectorError) else None
    return (asked or 0) * state.attempt_number


def _is_safe(request: requests.PreparedRequest) -> bool:
    path = (request.url or "").partition("?")[0]
    return request.method == "GET" or path.endswith(READ_ONLY_POSTS) or bool(_REPORT_RUN.search(path))


def _parsed(answered: Any) -> Any:
    return answered.decode(errors="replace") if isinstance(answered, bytes) else answered
