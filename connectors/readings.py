"""Makes readings of what tools answer: the one place where types, ranges and texts of an answer are checked."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from connectors.errors import BadAnswer
from connectors.redaction import redact
from mapping.errors import MappingError
from mapping.foreign import clean
from mapping.quantity import MAX_DIGITS
from mapping.reading import Evidence, Reading
from mapping.units import Unit

MOST_DECIMALS = 100
"""Digits behind the point. More is no measurement either."""


def reading(
    value: Decimal | int | None,
    *,
    connection: str,
    query: str,
    asked_at: datetime,
    as_of: datetime | None = None,
    rows: int | None = None,
    link: str | None = None,
    note: str | None = None,
    unit: Unit | None = None,
    untold: str | None = None,
    by_hand: bool = False,
    lags: bool = False,
) -> Reading:
    """The answer to one query, with its evidence. Raises BadAnswer where a tool gave anything of a wrong type or beyond
    all bounds; secrets are kept out of its texts."""
    try:
        evidence = Evidence(
            connection=connection,
            query=redact(query),
            asked_at=asked_at,
            as_of=asked_at if as_of is None else as_of,
            rows=rows,
            link=redact(link) if isinstance(link, str) else link,
            note=None if note is None else redact(str(note)),
        )
    except MappingError as error:
        raise BadAnswer(f"the answer can't be trusted: {error}", connection=connection) from None
    if value is not None and (isinstance(value, bool) or not isinstance(value, Decimal | int)):
        raise BadAnswer(f"{clean(repr(value), 60)} is not a number", connection=connection)
    amount = None if value is None else _bounded(Decimal(value), connection)
    return Reading(value=amount, evidence=evidence, unit=unit, untold=untold, by_hand=by_hand, lags=lags)


def _bounded(value: Decimal, connection: str) -> Decimal:
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise BadAnswer(f"{value} is not a number", connection=connection)
    if value.adjusted() >= MAX_DIGITS or exponent < -MOST_DECIMALS:
        raise BadAnswer(f"{value:.3e} is out of range", connection=connection)
    return value
