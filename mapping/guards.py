"""Whether a value is so doubtful that a person must see it first. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from mapping.day import Zone, day_of
from mapping.format import format_quantity
from mapping.model import Guards, Measure, Milestone, StayAbove, StayBelow, Toward, Within
from mapping.quantity import Quantity

LEAST, MOST = Decimal(-1), Decimal(10)
"""Progress beyond these is a slip of the pen or of a unit, until a person says otherwise."""


def implausible(progress: Decimal | None) -> str | None:
    """Why a first value, or one by hand, can't well be meant; None where it can."""
    if progress is None or LEAST <= progress <= MOST:
        return None
    shown = f"{progress * 100:,.2f}".removesuffix(".00")
    return f"the progress would be {shown}%, beyond {LEAST * 100:.0f}% or {MOST * 100:,.0f}%"


def doubt(
    guards: Guards,
    measure: Measure,
    new: Quantity,
    old: Quantity | None,
    *,
    moved: Decimal | None,
    same_meaning: bool,
    as_of: Sequence[datetime],
    at: datetime,
    zone: Zone,
) -> str | None:
    """Why a value is to be held, None where it is not. `old` is the last value, whoever gave it, if it is in the same
    unit; `moved` how far the progress went since; `as_of` the times that its sources speak of."""
    if guards.max_age is not None and as_of:
        oldest = min(as_of)
        if at - oldest > timedelta(days=guards.max_age):
            return f"the data of its source is from {day_of(oldest, zone)}, more than {guards.max_age} days ago"
    if guards.definition and not same_meaning:
        return "its formula, unit or queries changed since the last check-in"
    if old is None:
        return None
    if guards.zero and new.amount == 0 and old.amount != 0 and not _may_be_zero(measure):
        return f"it fell to zero from {format_quantity(old)}"
    leap = _leap(measure, new, old, moved)
    if guards.leap is not None and leap is not None and leap > guards.leap:
        return (
            f"it moved from {format_quantity(old)} to {format_quantity(new)} in one run, "
            f"{leap * 100:.0f}% of {_range(measure)}"
        )
    return None


def _may_be_zero(measure: Measure) -> bool:
    """Where zero is the goal, or no measurement of a size."""
    match measure:
        case Toward(start=start, target=target):
            return target.amount == 0 or start.amount == 0 > target.amount
        case Within(low=low):
            return low.amount <= 0
        case Milestone():
            return True
    return False


def _leap(measure: Measure, new: Quantity, old: Quantity, moved: Decimal | None) -> Decimal | None:
    match measure:
        case Toward():
            return None if moved is None else abs(moved)
        case StayAbove(threshold=threshold) | StayBelow(threshold=threshold):
            return abs((new - old).amount / threshold.amount) if threshold.amount else None
        case Within(low=low, high=high):
            return abs(((new - old) / (high - low)).amount)
    return None


def _range(measure: Measure) -> str:
    if isinstance(measure, Toward):
        return "the way from start to target"
    return "the band" if isinstance(measure, Within) else "the threshold"
