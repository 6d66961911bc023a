"""A number with its unit, and arithmetic that refuses what makes no sense."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException

from mapping.errors import Undefined, UnitMismatch
from mapping.units import NUMBER, PERCENT, Unit

_CONTEXT = Context(prec=34, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Quantity:
    """An amount in the base form of its unit. Numbers and percentages mix freely (80% is 0.8); any other two
    units must be equal to be added or compared. Raises UnitMismatch and Undefined."""

    amount: Decimal
    unit: Unit = NUMBER

    def __add__(self, other: Quantity) -> Quantity:
        return Quantity(_exact(_CONTEXT.add, self.amount, other.amount), self._like(other, "added to"))

    def __sub__(self, other: Quantity) -> Quantity:
        return Quantity(_exact(_CONTEXT.subtract, self.amount, other.amount), self._like(other, "subtracted from"))

    def __mul__(self, other: Quantity) -> Quantity:
        if not self.unit.is_plain and not other.unit.is_plain:
            raise UnitMismatch(f"{self.unit} can't be multiplied by {other.unit}")
        unit = other.unit if self.unit.is_plain else self.unit
        if self.unit.is_plain and other.unit.is_plain:
            unit = PERCENT if self.unit == other.unit == PERCENT else NUMBER
        return Quantity(_exact(_CONTEXT.multiply, self.amount, other.amount), unit)

    def __truediv__(self, other: Quantity) -> Quantity:
        if other.unit.is_plain:
            unit = NUMBER if self.unit.is_plain else self.unit
        elif other.unit == self.unit:
            unit = NUMBER
        else:
            raise UnitMismatch(f"{self.unit} can't be divided by {other.unit}")
        if other.amount == 0:
            raise Undefined("division by zero")
        return Quantity(_exact(_CONTEXT.divide, self.amount, other.amount), unit)

    def __neg__(self) -> Quantity:
        return Quantity(-self.amount, self.unit)

    def __abs__(self) -> Quantity:
        return Quantity(abs(self.amount), self.unit)

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
        return Quantity(self.amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, _CONTEXT), self.unit)

    def _like(self, other: Quantity, verb: str) -> Unit:
        if self.unit == other.unit:
            return self.unit
        if self.unit.is_plain and other.unit.is_plain:
            return PERCENT
        raise UnitMismatch(f"{other.unit} can't be {verb} {self.unit}")


def _exact(operation: Callable[[Decimal, Decimal], Decimal], left: Decimal, right: Decimal) -> Decimal:
    try:
        result = operation(left, right)
    except DecimalException:
        raise Undefined("the result is beyond all bounds") from None
    if not result.is_finite():
        raise Undefined("the result is not a number")
    return result
