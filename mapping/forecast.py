"""Where a value ends if it continues like this. This is a hint, never a status.

The method is that of Theil and Sen: the median of the slopes between any two of the recorded values, so that one
outlier changes nothing. The band is what the slopes between the 10th and the 90th part of a hundred lead to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from mapping.quantity import CONTEXT, Quantity
from mapping.units import Unit

LEAST = 5
"""Values, each on another day."""
MOST = 90
"""Only the last days count. If a day has several values, one stands for the day."""
BAND = (Decimal("0.1"), Decimal("0.9"))


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """The value at the end of the cycle, and the band around it; how many values on as many days it rests on. `pace` is
    the change a week so far."""

    on: date
    value: Quantity
    low: Quantity
    high: Quantity
    values: int
    since: date
    pace: Quantity


def forecast(known: Mapping[date, Quantity], end: date) -> Forecast | None:
    """From the last value of each day. None where there are too few, they are of unlike units, or the end is past."""
    days = sorted(known)[-MOST:]
    units = {known[day].unit for day in days}
    if len(days) < LEAST or len(units) != 1 or days[-1] >= end:
        return None
    (unit,) = units
    with localcontext(CONTEXT):
        points = [(Decimal((day - days[0]).days), known[day].amount) for day in days]
        slopes = sorted(
            (y - before) / (x - earlier) for n, (x, y) in enumerate(points) for earlier, before in points[:n]
        )
        slope = _part(slopes, Decimal("0.5"))
        level = _part(sorted(y - slope * x for x, y in points), Decimal("0.5"))
        now, left = level + slope * points[-1][0], Decimal((end - days[-1]).days)
        low, high = (now + _part(slopes, part) * left for part in BAND)
        return Forecast(
            on=end, value=Quantity(now + slope * left, unit), low=Quantity(low, unit), high=Quantity(high, unit),
            values=len(days), since=days[0], pace=Quantity(slope * 7, unit),
        )  # fmt: skip


def pace_needed(now: Quantity, target: Quantity, today: date, end: date) -> Quantity | None:
    """The change a week that would still reach the target. None if no day is left or the units differ."""
    left = (end - today).days
    if left <= 0 or now.unit != target.unit:
        return None
    return _week(target - now, left, now.unit)


def _week(way: Quantity, days: int, unit: Unit) -> Quantity:
    return Quantity(CONTEXT.divide(way.amount * 7, Decimal(days)), unit)


def _part(ordered: Sequence[Decimal], part: Decimal) -> Decimal:
    """The value below which that part lies, between neighbours by a straight line."""
    place = part * (len(ordered) - 1)
    below = int(place)
    if below + 1 == len(ordered):
        return ordered[below]
    return ordered[below] + (ordered[below + 1] - ordered[below]) * (place - below)
