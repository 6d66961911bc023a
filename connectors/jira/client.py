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

from connectors.errors import AccessDenied, BadAnswer, BadCredentials, BadQuery, ConnectorError, NotFound
from connectors.jira.limits import AT_FIRST, asked_pause, reason
from connectors.jira.signin import sign_in
from connectors.jira.spec import JiraOptions
from connectors.retries import RetryPolicy
from connectors.statuses import STATUS_ERRORS
from connectors.window import Window
from connectors.wire import HttpSession
from connectors.writes import PERHAPS, write

READ_ONLY_POSTS = (
    "/search",
    "/search/jql",
    "/search/approximate-count",
    "/jql/parse",
    "/changelog/bulkfetch",
    "/oauth/token",
)
MOST_WORDS = 1000
SIGNED_IN = ("OK", "")
"""What X-Seraph-LoginReason says, if anything, of an account that is let in."""
STATUSES: Mapping[int, type[ConnectorError]] = {**STATUS_ERRORS, 410: BadQuery}


class JiraClient:
    def __init__(self, connection: str, options: JiraOptions) -> None:
        self.connection = connection
        self._options = options
        self._lock = threading.Lock()
        self._me: dict[str, Any] | None = None
        self._is_unsigned = False
        self.http = HttpSession(
            connection=connection,
            timeout=options.timeout,
            retry=RetryPolicy(safe=_is_safe, pause=asked_pause),
            requests_per_second=options.requests_per_second,
            most_bytes=options.max_bytes,
            window=Window(first=AT_FIRST, most=options.most_in_flight),
        )
        self._sign_in = sign_in(connection, options, self.http)
        self.http.auth = self._sign_in
        self.http.headers["Accept"] = "application/json"
        is_cloud = options.deployment == "cloud"
        versions: dict[str, Any] = {"rest_api_version": "3" if is_cloud else "2"}
        self._jira = JIRA(server=options.url, options=versions, get_server_info=False, max_retries=0)
        self._jira.deploymentType = "Cloud" if is_cloud else "Server"
        self._jira._session = self.http  # type: ignore[assignment]

    def me(self) -> dict[str, Any]:
        """The account, asked once. An expired token is told by nothing else: searches then answer 200 with no issue.
        Raises ConnectorError with the scope of the connection."""
        with self._lock:
            if self._me is None:
                self._me = self._who()
            return self._me

    def vouch(self) -> None:
        """Raises ConnectorError unless the account may see something: an answer of nothing is believed only then. Where
        answers bear no sign of who got them, the token must still be good afterwards."""
        if self._is_unsigned:
            self._who()
        try:
            found = self.get("mypermissions", permissions="BROWSE_PROJECTS")
        except (AccessDenied, NotFound, BadQuery):
            return
        match found:
            case {"permissions": {"BROWSE_PROJECTS": {"havePermission": True}}}:
                return
            case {"permissions": {"BROWSE_PROJECTS": {"havePermission": False}}}:
                raise AccessDenied(
                    f"Jira shows no project at all to {self._sign_in.who}",
                    connection=self.connection,
                    fix="Give the account the permission `Browse projects` in the projects of the query.",
                )
        raise self.bad_answer("the account's permissions")

    def _who(self) -> dict[str, Any]:
        try:
            found = self.get("myself")
        except ConnectorError as error:
            error.scope = "connection"
            raise
        # Data Center names an account by its key.
        if not isinstance(found, dict) or not (found.get("accountId") or found.get("key")):
            raise self.bad_answer("the account", scope="connection")
        return found

    def get(self, path: str, **params: str) -> Any:
        """GET below /rest/api/N/. Raises ConnectorError."""
        return self._call("GET", self._jira._get_url(path), params=params)

    def post(self, path: str, body: Any, **params: str) -> Any:
        """POST below /rest/api/N/ of something that only reads. Raises ConnectorError."""
        return self._call("POST", self._jira._get_url(path), json=body, params=params)

    def put(self, path: str, body: Any, *, fix: str) -> None:
        """PUT below /rest/api/N/. `fix` is for who may not. Raises ConnectorError, uncertain where it may have been
        carried out."""
        url = self._jira._get_url(path)
        answer = write(self.http, "PUT", url, json=body)
        if answer.status_code == 401 and self._sign_in.renewed(answer.request.headers.get("Authorization", "")):
            answer = write(self.http, "PUT", url, json=body)
        self._check_signed(answer.headers)
        if not answer.ok:
            error = self._refused(answer)
            error.uncertain = answer.status_code in PERHAPS
            if isinstance(error, AccessDenied):
                error.fix = fix
            raise error

    def agile(self, path: str, **params: str) -> Any:
        """GET below /rest/agile/1.0/. Raises ConnectorError."""
        return self._call("GET", self._jira._get_url(path, base=JIRA.AGILE_BASE_URL), params=params)

    def bad_answer(self, what: str, **more: Any) -> BadAnswer:
        return BadAnswer(f"Jira's answer does not contain {what}", connection=self.connection, **more)

    def close(self) -> None:
        self.http.close()

    def listed(self, page: Any, holds: str) -> list[dict[str, Any]]:
        """Raises BadAnswer, for a list that is missing is not an empty one."""
        listed = page.get(holds) if isinstance(page, dict) else None
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise self.bad_answer(f"a list of {holds}")
        return listed

    def _call(self, method: str, url: str, **more: Any) -> Any:
        answer = self.http.request(method, url, **more)
        if answer.status_code == 401 and self._sign_in.renewed(answer.request.headers.get("Authorization", "")):
            answer = self.http.request(method, url, **more)
        self._check_signed(answer.headers)
        if not answer.ok:
            raise self._refused(answer)
        return self.http.json(answer)

    def _check_signed(self, headers: Mapping[str, str]) -> None:
        """Raises BadCredentials for an answer that was given to somebody anonymous."""
        login = headers.get("X-Seraph-LoginReason", "").split(",")[0].strip()
        user = headers.get("X-AUSERNAME", "").strip()
        if login not in SIGNED_IN or user == "anonymous":
            raise BadCredentials(
                f"Jira does not accept {self._sign_in.who} ({login or user})",
                connection=self.connection,
                fix=self._sign_in.fix,
            )
        if not (login or user or headers.get("X-AACCOUNTID", "").strip()):
            self._is_unsigned = True

    def _refused(self, answer: requests.Response) -> ConnectorError:
        said = _words(answer, self.http.said(answer))
        status = answer.status_code
        if answer.headers.get("X-Authentication-Denied-Reason", "").startswith("CAPTCHA"):
            fix = "Sign in to Jira with this account in a browser once."
            return self.http.error(answer, "Jira asks for a CAPTCHA", table={status: BadCredentials}, fix=fix)
        if status == 429 and (why := reason(answer.headers)):
            said = f"{why}. {said}".strip(". ")
        fix = {
            BadCredentials: self._sign_in.fix,
            AccessDenied: "Give the account the permission `Browse projects` in the projects of the query"
            + (", and the token the scopes that the README lists." if self._options.through_gateway else "."),
        }.get(STATUSES.get(status, BadAnswer), "")
        return self.http.error(answer, f"Jira says: {said}" if said else "Jira refused", table=STATUSES, fix=fix)


def _words(answer: requests.Response, body: Any) -> str:
    """Both `errorMessages` and `errors`: the library shows one of them only. A web page says nothing."""
    if "json" not in answer.headers.get("Content-Type", ""):
        return ""
    if isinstance(body, str):
        return body[:200]
    if not isinstance(body, dict):
        return ""
    fields, listed = body.get("errors"), body.get("errorMessages")
    named = [f"{field}: {text}" for field, text in fields.items()] if isinstance(fields, dict) else []
    plain = [body[key] for key in ("message", "errorMessage") if body.get(key)]
    return " ".join(str(part) for part in [*(listed if isinstance(listed, list) else []), *named, *plain])[:MOST_WORDS]


def _is_safe(request: requests.PreparedRequest) -> bool:
    return request.method == "GET" or (request.url or "").partition("?")[0].endswith(READ_ONLY_POSTS)
