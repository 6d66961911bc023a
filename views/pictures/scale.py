"""From days and amounts to places in a picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import floor, log10


@dataclass(frozen=True, kw_only=True)
class Scale:
    """From a range to places between 0 and `size`; upwards where `up` is set."""

    low: float
    high: float
    size: float
    up: bool = False

    def at(self, value: float) -> float:
        part = (value - self.low) / (self.high - self.low)
        return round((1 - part if self.up else part) * self.size, 2)

    def has(self, value: float) -> bool:
        return self.low <= value <= self.high


def days_scale(first: date, last: date, size: float, *, margin: float = 0.03) -> Scale:
    """With a margin on both sides, so that what lies outside of the days is seen."""
    pad = max((last - first).days, 1) * margin
    return Scale(low=first.toordinal() - pad, high=last.toordinal() + pad, size=size)


def amounts_scale(amounts: Iterable[Decimal], size: float) -> Scale:
    found = [float(one) for one in amounts]
    low, high = min(found), max(found)
    pad = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
    return Scale(low=low - pad, high=high + pad, size=size, up=True)


def ticks(scale: Scale, most: int = 5) -> list[Decimal]:
    """Round amounts, at most so many."""
    span = scale.high - scale.low
    step = 10.0 ** floor(log10(span / most))
    for factor in (1, 2, 2.5, 5, 10):
        if span / (step * factor) <= most:
            step *= factor
            break
    first = floor(scale.low / step) + 1
    found = [Decimal(str(round((first + n) * step, 10))) for n in range(most + 1)]
    return [one for one in found if scale.has(float(one))]
