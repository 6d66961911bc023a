"""Carries Graph requests: GETs, alone or twenty in a batch, and all pages of a collection."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import requests

from connectors.entra import SignIn, claims_of
from connectors.errors import BadAnswer, BadQuery, ConnectorError, Unreachable
from connectors.graph import batch
from connectors.graph.batch import Answer
from connectors.graph.errors import refusal
from connectors.graph.excel import MOST_BYTES
from connectors.graph.schedule import Request, has_own_limit
from connectors.graph.spec import GraphOptions
from connectors.pauses import retry_after
from connectors.retries import RetryPolicy
from connectors.wire import HttpSession
from connectors.writes import refuse_pages

BATCH_ROUNDS = 4
"""How often the items of a batch that fail for a passing reason are asked, the first time included."""
MOST_PAGES = 5000


class GraphClient:
    def __init__(self, connection: str, options: GraphOptions) -> None:
        self._connection = connection
        self._options = options
        self._root = f"{options.url}/v1.0"
        self.http = HttpSession(
            connection=connection,
            timeout=options.timeout,
            retry=RetryPolicy(statuses=batch.PASSING, safe=_is_safe, own_limit=_has_own_limit),
            secrets=options.secrets(),
            plain=[options.url, options.login_url],
            requests_per_second=options.requests_per_second,
            most_bytes=options.max_bytes,
        )
        self._sign_in = SignIn(connection, options, self.http, resource=options.url)

    def sign_in(self) -> str:
        """The access token. Raises ConnectorError with the scope of the connection."""
        return self._sign_in.token()

    def get(self, asked: Request) -> dict[str, Any]:
        """Raises ConnectorError."""
        answer = self._send(
            "GET", f"{self._root}{asked.path}", asked, follow=asked.as_text, headers=dict(asked.headers)
        )
        if asked.as_text:
            return {"text": batch.decoded(answer.content)}
        return self._object(answer, asked)

    def change(self, method: str, asked: Request, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """For what is ours at Graph: subscriptions. Never sent twice by itself. Raises ConnectorError."""
        more = {} if body is None else {"json": body}
        answer = self._send(method, f"{self._root}{asked.path}", asked, **more)
        return self._object(answer, asked) if answer.content else {}

    def patch(self, asked: Request, body: dict[str, Any], headers: Mapping[str, str]) -> None:
        """Raises ConnectorError, uncertain where it may have been carried out."""
        with _unknown_where_lost():
            answer = self._send("PATCH", f"{self._root}{asked.path}", asked, json=body, headers=dict(headers))
            refuse_pages(answer, self._connection)

    def patch_many(self, steps: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """A batch of writes, which is never sent twice by itself. Raises ConnectorError likewise."""
        outer = Request("/$batch", "the permission of each write")
        with _unknown_where_lost():
            return self._object(self._send("POST", f"{self._root}/$batch", outer, json={"requests": steps}), outer)

    def download(self, asked: Request) -> bytes:
        """What stands behind a redirect to a store that is asked without our token. Raises ConnectorError."""
        return self._send(
            "GET", f"{self._root}{asked.path}", asked, follow=True, most_bytes=MOST_BYTES, headers={"Accept": "*/*"}
        ).content

    def open_session(self, workbook: str, permission: str) -> str | None:
        """A session in which a workbook is opened once for many reads, changing nothing; None where there is none to
        be had, for reads do without. Raises ConnectorError where the connection fails."""
        asked = Request(f"{workbook}/createSession", permission, workbook=workbook)
        try:
            answer = self._send("POST", f"{self._root}{asked.path}", asked, json={"persistChanges": False})
            made = self._object(answer, asked).get("id")
        except ConnectorError as error:
            if error.scope == "connection":
                raise
            return None
        return (
            made if isinstance(made, str) and made.isascii() and made.isprintable() and made.strip() == made else None
        )

    def many(
        self, asked: Sequence[Request], *, chain: bool = False, session: str | None = None
    ) -> dict[Request, Answer]:
        """Distinct GETs, as many as a batch holds, in as few calls as can be: one by itself, more in a batch, in a
        `chain` one after the other. Items that fail for a passing reason are asked again together, after the longest
        pause that one of them asks for. Raises ConnectorError where a whole batch fails."""
        if len(asked) == 1:
            return self._alone(asked, session)
        answers: dict[Request, Answer] = {}
        left, rounds, challenged = list(asked), 0, False
        while left and rounds < BATCH_ROUNDS:
            token = self._sign_in.token()
            try:
                parts = self._batch(left, chain=chain, session=session)
            except (BadAnswer, BadQuery):
                # One item's lies may have spoilt the whole; by itself each costs only its own query.
                return answers | self._alone(left, session)
            failed: list[tuple[Request, float]] = []
            unasked: list[Request] = []
            refused: list[Request] = []
            claims: str | None = None
            for index, one in enumerate(left):
                part = parts.get(str(index))
                answers[one] = batch.answer_of(one, part, self._connection)
                status = batch.status_of(part)
                if status == batch.DEPENDENCY_FAILED:
                    unasked.append(one)
                elif part is not None and status in batch.PASSING:
                    failed.append((one, batch.pause_of(part)))
                elif part is not None and status == batch.CHALLENGED and not challenged:
                    refused.append(one)
                    claims = claims_of(batch.headers_of(part))
            if refused:
                self._sign_in.renew(token, claims)
                challenged = True
            pause = max((pause for _, pause in failed), default=0)
            rounds += bool(failed) or len(unasked) == len(left)
            if pause > self.http.retry.longest_wait:
                failed = []
            again = {*unasked, *refused, *(one for one, _ in failed)}
            left = [one for one in left if one in again]
            if left and failed:
                self.http.pause(pause)
        return answers

    def pages(self, asked: Request, first: Mapping[str, Any]) -> Iterator[list[Any]]:
        """The items of a collection page by page from the `first` one. A page may be empty and not the last. Raises
        ConnectorError."""
        page = first
        seen: set[str] = set()
        while True:
            value = page.get("value")
            if not isinstance(value, list):
                raise BadAnswer("Graph sent a collection without its items", connection=self._connection)
            yield value
            link = page.get("@odata.nextLink")
            if link is None:
                return
            if not isinstance(link, str) or not link:
                raise BadAnswer("Graph's next page has no address", connection=self._connection, fix="Run again.")
            if link in seen or len(seen) >= MOST_PAGES:
                raise BadAnswer("Graph sent the same page twice", connection=self._connection, fix="Run again.")
            seen.add(link)
            self._refuse_stranger(link)
            # A next link carries the options of the request, not its headers.
            page = self._object(self._send("GET", link, asked, headers=dict(asked.headers)), asked)

    def close(self) -> None:
        self.http.close()

    def _refuse_stranger(self, link: str) -> None:
        """The token goes to the configured host and nowhere else."""
        try:
            same = urlsplit(link)[:2] == urlsplit(self._options.url)[:2] and link.isascii() and link.isprintable()
            host = urlsplit(link).netloc
        except ValueError:
            same, host = False, "something that is not an address"
        if not same:
            raise BadAnswer(
                f"Graph's next page is on another host, {host[:200]}",
                connection=self._connection,
                fix="Set url to the cloud's own Graph host.",
            )

    def _alone(self, asked: Sequence[Request], session: str | None) -> dict[Request, Answer]:
        answers: dict[Request, Answer] = {}
        for one in asked:
            try:
                answers[one] = self.get(_within(one, session))
            except ConnectorError as error:
                answers[one] = error
        return answers

    def _batch(self, asked: Sequence[Request], *, chain: bool, session: str | None) -> dict[str, Mapping[str, Any]]:
        outer = Request("/$batch", asked[0].permission)
        sent = {"requests": batch.steps([_within(one, session) for one in asked], chain=chain)}
        try:
            answer = self._object(self._send("POST", f"{self._root}/$batch", outer, json=sent), outer)
        except ConnectorError as error:
            # What befalls a batch befalls every item of it, and no item's fault is known.
            error.scope = "connection" if error.temporary else error.scope
            raise
        return batch.parts_by_id(answer, self._connection)

    def _send(self, method: str, url: str, asked: Request, **more: Any) -> requests.Response:
        """One request; when Graph no longer takes the token, once more with a new one."""
        token = self._sign_in.token()
        answer = self._with(token, method, url, **more)
        if answer.status_code == 401:
            answer = self._with(self._sign_in.renew(token, claims_of(answer.headers)), method, url, **more)
        if answer.ok:
            return answer
        raise refusal(answer.status_code, self.http.said(answer), self._connection, asked, retry_after(answer.headers))

    def _with(self, token: str, method: str, url: str, *, follow: bool = False, **more: Any) -> requests.Response:
        own = {"Authorization": f"Bearer {token}", "client-request-id": str(uuid.uuid4())}
        headers = {"Accept": "application/json", **more.pop("headers", {}), **own}
        if follow:
            return self.http.follow(url, headers=headers, **more)
        return self.http.request(method, url, headers=headers, **more)

    def _object(self, answer: requests.Response, asked: Request) -> dict[str, Any]:
        body = self.http.json(answer)
        if not isinstance(body, dict):
            raise BadAnswer(f"Graph answered {asked.path} in an unexpected format", connection=self._connection)
        return body


@contextmanager
def _unknown_where_lost() -> Iterator[None]:
    try:
        yield
    except Unreachable as error:
        error.uncertain = not error.never_left
        raise
    except BadAnswer as error:
        error.uncertain = True
        raise


def _within(asked: Request, session: str | None) -> Request:
    if session is None:
        return asked
    return replace(asked, headers=(*asked.headers, ("workbook-session-id", session)))


def _has_own_limit(request: requests.PreparedRequest) -> bool:
    return has_own_limit(urlsplit(request.url or "").path)


def _is_safe(request: requests.PreparedRequest) -> bool:
    path = urlsplit(request.url or "").path
    body = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
    writes = path.endswith("/$batch") and b'"PATCH"' in body
    return request.method == "GET" or (
        not writes and path.endswith(("/$batch", "/oauth2/v2.0/token", "/createSession"))
    )
