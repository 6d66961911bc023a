"""Values, shares, counts and moments as people read them."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from mapping.format import format_quantity
from mapping.quantity import Quantity


def value(quantity: Quantity | None) -> str:
    return "-" if quantity is None else format_quantity(quantity)


def percent(fraction: Decimal | None) -> str:
    """Whole points, halves away from zero: 0.835 is 84%."""
    return "-" if fraction is None else f"{(fraction * 100).quantize(Decimal(1), ROUND_HALF_UP)}%"


def points(fraction: Decimal) -> str:
    return f"{(fraction * 100).normalize():f}"


def count(number: int, thing: str) -> str:
    """ "1 call", "1,200 calls"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def when(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
