"""Reads one number for each query; queries on the same pages share them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors import extract
from connectors.base import Account, Clock, Memory, Outcome, Reader, reading
from connectors.errors import BadAnswer, BadQuery, ConnectorError
from connectors.http.client import HttpClient
from connectors.http.publish import HttpPublisher
from connectors.http.spec import SPEC, HttpQuery
from connectors.parallel import each
from mapping.day import UTC, Zone
from mapping.reading import Reading

Found = tuple[HttpQuery, Outcome]


class HttpConnector(Reader[HttpQuery], HttpPublisher):
    spec = SPEC

    def __init__(
        self, name: str, options: Any, *, clock: Clock, zone: Zone = UTC, memory: Memory | None = None
    ) -> None:
        super().__init__(name, options, clock=clock, zone=zone, memory=memory)
        self._client = HttpClient(name, options)

    def check(self) -> Account:
        """A key is tried on the path that `check` names; without one, by the queries alone."""
        self._client.check()
        options = self.options
        who = options.client_id or options.username or ("a key" if options.secret or options.bearer else "nobody")
        return Account(name=f"{who} at {options.url}")

    @property
    def sent(self) -> int:
        return self._client.http.calls

    def read(self, queries: Collection[HttpQuery]) -> Iterator[Found]:
        distinct = list(dict.fromkeys(queries))
        if not distinct:
            return
        try:
            self._client.sign_in()
        except ConnectorError as error:
            yield from ((query, error) for query in distinct)
            return
        groups: dict[Any, list[HttpQuery]] = {}
        for query in distinct:
            groups.setdefault(query.pages, []).append(query)
        for found in each(groups.values(), self._ask, workers=self.options.concurrency):
            yield from found

    def calls(self, queries: Collection[HttpQuery]) -> int:
        return len({query.pages for query in queries})

    def validate(self, queries: Collection[HttpQuery]) -> Iterator[tuple[HttpQuery, ConnectorError | None]]:
        """By asking: a GET is all that an API offers."""
        for query, outcome in self.read(queries):
            yield query, outcome if isinstance(outcome, ConnectorError) else None

    def stop(self) -> None:
        self._client.http.stop()

    def close(self) -> None:
        self._client.close()

    def _ask(self, queries: Sequence[HttpQuery]) -> list[Found]:
        first = queries[0]
        try:
            with self._client.http.one_answer():
                pages = list(self._client.pages(first))
            body = pages[0] if first.items is None else {**_object(pages[0]), "items": self._items(first, pages)}
        except ConnectorError as error:
            return [(query, error) for query in queries]
        except extract.NotANumber as error:
            wrong = BadQuery(str(error), connection=self.name, fix="Correct `next`, `items` or `failure`.")
            return [(query, wrong) for query in queries]
        return [(query, self._over(query, body)) for query in queries]

    def _items(self, query: HttpQuery, pages: Sequence[Any]) -> list[Any]:
        found: list[Any] = []
        for page in pages:
            items = extract.search(query.items or "@", page)
            # An empty last page may leave its list out.
            if items is None and page is not pages[0]:
                continue
            if not isinstance(items, list):
                raise BadAnswer("the API sent a page without its list", connection=self.name, fix="Correct `items`.")
            found += items
        return found

    def _over(self, query: HttpQuery, body: Any) -> Outcome:
        try:
            value = extract.number(query.select, body)
            if value is None and not isinstance(body, dict | list):
                raise BadAnswer("the API answered in an unexpected format", connection=self.name)
            return self._reading(query, value, body)
        except extract.NotANumber as error:
            return BadQuery(str(error), connection=self.name, fix="Correct `select` or `as_of`.")
        except ConnectorError as error:
            return error

    def _reading(self, query: HttpQuery, value: Decimal | None, body: Any) -> Reading:
        rows = len(body["items"]) if query.items and isinstance(body, dict) else None
        return reading(
            value,
            connection=self.name,
            query=query.text(),
            asked_at=self.clock(),
            as_of=self._as_of(query, body),
            rows=rows,
            link=f"{self.options.url}{query.get}",
        )

    def _as_of(self, query: HttpQuery, body: Any) -> datetime | None:
        found = extract.search(query.as_of, body) if query.as_of else None
        if found is None:
            return None
        try:
            at = datetime.fromisoformat(str(found))
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            raise BadAnswer(
                f"as_of gives {str(found)[:60]!r}, which is not a time with a time zone", connection=self.name
            )
        return at


def _object(page: Any) -> dict[str, Any]:
    return page if isinstance(page, dict) else {}
