"""Reads one number for each query."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any

from connectors.base import Account, Clock, Memory, Outcome, Reader, reading
from connectors.errors import BadQuery, ConnectorError
from connectors.parallel import each
from connectors.sql.client import SqlClient
from connectors.sql.spec import SPEC, SqlQuery
from mapping.day import UTC, Zone
from mapping.reading import Reading

ONE_NUMBER = "Ask for one row with one number, such as SELECT sum(amount) FROM ..."


class SqlConnector(Reader[SqlQuery]):
    spec = SPEC

    def __init__(
        self, name: str, options: Any, *, clock: Clock, zone: Zone = UTC, memory: Memory | None = None
    ) -> None:
        super().__init__(name, options, clock=clock, zone=zone, memory=memory)
        self._client = SqlClient(name, options)

    def check(self) -> Account:
        who, version = self._client.who()
        return Account(name=who, details=(("server", version),))

    def read(self, queries: Collection[SqlQuery]) -> Iterator[tuple[SqlQuery, Outcome]]:
        yield from each(dict.fromkeys(queries), self._ask, workers=self.options.concurrency)

    def validate(self, queries: Collection[SqlQuery]) -> Iterator[tuple[SqlQuery, ConnectorError | None]]:
        def explain(query: SqlQuery) -> tuple[SqlQuery, ConnectorError | None]:
            try:
                self._client.explain(query.query)
                number, may_be_numbers = self._client.columns(query.query)
                if number != 1:
                    raise BadQuery(f"the query returns {number} columns", connection=self.name, fix=ONE_NUMBER)
                if not may_be_numbers:
                    raise BadQuery(
                        "the query returns a column that does not contain numbers", connection=self.name, fix=ONE_NUMBER
                    )
            except ConnectorError as error:
                return query, error
            return query, None

        yield from each(dict.fromkeys(queries), explain, workers=self.options.concurrency)

    def stop(self) -> None:
        self._client.stop()

    def close(self) -> None:
        self._client.close()

    def _ask(self, query: SqlQuery) -> tuple[SqlQuery, Outcome]:
        try:
            rows = self._client.rows(query.query)
            return query, self._reading(query, self._number(rows))
        except ConnectorError as error:
            return query, error

    def _number(self, rows: list[tuple[Any, ...]]) -> Decimal | None:
        if len(rows) != 1 or len(rows[0]) != 1:
            found = f"{'no row' if not rows else 'several rows' if len(rows) > 1 else f'{len(rows[0])} columns'}"
            raise BadQuery(f"the query returns {found}", connection=self.name, fix=ONE_NUMBER)
        value = rows[0][0]
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            shown = f"{str(value)[:60]!r}, which is not a number"
            raise BadQuery(f"the query returns {shown}", connection=self.name, fix=ONE_NUMBER)
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        if not number.is_finite():
            raise BadQuery(f"the query returns {number}, which is not a number", connection=self.name, fix=ONE_NUMBER)
        return number

    def _reading(self, query: SqlQuery, value: Decimal | None) -> Reading:
        return reading(value, connection=self.name, query=query.text(), asked_at=self.clock())
