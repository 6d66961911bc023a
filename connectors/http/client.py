"""Carries requests to one API: signed in, on the hosts that are allowed, never more bytes than are."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests
from requests.auth import HTTPBasicAuth

from connectors import extract
from connectors.errors import AccessDenied, BadAnswer, BadCredentials, ConnectorError, Throttled, safe_text
from connectors.http.guard import PublicOnly
from connectors.http.spec import HttpOptions, HttpQuery
from connectors.retries import RetryPolicy
from connectors.statuses import STATUS_ERRORS
from connectors.wire import HttpSession
from connectors.writes import refused, write

MOST_PAGES = 1000
LONGEST_LIFE = 30 * 86_400
EARLY = 30
"""Seconds before its end at which an access token is renewed."""
TOKEN_ERRORS = {**STATUS_ERRORS, **dict.fromkeys((400, 401, 403), BadCredentials)}


class HttpClient:
    def __init__(self, connection: str, options: HttpOptions) -> None:
        self._connection = connection
        self._options = options
        self.http = HttpSession(
            connection=connection,
            timeout=options.timeout,
            retry=RetryPolicy(safe=self._is_safe),
            requests_per_second=options.requests_per_second,
            most_bytes=options.max_bytes,
        )
        if not options.allow_private:
            self.http.mount("https://", PublicOnly())
            self.http.mount("http://", PublicOnly())
        self._lock = threading.Lock()
        self._token = ""
        self._until = 0.0

    @property
    def signs_in(self) -> bool:
        return self._options.token_url is not None

    def sign_in(self) -> str:
        """The access token, if the API takes one. Raises ConnectorError with the scope of the connection."""
        if not self.signs_in:
            return ""
        with self._lock:
            if not self._token or time.monotonic() >= self._until:
                try:
                    self._ask_for_token()
                except ConnectorError as error:
                    error.scope = "connection"
                    raise
            return self._token

    def pages(self, query: HttpQuery) -> Iterator[Any]:
        """The JSON of each page. Raises ConnectorError."""
        url: str | None = f"{self._options.url}{query.get}"
        params = list(query.params)
        seen: set[str] = set()
        while url is not None:
            body = self._get(url, params)
            yield body
            found = self._next(query, body)
            if found is None:
                return
            if found in seen or len(seen) >= MOST_PAGES:
                raise BadAnswer("the API sent the same page twice", connection=self._connection, fix="Correct `next`.")
            seen.add(found)
            if query.next_param is not None:
                params = [(name, value) for name, value in query.params if name != query.next_param]
                params.append((query.next_param, found))
            else:
                url, params = self._link(url, found), []

    def check(self) -> None:
        """Sign in, and ask the path that is there for it. Raises ConnectorError with the scope of the connection."""
        self.sign_in()
        if self._options.check is None:
            return
        try:
            self._get(f"{self._options.url}{self._options.check}", [])
        except ConnectorError as error:
            error.scope = "connection"
            raise

    def close(self) -> None:
        self.http.close()

    def get(self, path: str) -> Any:
        """The JSON at a path. Raises ConnectorError."""
        return self._get(f"{self._options.url}{path}", [])

    def send(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> requests.Response:
        """Write something; the answer whatever its status. Raises ConnectorError, uncertain where it may have been
        taken."""
        url = f"{self._options.url}{path}"
        token = self.sign_in()
        answer = self._sent_once(method, url, content, headers, token)
        if self.signs_in and answer.status_code == 401:
            self._forget(token)
            answer = self._sent_once(method, url, content, headers, self.sign_in())
        return answer

    def refusal(self, answer: requests.Response) -> ConnectorError:
        """The error that a write's status means."""
        return refused(self.http, answer, f"{urlsplit(answer.url).netloc} refused")

    def _sent_once(
        self, method: str, url: str, content: bytes, headers: Mapping[str, str], token: str
    ) -> requests.Response:
        sent = {"Content-Type": "application/json", **headers}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        more: dict[str, Any] = {"params": self._secret_params(url), "auth": self._auth(not token)}
        return write(self.http, method, url, data=content, headers=sent, **more)

    def _is_safe(self, request: requests.PreparedRequest) -> bool:
        """A POST that asks for a token changes nothing."""
        asks = (request.url or "").partition("?")[0] == self._options.token_url
        return request.method == "GET" or (request.method == "POST" and asks)

    def _next(self, query: HttpQuery, body: Any) -> str | None:
        found = extract.search(query.next, body) if query.next else None
        if found is None or found is False or found == "":
            return None
        if isinstance(found, bool) or not isinstance(found, str | int):
            raise BadAnswer("`next` gives neither a link nor a token", connection=self._connection, fix="Correct it.")
        return str(found)

    def _link(self, url: str, link: str) -> str:
        """Our credential goes to the configured host only, other hosts must be named."""
        try:
            target = urljoin(url, link)
            parts, home = urlsplit(target), urlsplit(self._options.url)
        except ValueError:
            raise BadAnswer("`next` gives no link", connection=self._connection, fix="Correct it.") from None
        if parts[:2] == home[:2] or (parts.scheme == "https" and parts.hostname in self._options.hosts):
            return target
        raise BadAnswer(
            f"the next page is on another host, {parts.netloc}",
            connection=self._connection,
            fix="Add it to `hosts` if okrsync may ask it.",
        )

    def _get(self, url: str, params: list[tuple[str, str]]) -> Any:
        token = self.sign_in()
        answer, body = self._once(url, params, token)
        if self.signs_in and (answer.status_code == 401 or self._code(body) in self._ended()):
            self._forget(token)
            answer, body = self._once(url, params, self.sign_in())
        if not answer.ok:
            raise self.http.error(answer, f"{urlsplit(url).netloc} refused")
        self._refuse_failure(body)
        return body

    def _once(self, url: str, params: list[tuple[str, str]], token: str) -> tuple[requests.Response, Any]:
        headers = {"Accept": "application/json"}
        home = urlsplit(url)[:2] == urlsplit(self._options.url)[:2]
        if home and token:
            headers["Authorization"] = f"Bearer {token}"
        if home:
            params = [*params, *self._secret_params(url)]
        answer = self._sent("GET", url, params=params, headers=headers, auth=self._auth(home and not token))
        return answer, self.http.json(answer) if answer.ok else None

    def _secret_params(self, url: str) -> list[tuple[str, str]]:
        """A link to a further page may carry them already."""
        there = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        return [(name, value.get_secret_value()) for name, value in self._options.params.items() if name not in there]

    def _auth(self, wanted: bool) -> Any:
        """An auth object even where there is none, since `requests` would look for one in .netrc."""
        options = self._options
        if wanted and options.username and options.password:
            return HTTPBasicAuth(options.username.encode(), options.password.get_secret_value().encode())
        if wanted and options.bearer:
            return _Header("Authorization", f"Bearer {options.bearer.get_secret_value()}")
        if wanted and options.secret:
            return _Header(options.header, options.secret.get_secret_value())
        return lambda request: request

    def _sent(self, method: str, url: str, **more: Any) -> requests.Response:
        return self.http.request(method, url, **more)

    def _code(self, body: Any) -> str | None:
        failure = self._options.failure
        if failure is None or failure.code is None or extract.search(failure.when, body) is not True:
            return None
        return str(extract.search(failure.code, body))

    def _ended(self) -> tuple[str, ...]:
        return self._options.failure.sign_in_again if self._options.failure else ()

    def _refuse_failure(self, body: Any) -> None:
        failure = self._options.failure
        if failure is None or extract.search(failure.when, body) is not True:
            return
        code = self._code(body)
        said = safe_text(extract.search(failure.message, body), 300)
        message = f"the API says: {said}{f' ({code})' if code else ''}"
        if code in failure.sign_in_again:
            raise BadCredentials(message, connection=self._connection)
        if code in failure.throttled:
            raise Throttled(message, connection=self._connection)
        if code in failure.denied:
            raise AccessDenied(message, connection=self._connection)
        raise BadAnswer(
            message,
            connection=self._connection,
            fix="Correct the query, or look up this message in the documentation of the API.",
        )

    def _forget(self, token: str) -> None:
        with self._lock:
            if self._token == token:
                self._token = ""

    def _ask_for_token(self) -> None:
        options = self._options
        asked_at = time.monotonic()
        secret = options.client_secret.get_secret_value() if options.client_secret else ""
        client = {"client_id": options.client_id or "", "client_secret": secret}
        form = {"grant_type": "client_credentials", **({"scope": options.scope} if options.scope else {})}
        auth: Any = self._auth(False)
        url = options.token_url or ""
        if options.token_by == "query":  # noqa: S105 - the name of a way
            answer = self._sent("GET", url, params={**form, **client}, auth=auth)
        elif options.token_by == "basic":  # noqa: S105 - the name of a way
            auth = HTTPBasicAuth(client["client_id"].encode(), secret.encode())
            answer = self._sent("POST", url, data=form, auth=auth)
        else:
            answer = self._sent("POST", url, data={**form, **client}, auth=auth)
        if not answer.ok:
            raise self.http.error(answer, f"{urlsplit(url).netloc} refuses the sign-in", table=TOKEN_ERRORS)
        body = self.http.json(answer)
        token = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(token, str) or not token:
            raise BadAnswer("the answer to the sign-in contains no access token", connection=self._connection)
        lives = body.get("expires_in")
        self._until = asked_at + (lives if type(lives) is int and 0 < lives < LONGEST_LIFE else 600) - EARLY
        self.http.redact.protect(token)
        self._token = token


class _Header(requests.auth.AuthBase):
    def __init__(self, name: str, value: str) -> None:
        self._name, self._value = name, value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[self._name] = self._value
        return request
