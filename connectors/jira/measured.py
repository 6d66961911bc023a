"""What a query amounts to."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from mapping.units import Unit


@dataclass(frozen=True, kw_only=True)
class Measured:
    """`rows` are the issues behind the value; the note says what a reader must know of them."""

    value: Decimal | None
    rows: int
    unit: Unit | None = None
    note: str | None = None


def left_out(count: int, of: int, why: str) -> str | None:
    return f"{count} of {of} issues are left out: {why}." if count else None
