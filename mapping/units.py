"""Units: what a number counts. A number, a percentage, money in one currency, or a duration."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Dimension(StrEnum):
    NUMBER = "number"
    PERCENT = "percent"
    MONEY = "money"
    DURATION = "duration"


@dataclass(frozen=True)
class Unit:
    """A dimension, with the ISO 4217 code where it is money.

    Amounts are kept in one base form: percentages as fractions (80% is 0.8), durations in seconds, money in
    whole units of its currency.
    """

    dimension: Dimension
    currency: str = ""

    def __str__(self) -> str:
        """ "number", "percent", "duration", or the currency's code: also how a unit is stored."""
        return self.currency or str(self.dimension)

    @property
    def is_plain(self) -> bool:
        """Numbers and percentages are alike: 80% is 0.8."""
        return self.dimension in (Dimension.NUMBER, Dimension.PERCENT)


NUMBER = Unit(Dimension.NUMBER)
PERCENT = Unit(Dimension.PERCENT)
DURATION = Unit(Dimension.DURATION)


_KNOWN = {str(unit): unit for unit in (NUMBER, PERCENT, DURATION)}


def money(currency: str) -> Unit:
    return Unit(Dimension.MONEY, currency)


def unit_from(text: str) -> Unit:
    """The unit that `str(unit)` was written of."""
    return _KNOWN.get(text) or money(text)


def in_words(unit: Unit) -> str:
    """ "a percentage", "an amount in USD"."""
    match unit.dimension:
        case Dimension.MONEY:
            return f"an amount in {unit.currency}"
        case Dimension.PERCENT:
            return "a percentage"
        case _:
            return f"a {unit.dimension.value}"
