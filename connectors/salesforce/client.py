"""Carries an org's REST calls, by simple-salesforce over our session: one sign-in for all threads, once more after a
401, and no more calls than the configured share of the org's allowance."""

from __future__ import annotations

import re
import threading
from decimal import Decimal
from typing import Any

import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from connectors.errors import BadAnswer, BadCredentials, Throttled
from connectors.retries import RetryPolicy
from connectors.salesforce.errors import query_error
from connectors.salesforce.signin import can_sign_in_again, content, open_session
from connectors.salesforce.spec import SalesforceOptions
from connectors.wire import HttpSession

READ_ONLY_POSTS = ("/services/oauth2/token", "/composite")
_REPORT_RUN = re.compile(r"/analytics/reports/\w+$")
_USAGE = re.compile(r"(?<![\w-])api-usage=(\d+)/(\d+)")


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
        self.http.hooks["response"].append(self._note_usage)

    def sign_in(self) -> None:
        """Open a session if there is none. Raises ConnectorError with the scope of the connection."""
        self._session()

    def get(self, path: str, **params: str) -> Any:
        """GET below /services/data/vNN.0/. Raises ConnectorError."""
        return self._call("GET", path, params=params)

    def post(self, path: str, body: Any) -> Any:
        """POST below /services/data/vNN.0/ of something that only reads. Raises ConnectorError."""
        return self._call("POST", path, json=body)

    def user(self) -> dict[str, Any]:
        """Who we are signed in as. Raises ConnectorError."""
        salesforce = self._session()
        answer = self.http.get(f"{self._options.url}/services/oauth2/userinfo", headers=salesforce.headers)
        if not answer.ok:
            raise query_error(answer.status_code, content(answer), self._connection)
        body = self.http.json(answer)
        return body if isinstance(body, dict) else {}

    def close(self) -> None:
        self.http.close()

    def _call(self, method: str, path: str, **more: Any) -> Any:
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
        try:
            return salesforce.restful(path, method=method, **more)
        except SalesforceError as error:
            raise query_error(error.status, _parsed(error.content), self._connection) from None
        except requests.exceptions.JSONDecodeError:
            raise BadAnswer(
                f"{self._options.url} answered with something that is not JSON",
                connection=self._connection,
                scope="connection",
                fix="Open the address in a browser: a login page or a proxy stands in the way.",
            ) from None

    def _guard_quota(self) -> None:
        """The org's other apps live on the same allowance."""
        if self.usage is None:
            return
        used, allowed = self.usage
        if used >= allowed * self._options.quota_share:
            share = f"{self._options.quota_share:.0%}"
            raise Throttled(
                f"{used:,} of the org's {allowed:,} API calls of 24 hours are used, and okrsync stops at {share}",
                connection=self._connection,
                fix="See which app uses them up, run less often, or raise quota_share.",
            )

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
                    parse_float=Decimal,
                )
            return self._salesforce

    def _forget(self, salesforce: Salesforce) -> None:
        """Threads that saw the same dead session make one new one between them."""
        with self._lock:
            if self._salesforce is salesforce:
                self._salesforce = None

    def _note_usage(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """`api-usage=18/5000; per-app-api-usage=17/250(appName=...)`, either part alone too."""
        match = _USAGE.search(response.headers.get("Sforce-Limit-Info", ""))
        if match:
            self.usage = (int(match[1]), int(match[2]))


def _is_safe(request: requests.PreparedRequest) -> bool:
    path = (request.url or "").partition("?")[0]
    return request.method == "GET" or path.endswith(READ_ONLY_POSTS) or bool(_REPORT_RUN.search(path))


def _parsed(answered: Any) -> Any:
    return answered.decode(errors="replace") if isinstance(answered, bytes) else answered
