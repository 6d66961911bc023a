"""How a row says that it ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from importing.amounts import amount_of
from importing.model import Ending, Period
from importing.refuse import BadValue
from importing.words import ended_of


def ending_of(
    status: object, score: object, period: Period | None, as_of: date, note: Callable[[str], None]
) -> Ending | None:
    """By its status; or by its score, where its time was over. A score of 0 may be one that nobody gave."""
    given, outcome = _score(score, note), ended_of(status)
    if outcome is not None:
        return Ending(outcome=outcome, score=given)
    is_over = period is not None and period.end < as_of
    return Ending(outcome="closed", score=given) if given and is_over else None


def _score(value: object, note: Callable[[str], None]) -> Decimal | None:
    """0.7 as well as 70%."""
    is_share = isinstance(value, str) and value.strip().endswith("%")
    try:
        given = amount_of(value, "%" if is_share else "number")
    except BadValue as error:
        note(f"its score is left out: {error}")
        return None
    found = given / 100 if is_share and given is not None else given
    if found is not None and not 0 <= found <= 1:
        note(f"its score, {value}, is left out: it is not from 0.0 to 1.0")
        return None
    return found
