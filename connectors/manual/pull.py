"""Reads what a person wrote."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal

from connectors.base import Account, Outcome, Reader, reading
from connectors.errors import ConnectorError
from connectors.manual.spec import SPEC, ManualQuery
from mapping.day import day_of, start_of
from mapping.parse import parse_quantity
from mapping.reading import Reading
from mapping.units import Unit


class ManualConnector(Reader[ManualQuery]):
    spec = SPEC

    def check(self) -> Account:
        return Account(name="the OKR files")

    def read(self, queries: Collection[ManualQuery]) -> Iterator[tuple[ManualQuery, Outcome]]:
        for query in dict.fromkeys(queries):
            try:
                yield query, self._reading(query)
            except ConnectorError as error:
                yield query, error

    def calls(self, queries: Collection[ManualQuery]) -> int:  # noqa: ARG002 - the files are read already
        return 0

    def _reading(self, query: ManualQuery) -> Reading:
        now = self.clock()
        asked = _day(query.as_of) or day_of(now, self.zone)
        known = [(day, value) for day, value in query.values if day <= asked]
        day, value = known[-1] if known else (asked, None)
        amount, unit = _amount(value)
        return reading(
            amount,
            connection=self.name,
            query=query.text(),
            asked_at=now,
            as_of=start_of(day, self.zone),
            rows=1,
            note="by hand",
            unit=unit,
            by_hand=True,
        )


def _amount(value: Decimal | str | None) -> tuple[Decimal | None, Unit | None]:
    """The unit is None where none was written."""
    if not isinstance(value, str):
        return value, None
    found = parse_quantity(value)
    return found.amount, found.unit


def _day(text: str) -> date | None:
    """None for a placeholder that nobody filled in."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
