"""Carries Graph requests: GETs, alone or twenty in a batch, and all pages of a collection."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from connectors.errors import BadAnswer, ConnectorError
from connectors.graph.errors import refusal
from connectors.graph.signin import SignIn
from connectors.graph.spec import GraphOptions
from connectors.wire import HttpSession, RetryPolicy, retry_after

BATCH = 20
"""Requests that one $batch may hold."""
BATCH_ROUNDS = 4
"""How often the failed items of a batch are asked, the first time included."""
PASSING = frozenset({408, 409, 423, 429, 500, 502, 503, 504})
MOST_PAGES = 5000


@dataclass(frozen=True)
class Get:
    """A GET below /v1.0, its path encoded. `permission` is the least that it needs, for advice."""

    path: str
    permission: str
    headers: tuple[tuple[str, str], ...] = ()


Answer = dict[str, Any] | ConnectorError


class GraphClient:
    def __init__(self, connection: str, options: GraphOptions) -> None:
        self._connection = connection
        self._options = options
        self._root = f"{options.url}/v1.0"
        self.http = HttpSession(
            connection=connection,
            timeout=options.timeout,
            requests_per_second=options.requests_per_second,
            retry=RetryPolicy(statuses=PASSING, safe=_is_safe),
            secrets=[options.client_secret.get_secret_value()],
            plain=[options.url, options.login_url],
        )
        self._sign_in = SignIn(connection, options, self.http)

    def sign_in(self) -> str:
        """The access token. Raises ConnectorError with the scope of the connection."""
        return self._sign_in.token()

    def get(self, asked: Get) -> dict[str, Any]:
        """Raises ConnectorError."""
        return self._object(self._send("GET", f"{self._root}{asked.path}", asked, headers=dict(asked.headers)), asked)

    def many(self, asked: Sequence[Get]) -> dict[Get, Answer]:
        """Up to BATCH distinct GETs in as few calls as can be: one by itself, more in a batch. Items that fail for a
        passing reason are asked again together, after the longest pause that one of them asks for."""
        if len(asked) == 1:
            try:
                return {asked[0]: self.get(asked[0])}
            except ConnectorError as error:
                return {asked[0]: error}
        answers: dict[Get, Answer] = {}
        left = list(asked)
        for _ in range(BATCH_ROUNDS):
            parts = self._batch(left)
            failed: list[tuple[Get, float]] = []
            for index, one in enumerate(left):
                part = parts.get(str(index))
                answers[one] = self._item(one, part)
                if part is not None and part.get("status") in PASSING:
                    failed.append((one, _pause(part)))
            left = [one for one, _ in failed]
            pause = max((pause for _, pause in failed), default=0)
            if not left or pause > self.http.retry.longest_wait:
                break
            self.http.pause(pause)
        return answers

    def pages(self, asked: Get, first: Mapping[str, Any] | None = None) -> Iterator[list[Any]]:
        """The items of a collection page by page; `first` is its first page if that is here already. A page may be
        empty and not the last. Raises ConnectorError."""
        page: Mapping[str, Any] = first if first is not None else self.get(asked)
        seen: set[str] = set()
        while True:
            value = page.get("value")
            if not isinstance(value, list):
                raise BadAnswer("Graph answered a collection without its items", connection=self._connection)
            yield value
            link = page.get("@odata.nextLink")
            if not link:
                return
            if link in seen or len(seen) >= MOST_PAGES:
                raise BadAnswer("Graph gave the same page twice", connection=self._connection, fix="Run again.")
            seen.add(link)
            self._refuse_stranger(str(link))
            page = self._object(self._send("GET", str(link), asked, headers=dict(asked.headers)), asked)

    def close(self) -> None:
        self.http.close()

    def _refuse_stranger(self, link: str) -> None:
        """The token goes to the configured host and nowhere else."""
        if urlsplit(link)[:2] != urlsplit(self._options.url)[:2]:
            raise BadAnswer(
                f"Graph's next page is at another host, {urlsplit(link).netloc}",
                connection=self._connection,
                fix="Set url to the cloud's own Graph host.",
            )

    def _batch(self, asked: Sequence[Get]) -> dict[str, dict[str, Any]]:
        """The parts by id; Graph answers them in any order."""
        body = {
            "requests": [
                {"id": str(index), "method": "GET", "url": one.path, "headers": dict(one.headers)}
                for index, one in enumerate(asked)
            ]
        }
        outer = Get("/$batch", asked[0].permission)
        answer = self._object(self._send("POST", f"{self._root}/$batch", outer, json=body), outer)
        parts = answer.get("responses")
        if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
            raise BadAnswer("Graph answered a batch in an unknown form", connection=self._connection)
        return {str(part.get("id")): part for part in parts}

    def _item(self, asked: Get, part: Mapping[str, Any] | None) -> Answer:
        if part is None:
            return BadAnswer("Graph left this request of a batch unanswered", connection=self._connection)
        status, body = part.get("status"), part.get("body")
        if status == 200 and isinstance(body, dict):
            return body
        if status == 200 or not isinstance(status, int):
            return BadAnswer("Graph answered a request of a batch in an unknown form", connection=self._connection)
        return refusal(
            status, body, self._connection, permission=asked.permission, retry_after=retry_after(_headers(part))
        )

    def _send(self, method: str, url: str, asked: Get, **more: Any) -> requests.Response:
        """One request; when Graph no longer takes the token, once more with a new one."""
        token = self._sign_in.token()
        answer = self._with(token, method, url, **more)
        if answer.status_code == 401:
            self._sign_in.forget(token)
            answer = self._with(self._sign_in.token(), method, url, **more)
        if answer.ok:
            return answer
        try:
            body = answer.json()
        except requests.exceptions.JSONDecodeError:
            body = None
        raise refusal(
            answer.status_code,
            body,
            self._connection,
            permission=asked.permission,
            retry_after=retry_after(answer.headers),
        )

    def _with(self, token: str, method: str, url: str, **more: Any) -> requests.Response:
        own = {"Authorization": f"Bearer {token}", "client-request-id": str(uuid.uuid4()), "Accept": "application/json"}
        return self.http.request(method, url, **{**more, "headers": {**more.get("headers", {}), **own}})

    def _object(self, answer: requests.Response, asked: Get) -> dict[str, Any]:
        body = self.http.json(answer)
        if not isinstance(body, dict):
            raise BadAnswer(f"Graph answered {asked.path} in an unknown form", connection=self._connection)
        return body


def _headers(part: Mapping[str, Any]) -> Mapping[str, str]:
    """An item's headers come in any case."""
    return requests.structures.CaseInsensitiveDict(part.get("headers") or {})


def _pause(part: Mapping[str, Any]) -> float:
    asked = retry_after(_headers(part))
    return 1.0 if asked is None else asked


def _is_safe(request: requests.PreparedRequest) -> bool:
    path = urlsplit(request.url or "").path
    return request.method == "GET" or path.endswith(("/$batch", "/oauth2/v2.0/token"))
