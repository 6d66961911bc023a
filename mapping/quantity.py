"""A number with its unit, and arithmetic that refuses what makes no sense."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException

from mapping.errors import Undefined, UnitMismatch
from mapping.units import NUMBER, PERCENT, Unit

CONTEXT = Context(prec=34, rounding=ROUND_HALF_UP)
"""All arithmetic runs in it, so that no thread's own decimal context changes a result."""

MAX_DIGITS = 24
"""Digits before the point. More is no measurement, and must not become a text of a million digits."""


@dataclass(frozen=True)
class Quantity:
    """An amount in the base form of its unit. Numbers and percentages mix freely (80% is 0.8); any other two
    units must be equal to be added or compared. Always a finite number below 10^24 in size. Raises UnitMismatch
    and Undefined."""

    amount: Decimal
    unit: Unit = NUMBER

    def __post_init__(self) -> None:
        if not self.amount.is_finite():
            raise Undefined(f"{self.amount} is not a number")
        if self.amount and self.amount.adjusted() >= MAX_DIGITS:
            raise Undefined(f"{self.amount:.3e} is out of range")

    def __add__(self, other: Quantity) -> Quantity:
        return Quantity(_exact(CONTEXT.add, self.amount, other.amount), self._like(other, "added to"))

    def __sub__(self, other: Quantity) -> Quantity:
        return Quantity(_exact(CONTEXT.subtract, self.amount, other.amount), self._like(other, "subtracted from"))

    def __mul__(self, other: Quantity) -> Quantity:
        if not self.unit.is_plain and not other.unit.is_plain:
            raise UnitMismatch(f"{self.unit} can't be multiplied by {other.unit}")
        unit = other.unit if self.unit.is_plain else self.unit
        if self.unit.is_plain and other.unit.is_plain:
            unit = PERCENT if self.unit == other.unit == PERCENT else NUMBER
        return Quantity(_exact(CONTEXT.multiply, self.amount, other.amount), unit)

    def __truediv__(self, other: Quantity) -> Quantity:
        if other.unit.is_plain:
            unit = NUMBER if self.unit.is_plain else self.unit
        elif other.unit == self.unit:
            unit = NUMBER
        else:
            raise UnitMismatch(f"{self.unit} can't be divided by {other.unit}")
        if other.amount == 0:
            raise Undefined("division by zero")
        return Quantity(_exact(CONTEXT.divide, self.amount, other.amount), unit)

    def __neg__(self) -> Quantity:
        return Quantity(CONTEXT.minus(self.amount), self.unit)

    def __abs__(self) -> Quantity:
        return Quantity(CONTEXT.abs(self.amount), self.unit)

    def __lt__(self, other: Quantity) -> bool:
        self._like(other, "compared with")
        return self.amount < other.amount

    def __gt__(self, other: Quantity) -> bool:
        return other < self

    def __le__(self, other: Quantity) -> bool:
        return not other < self

    def __ge__(self, other: Quantity) -> bool:
        return not self < other

    def rounded(self, digits: int) -> Quantity:
        """Halves away from zero. A percentage is rounded as the fraction it is: 2 digits are whole percents."""
        return Quantity(_exact(CONTEXT.quantize, self.amount, Decimal(1).scaleb(-digits)), self.unit)

    def _like(self, other: Quantity, verb: str) -> Unit:
        if self.unit == other.unit:
            return self.unit
        if self.unit.is_plain and other.unit.is_plain:
            return PERCENT
        raise UnitMismatch(f"{other.unit} can't be {verb} {self.unit}")


def _exact(operation: Callable[[Decimal, Decimal], Decimal], left: Decimal, right: Decimal) -> Decimal:
    try:
        return operation(left, right)
    except DecimalException:
        raise Undefined("the result is out of range") from None
