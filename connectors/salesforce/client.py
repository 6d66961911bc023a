"""Signs in to an org and carries its REST calls, by simple-salesforce over our session.

simple-salesforce signs in without a timeout, takes an outage of the token endpoint for bad credentials, signs in once
for each thread, and again without end where a 401 stays. So the sign-in is ours: one for all threads, once more after
a 401, and the library gets the session it leads to.
"""

from __future__ import annotations

import re
import threading
import time
from decimal import Decimal
from typing import Any

import jwt
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from connectors.errors import BadAnswer, BadCredentials, ConnectorError
from connectors.salesforce.errors import query_error, sign_in_error
from connectors.salesforce.spec import SalesforceOptions
from connectors.wire import HttpSession, RetryPolicy

ASSERTION_SECONDS = 180
"""A JWT may live three minutes (OAuth 2.0 JWT Bearer Flow)."""
READ_ONLY_POSTS = ("/services/oauth2/token", "/composite")
_USAGE = re.compile(r"(?<![\w-])api-usage=(\d+)/(\d+)")


class SalesforceClient:
    def __init__(self, connection: str, options: SalesforceOptions) -> None:
        self._connection = connection
        self._options = options
        self._lock = threading.Lock()
        self._salesforce: Salesforce | None = None
        secrets = [secret.get_secret_value() for secret in (options.client_secret, options.private_key) if secret]
        self.http = HttpSession(
            connection=connection,
            timeout=options.timeout,
            retry=RetryPolicy(statuses=frozenset({406, 408, 420, 429, 500, 502, 503, 504}), safe=_is_safe),
            secrets=secrets,
            plain=[options.url],
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
            raise query_error(answer.status_code, _content(answer), self._connection)
        body = self.http.json(answer)
        return body if isinstance(body, dict) else {}

    def close(self) -> None:
        self.http.close()

    def _call(self, method: str, path: str, **more: Any) -> Any:
        salesforce = self._session()
        try:
            return self._once(salesforce, method, path, **more)
        except BadCredentials:
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

    def _session(self) -> Salesforce:
        with self._lock:
            if self._salesforce is None:
                token = self._token()
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

    def _token(self) -> str:
        url = f"{self._options.url}/services/oauth2/token"
        answer = self.http.post(url, data=self._grant(), headers={"Accept": "application/json"})
        if not answer.ok:
            raise sign_in_error(answer.status_code, _content(answer), self._connection)
        try:
            body = self.http.json(answer)
            token = body["access_token"]
        except ConnectorError as error:
            error.scope = "connection"
            raise
        except (KeyError, TypeError):
            raise BadAnswer(
                "the sign-in was answered without an access token", connection=self._connection, scope="connection"
            ) from None
        return str(token)

    def _grant(self) -> dict[str, str]:
        options = self._options
        if options.client_secret is not None:
            secret = options.client_secret.get_secret_value()
            return {"grant_type": "client_credentials", "client_id": options.client_id, "client_secret": secret}
        key = options.private_key.get_secret_value() if options.private_key else ""
        claims = {
            "iss": options.client_id,
            "sub": options.username,
            "aud": options.audience,
            "exp": int(time.time()) + ASSERTION_SECONDS,
        }
        try:
            assertion = jwt.encode(claims, key, algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError):
            raise BadCredentials(
                "private_key is no RSA private key in PEM form",
                connection=self._connection,
                fix="Give the whole key, with its BEGIN and END lines.",
            ) from None
        return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}

    def _note_usage(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """`api-usage=18/5000; per-app-api-usage=17/250(appName=...)`, either part alone too."""
        match = _USAGE.search(response.headers.get("Sforce-Limit-Info", ""))
        if match:
            self.usage = (int(match[1]), int(match[2]))


def _is_safe(request: requests.PreparedRequest) -> bool:
    return request.method == "GET" or (request.url or "").partition("?")[0].endswith(READ_ONLY_POSTS)


def _content(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except requests.exceptions.JSONDecodeError:
        return answer.text[:200]


def _parsed(content: Any) -> Any:
    return content.decode(errors="replace") if isinstance(content, bytes) else content
