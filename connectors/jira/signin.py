"""Who a request is sent as: an API token, a personal access token, or a service account's hourly access token."""

from __future__ import annotations

import threading
import time
from typing import Protocol

import requests
from requests.auth import AuthBase, _basic_auth_str

from connectors.errors import BadAnswer, BadCredentials, ConnectorError
from connectors.jira.spec import JiraOptions
from connectors.statuses import STATUS_ERRORS
from connectors.wire import HttpSession

EARLY = 60
"""Seconds before its end at which an access token is renewed."""
LIFE = 3600
LONGEST_LIFE = 30 * 86_400
"""Seconds of an access token: of one that says nothing sensible, and at most."""
CLIENT_FIX = (
    "Check the client id and secret of the service account at admin.atlassian.com, or make new ones and put them into "
    "the secret."
)


class SignIn(Protocol):
    fix: str
    """What the operator does when Jira does not accept it."""
    who: str

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest: ...

    def renewed(self, refused: str) -> bool:
        """Whether there is something better to try than the Authorization header that Jira refused."""
        ...


def sign_in(connection: str, options: JiraOptions, http: HttpSession) -> SignIn:
    if options.client_id is not None:
        return ServiceAccount(connection, options, http)
    return FixedToken(options, http)


class FixedToken(AuthBase):
    """An auth object even for a bearer token: `requests` would lay a .netrc entry over a plain header."""

    def __init__(self, options: JiraOptions, http: HttpSession) -> None:
        token = options.token.get_secret_value() if options.token else ""
        self._header = _basic_auth_str(options.email.encode(), token.encode()) if options.email else f"Bearer {token}"
        for secret in (token, self._header):
            http.redact.protect(secret)
        self.who = f"the token of {options.email}" if options.email else "the personal access token"
        if options.deployment == "datacenter":
            self.fix = "Make a new personal access token in the account's Jira profile and put it into the secret."
        else:
            self.fix = "Make a new API token for the account at id.atlassian.com and put it into the secret."
            if not options.through_gateway:
                self.fix += " A token with scopes needs url: https://api.atlassian.com/ex/jira/<cloud id>."

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._header
        return request

    def renewed(self, refused: str) -> bool:  # noqa: ARG002 - there is no other
        return False


class ServiceAccount(AuthBase):
    """OAuth 2.0 client credentials; one sign-in for all threads.

    https://support.atlassian.com/user-management/docs/create-oauth-2-0-credential-for-service-accounts
    """

    fix = CLIENT_FIX

    def __init__(self, connection: str, options: JiraOptions, http: HttpSession) -> None:
        self._connection = connection
        self._http = http
        self._url = f"{options.login_url}/oauth/token"
        self._form = {
            "grant_type": "client_credentials",
            "client_id": options.client_id or "",
            "client_secret": options.client_secret.get_secret_value() if options.client_secret else "",
        }
        http.redact.protect(self._form["client_secret"])
        self._lock = threading.Lock()
        self._header = ""
        self._until = 0.0
        self.who = f"the service account {options.client_id}"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        with self._lock:
            if not self._header or time.monotonic() >= self._until:
                self._ask()
            request.headers["Authorization"] = self._header
        return request

    def renewed(self, refused: str) -> bool:
        with self._lock:
            if self._header == refused:
                self._header = ""
        return True

    def _ask(self) -> None:
        asked_at = time.monotonic()
        try:
            # The session's own auth is this object: without one of its own this request would wait for itself.
            answer = self._http.post(self._url, data=self._form, auth=_Nobody())
            if not answer.ok:
                table = {**STATUS_ERRORS, **dict.fromkeys((400, 401, 403), BadCredentials)}
                raise self._http.error(answer, f"Atlassian refuses {self.who}", table=table, fix=CLIENT_FIX)
            body = self._http.json(answer)
            if not isinstance(body, dict) or not isinstance(token := body.get("access_token"), str):
                raise BadAnswer("the answer to the sign-in contains no access token", connection=self._connection)
        except ConnectorError as error:
            error.scope = "connection"
            raise
        lives = body.get("expires_in")
        self._until = asked_at + (lives if type(lives) is int and 0 < lives <= LONGEST_LIFE else LIFE) - EARLY
        self._http.redact.protect(token)
        self._header = f"Bearer {token}"


class _Nobody(AuthBase):
    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request
