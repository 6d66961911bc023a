"""Carries Graph requests: GETs, alone or twenty in a batch, and all pages of a collection."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import requests

from connectors.entra import SignIn
from connectors.errors import BadAnswer, ConnectorError
from connectors.graph.errors import refusal
from connectors.graph.schedule import Request
from connectors.graph.spec import GraphOptions
from connectors.wire import HttpSession, RetryPolicy, retry_after

BATCH_ROUNDS = 4
"""How often the items of a batch that fail for a passing reason are asked, the first time included."""
PASSING = frozenset({408, 409, 420, 423, 429, 500, 502, 503, 504})
DEPENDENCY_FAILED = 424
"""What the rest of a chain is answered with after one of it failed: it was never asked."""
MOST_PAGES = 5000

Answer = dict[str, Any] | ConnectorError
"""A JSON object; for a request whose answer is a text, `{"text": ...}`."""


class GraphClient:
    def __init__(self, connection: str, options: GraphOptions) -> None:
        self._connection = connection
        self._options = options
        self._root = f"{options.url}/v1.0"
        self.http = HttpSession(
            connection=connection,
            timeout=options.timeout,
            retry=RetryPolicy(statuses=PASSING, safe=_is_safe),
            secrets=options.secrets(),
            plain=[options.url, options.login_url],
            requests_per_second=options.requests_per_second,
        )
        self._sign_in = SignIn(connection, options, self.http, resource=options.url)

    def sign_in(self) -> str:
        """The access token. Raises ConnectorError with the scope of the connection."""
        return self._sign_in.token()

    def get(self, asked: Request) -> dict[str, Any]:
        """Raises ConnectorError."""
        answer = self._send("GET", f"{self._root}{asked.path}", asked, headers=dict(asked.headers))
        if asked.as_text:
            return {"text": _decoded(answer.content)}
        return self._object(answer, asked)

    def download(self, asked: Request) -> bytes:
        """What stands behind a redirect to a store that is asked without our token. Raises ConnectorError."""
        return self._send("GET", f"{self._root}{asked.path}", asked, headers={"Accept": "*/*"}).content

    def open_session(self, workbook: str, permission: str) -> str | None:
        """A session in which a workbook is opened once for many reads, changing nothing; None where there is none to
        be had, for reads do without. Raises ConnectorError where the connection fails."""
        asked = Request(f"{workbook}/createSession", permission)
        try:
            answer = self._send("POST", f"{self._root}{asked.path}", asked, json={"persistChanges": False})
            return str(self._object(answer, asked)["id"])
        except KeyError:
            return None
        except ConnectorError as error:
            if error.scope == "connection":
                raise
            return None

    def many(
        self, asked: Sequence[Request], *, chain: bool = False, session: str | None = None
    ) -> dict[Request, Answer]:
        """Distinct GETs, as many as a batch holds, in as few calls as can be: one by itself, more in a batch, in a
        `chain` one after the other. Items that fail for a passing reason are asked again together, after the longest
        pause that one of them asks for."""
        if len(asked) == 1:
            try:
                return {asked[0]: self.get(_within(asked[0], session))}
            except ConnectorError as error:
                return {asked[0]: error}
        answers: dict[Request, Answer] = {}
        left, rounds = list(asked), 0
        while left and rounds < BATCH_ROUNDS:
            parts = self._batch(left, chain=chain, session=session)
            failed: list[tuple[Request, float]] = []
            unasked: list[Request] = []
            for index, one in enumerate(left):
                part = parts.get(str(index))
                answers[one] = self._item(one, part)
                if part is not None and part.get("status") == DEPENDENCY_FAILED:
                    unasked.append(one)
                elif part is not None and part.get("status") in PASSING:
                    failed.append((one, _pause(part)))
            pause = max((pause for _, pause in failed), default=0)
            rounds += bool(failed) or len(unasked) == len(left)
            if pause > self.http.retry.longest_wait:
                failed = []
            left = [one for one in left if one in unasked or any(one is again for again, _ in failed)]
            if left and failed:
                self.http.pause(pause)
        return answers

    def pages(self, asked: Request, first: Mapping[str, Any] | None = None) -> Iterator[list[Any]]:
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
            # A next link carries the options of the request, not its headers.
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

    def _batch(self, asked: Sequence[Request], *, chain: bool, session: str | None) -> dict[str, dict[str, Any]]:
        """The parts by id; Graph answers them in any order."""
        steps: list[dict[str, Any]] = []
        for index, one in enumerate(_within(each, session) for each in asked):
            step: dict[str, Any] = {"id": str(index), "method": "GET", "url": one.path, "headers": dict(one.headers)}
            if chain and index:
                step["dependsOn"] = [str(index - 1)]
            steps.append(step)
        outer = Request("/$batch", asked[0].permission)
        try:
            answer = self._object(self._send("POST", f"{self._root}/$batch", outer, json={"requests": steps}), outer)
        except ConnectorError as error:
            # What befalls a batch befalls every item of it, and no item's fault is known.
            error.scope = "connection" if error.temporary else error.scope
            raise
        parts = answer.get("responses")
        if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
            raise BadAnswer("Graph answered a batch in an unknown form", connection=self._connection)
        return {str(part.get("id")): part for part in parts}

    def _item(self, asked: Request, part: Mapping[str, Any] | None) -> Answer:
        if part is None:
            return BadAnswer("Graph left this request of a batch unanswered", connection=self._connection)
        status, body = part.get("status"), part.get("body")
        if status == 200 and asked.as_text:
            return {"text": _text(body)}
        if status == 200 and isinstance(body, dict):
            return body
        if status == 200 or not isinstance(status, int):
            return BadAnswer("Graph answered a request of a batch in an unknown form", connection=self._connection)
        return refusal(
            status, body, self._connection, permission=asked.permission, retry_after=retry_after(_headers(part))
        )

    def _send(self, method: str, url: str, asked: Request, **more: Any) -> requests.Response:
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
        own = {"Authorization": f"Bearer {token}", "client-request-id": str(uuid.uuid4())}
        headers = {"Accept": "application/json", **more.pop("headers", {}), **own}
        return self.http.request(method, url, headers=headers, **more)

    def _object(self, answer: requests.Response, asked: Request) -> dict[str, Any]:
        body = self.http.json(answer)
        if not isinstance(body, dict):
            raise BadAnswer(f"Graph answered {asked.path} in an unknown form", connection=self._connection)
        return body


def _within(asked: Request, session: str | None) -> Request:
    if session is None:
        return asked
    headers = (*asked.headers, ("workbook-session-id", session))
    return Request(asked.path, asked.permission, headers, asked.workbook, asked.as_text)


def _text(body: Any) -> str:
    """A batch gives a plain text as it is, as a number, or in base64."""
    text = str(body)
    if text.lstrip("\ufeff").strip().isdigit():
        return text
    try:
        return _decoded(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return text


def _decoded(content: bytes) -> str:
    return content.decode("utf-8-sig", errors="replace")


def _headers(part: Mapping[str, Any]) -> Mapping[str, str]:
    """An item's headers come in any case."""
    return requests.structures.CaseInsensitiveDict(part.get("headers") or {})


def _pause(part: Mapping[str, Any]) -> float:
    asked = retry_after(_headers(part))
    return 1.0 if asked is None else asked


def _is_safe(request: requests.PreparedRequest) -> bool:
    path = urlsplit(request.url or "").path
    return request.method == "GET" or path.endswith(("/$batch", "/oauth2/v2.0/token", "/createSession"))
