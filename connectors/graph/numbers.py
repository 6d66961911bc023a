"""Numbers as Graph and files tell them, with bounds. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

MOST_DIGITS, MOST_DECIMALS = 24, 100
"""Before and behind the point. More is no measurement, and each sum with it would lose digits unseen."""
MOST_COUNT = 2**63


class TooFar(ValueError):
    """A number out of range; the message shows it."""


def exact(value: Any) -> Decimal:
    """Raises TypeError for what is no number, TooFar for one out of range."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError("no number")
    number = Decimal(value)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or number.adjusted() >= MOST_DIGITS or exponent < -MOST_DECIMALS:
        raise TooFar(f"{number:.3e}" if number.is_finite() else str(number))
    return number


def count(value: Any) -> int:
    """A number of things. Raises TypeError, TooFar."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("no count")
    if not 0 <= value < MOST_COUNT:
        raise TooFar(f"{Decimal(value):.3e}" if abs(value) >= MOST_COUNT else str(value))
    return value
