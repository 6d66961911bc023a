"""Carries a site's REST calls, by the jira library over our session.

The library has no timeout unless told, retries by rules of its own and stumbles over decimal Retry-After headers, pages
without end when a token repeats, asks a removed search where it does not know the deployment, and takes an answer
without `count` for zero. So it gets our session, no retries of its own, and its low-level calls alone.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import requests
from jira import JIRA

from connectors.errors import AccessDenied, BadAnswer, BadCredentials, BadQuery, ConnectorError
from connectors.jira.signin import sign_in
from connectors.jira.spec import JiraOptions
from connectors.wire import STATUS_ERRORS, HttpSession, RetryPolicy

READ_ONLY_POSTS = (
    "/search",
    "/search/jql",
    "/search/approximate-count",
    "/jql/parse",
    "/changelog/bulkfetch",
    "/oauth/token",
)
SIGNED_IN = ("OK", "")
"""What X-Seraph-LoginReason says, if anything, of an account that is let in."""
STATUSES: Mapping[int, type[ConnectorError]] = {**STATUS_ERRORS, 410: BadQuery}
MOST_PAGES = 2000


class JiraClient:
    def __init__(self, connection: str, options: JiraOptions) -> None:
        self.connection = connection
        self._options = options
        self._lock = threading.Lock()
        self._me: dict[str, Any] | None = None
        self.http = HttpSession(
            connection=connection,
            timeout=options.timeout,
            retry=RetryPolicy(safe=_is_safe),
            requests_per_second=options.requests_per_second,
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
                try:
                    found = self.get("myself")
                except ConnectorError as error:
                    error.scope = "connection"
                    raise
                # Data Center names an account by its key.
                if not isinstance(found, dict) or not (found.get("accountId") or found.get("key")):
                    raise self.bad_answer("the account", scope="connection")
                self._me = found
            return self._me

    def get(self, path: str, **params: str) -> Any:
        """GET below /rest/api/N/. Raises ConnectorError."""
        return self._call("GET", self._jira._get_url(path), params=params)

    def post(self, path: str, body: Any, **params: str) -> Any:
        """POST below /rest/api/N/ of something that only reads. Raises ConnectorError."""
        return self._call("POST", self._jira._get_url(path), json=body, params=params)

    def agile(self, path: str, **params: str) -> Any:
        """GET below /rest/agile/1.0/. Raises ConnectorError."""
        return self._call("GET", self._jira._get_url(path, base=JIRA.AGILE_BASE_URL), params=params)

    def token_pages(
        self, path: str, body: Mapping[str, Any], holds: str
    ) -> Iterator[tuple[list[dict[str, Any]], bool]]:
        """What `holds` lists in each page of a POST that is paged by `nextPageToken`, and whether there is more.
        Raises ConnectorError."""
        asked = dict(body)
        tokens: set[str] = set()
        while len(tokens) < MOST_PAGES:
            page = self.post(path, asked)
            listed = self.listed(page, holds)
            token = page.get("nextPageToken")
            yield listed, bool(token)
            if not token:
                return
            if token in tokens:
                raise BadAnswer("Jira gave the same page twice", connection=self.connection, fix="Run again.")
            tokens.add(token)
            asked["nextPageToken"] = token
        raise self.too_long()

    def agile_pages(self, path: str, holds: str, **params: str) -> Iterator[list[dict[str, Any]]]:
        """The same of an Agile list, paged by `startAt`, whose last page says so or reaches `total`."""
        start = 0
        for _ in range(MOST_PAGES):
            page = self.agile(path, startAt=str(start), **params)
            listed = self.listed(page, holds)
            yield listed
            start += len(listed)
            total = page.get("total")
            if page.get("isLast") is True or not listed or (isinstance(total, int) and start >= total):
                return
        raise self.too_long()

    def bad_answer(self, what: str, **more: Any) -> BadAnswer:
        return BadAnswer(f"Jira answered without {what}", connection=self.connection, **more)

    def close(self) -> None:
        self.http.close()

    def listed(self, page: Any, holds: str) -> list[dict[str, Any]]:
        """Raises BadAnswer, for a list that is missing is not an empty one."""
        listed = page.get(holds) if isinstance(page, dict) else None
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise self.bad_answer(f"a list of {holds}")
        return listed

    def too_long(self) -> BadAnswer:
        return BadAnswer(f"Jira gave more than {MOST_PAGES} pages", connection=self.connection, fix="Narrow the query.")

    def _call(self, method: str, url: str, **more: Any) -> Any:
        answer = self.http.request(method, url, **more)
        if answer.status_code == 401 and self._sign_in.renewed(answer.request.headers.get("Authorization", "")):
            answer = self.http.request(method, url, **more)
        reason = answer.headers.get("X-Seraph-LoginReason", "").split(",")[0].strip()
        if reason not in SIGNED_IN:
            raise BadCredentials(
                f"Jira does not accept {self._sign_in.who} ({reason})",
                connection=self.connection,
                fix=self._sign_in.fix,
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
            BadCredentials: self._sign_in.fix,
            AccessDenied: "Give the account the permission `Browse projects` where the query looks"
            + (", and the token the scopes that the README lists." if self._options.through_gateway else "."),
        }.get(STATUSES.get(status, BadAnswer), "")
        return self.http.error(answer, f"Jira says: {said}" if said else "Jira refused", table=STATUSES, fix=fix)


def _words(answer: requests.Response) -> str:
    """Both `errorMessages` and `errors`: the library shows one of them only. A web page says nothing."""
    if "json" not in answer.headers.get("Content-Type", ""):
        return ""
    try:
        body = answer.json()
    except requests.exceptions.JSONDecodeError:
        return answer.text[:200]
    if not isinstance(body, dict):
        return ""
    fields = body.get("errors")
    named = [f"{field}: {text}" for field, text in fields.items()] if isinstance(fields, dict) else []
    plain = [body[key] for key in ("message", "errorMessage") if body.get(key)]
    return " ".join(str(part) for part in [*(body.get("errorMessages") or []), *named, *plain])


def _is_safe(request: requests.PreparedRequest) -> bool:
    return request.method == "GET" or (request.url or "").partition("?")[0].endswith(READ_ONLY_POSTS)
