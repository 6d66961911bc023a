"""Carries a site's REST calls, by the jira library over our session.

The library has no timeout unless told, retries by rules of its own and stumbles over decimal Retry-After headers, pages
without end when a token repeats, asks a removed search where it does not know the deployment, and takes an answer
without `count` for zero. So it gets our session, no retries of its own, and its low-level calls alone.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import requests
from jira import JIRA
from jira.exceptions import JIRAError

from connectors.errors import AccessDenied, BadAnswer, BadCredentials, BadQuery, ConnectorError
from connectors.jira.spec import JiraOptions
from connectors.wire import STATUS_ERRORS, HttpSession, RetryPolicy

READ_ONLY_POSTS = ("/search/jql", "/search/approximate-count", "/jql/parse")
SIGNED_IN = ("OK", "")
"""What X-Seraph-LoginReason says, if anything, of an account that is let in."""
TOKEN_FIX = "Make a new API token for the account at id.atlassian.com and put it into the secret."  # noqa: S105
STATUSES: Mapping[int, type[ConnectorError]] = {**STATUS_ERRORS, 410: BadQuery}


class JiraClient:
    def __init__(self, connection: str, options: JiraOptions) -> None:
        self._connection = connection
        self._options = options
        self._lock = threading.Lock()
        self._me: dict[str, Any] | None = None
        token = options.token.get_secret_value()
        self.http = HttpSession(
            connection=connection,
            timeout=options.timeout,
            retry=RetryPolicy(safe=_is_safe),
            secrets=[token, requests.auth._basic_auth_str(options.email, token)],
        )
        self.http.auth = (options.email, token)
        self.http.headers["Accept"] = "application/json"
        self._jira = JIRA(server=options.url, options={"rest_api_version": "3"}, get_server_info=False, max_retries=0)
        self._jira.deploymentType = "Cloud"
        self._jira._session = self.http  # type: ignore[assignment]

    def me(self) -> dict[str, Any]:
        """The account, asked once. An expired token is told by nothing else: searches then answer 200 with no issue.
        Raises ConnectorError with the scope of the connection."""
        with self._lock:
            if self._me is None:
                try:
                    found = self.get("myself")
                except ConnectorError as error:
                    error.scope = "connection"
                    raise
                if not isinstance(found, dict) or not found.get("accountId"):
                    raise self._bad_answer("the account", scope="connection")
                self._me = found
            return self._me

    def get(self, path: str, **params: str) -> Any:
        """GET below /rest/api/3/. Raises ConnectorError."""
        return self._call("GET", path, params=params)

    def post(self, path: str, body: Any, **params: str) -> Any:
        """POST below /rest/api/3/ of something that only reads. Raises ConnectorError."""
        return self._call("POST", path, json=body, params=params)

    def close(self) -> None:
        self.http.close()

    def _call(self, method: str, path: str, **more: Any) -> Any:
        url = self._jira._get_url(path)
        answer = self.http.request(method, url, **more)
        reason = answer.headers.get("X-Seraph-LoginReason", "").split(",")[0].strip()
        if reason not in SIGNED_IN:
            raise BadCredentials(
                f"Jira does not accept the token of {self._options.email} ({reason})",
                connection=self._connection,
                fix=TOKEN_FIX,
            )
        if not answer.ok:
            raise self._refused(answer)
        return self.http.json(answer)

    def _refused(self, answer: requests.Response) -> ConnectorError:
        said = _words(answer)
        status = answer.status_code
        if answer.headers.get("X-Authentication-Denied-Reason", "").startswith("CAPTCHA"):
            fix = "Sign in to Jira with this account in a browser once."
            return self.http.error(answer, "Jira wants a CAPTCHA solved", table={status: BadCredentials}, fix=fix)
        fix = {
            BadCredentials: TOKEN_FIX,
            AccessDenied: f"Give {self._options.email} the permission `Browse projects` where the query looks.",
        }.get(STATUSES.get(status, BadAnswer), "")
        return self.http.error(answer, f"Jira says: {said}" if said else "Jira refused", table=STATUSES, fix=fix)

    def _bad_answer(self, what: str, **more: Any) -> BadAnswer:
        return BadAnswer(f"Jira answered without {what}", connection=self._connection, **more)


def _words(answer: requests.Response) -> str:
    """Both `errorMessages` and `errors`: the library shows one of them only. A web page says nothing."""
    if "json" not in answer.headers.get("Content-Type", ""):
        return ""
    error = JIRAError(status_code=answer.status_code, text=answer.text, response=answer)
    try:
        body = answer.json()
    except requests.exceptions.JSONDecodeError:
        return str(error.text)[:200]
    if not isinstance(body, dict):
        return ""
    fields = body.get("errors")
    named = [f"{field}: {text}" for field, text in fields.items()] if isinstance(fields, dict) else []
    plain = [body[key] for key in ("message", "errorMessage") if body.get(key)]
    return " ".join(str(part) for part in [*(body.get("errorMessages") or []), *named, *plain])


def _is_safe(request: requests.PreparedRequest) -> bool:
    return request.method == "GET" or (request.url or "").partition("?")[0].endswith(READ_ONLY_POSTS)
