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


NUMBER = Unit(Dimension.NUMBER)
PERCENT = Unit(Dimension.PERCENT)
DURATION = Unit(Dimension.DURATION)


def money(currency: str) -> Unit:
    return Unit(Dimension.MONEY, currency)
