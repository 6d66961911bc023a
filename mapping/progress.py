"""Progress, expected progress, status and score of one key result.

Boundaries, all tested: the way is linear by calendar day, 0 on the period's first day and 1 on its last, and stays
there; phases are joined by straight lines. With `gap` the expected minus the actual progress in percentage points, a
gap of 0 or less is on track, up to and including 25 behind, above 25 at risk. Progress of 1 or more is achieved. Before
the period begins, and on its first day while nothing has moved, a key result is not started; after the last day of a
period and its settlement it is overdue. stay_above and stay_below are held strictly, equality is missed; the ends of a
band belong to it.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from mapping.cycles import CALENDAR, Calendar
from mapping.model import (
    RANGES,
    Baseline,
    Cycle,
    Kind,
    Measure,
    Milestone,
    Pace,
    Ranges,
    Rate,
    Status,
    StayAbove,
    StayBelow,
    Toward,
    Within,
)
from mapping.quantity import CONTEXT, Quantity

SUCCESS = {Kind.COMMITTED: Decimal(1), Kind.ASPIRATIONAL: Decimal("0.7")}
"""The score that is a success: a commitment is to be kept whole, an aspiration is not meant to be reached each time."""
_ROUNDING = Decimal("1e-12")
"""Two thirds of the way after two thirds of the time is on track, whatever the last of 34 digits says."""


class Verdict(StrEnum):
    """What a score means for an objective's kind."""

    SUCCESS = "success"
    MISSED = "missed"
    TOO_EASY = "reached in full: was it ambitious enough?"


def progress(measure: Measure, value: Quantity) -> Decimal | None:
    """The part of the way from start to target, unclamped: 0 at the start, 1 at the target, below 0 when it went
    the other way. For what holds or is done 1, else 0. None for a baseline."""
    match measure:
        case Toward():
            return ((value - measure.start) / (measure.target - measure.start)).amount
        case Baseline():
            return None
        case Milestone():
            return Decimal(value.amount >= 1)
        case _:
            return Decimal(_holds(measure, value))


def expected(pace: Pace | Cycle, day: date) -> Decimal:
    """The progress that is due, from 0 to 1. A period of one day is over on that day."""
    pace = Pace(period=pace) if isinstance(pace, Cycle) else pace
    period = pace.period
    if day < period.start:
        return Decimal(0)
    if pace.rate is not None:
        day = end_of_rate(pace.rate, day, pace.calendar)
    if day >= period.end:
        return Decimal(1)
    before, after = (period.start, Decimal(0)), (period.end, Decimal(1))
    for phase in pace.phases:
        if phase[0] <= day:
            before = phase
        else:
            after = phase
            break
    whole = (after[0] - before[0]).days
    passed = CONTEXT.divide(Decimal((day - before[0]).days), Decimal(whole))
    return CONTEXT.add(before[1], CONTEXT.multiply(after[1] - before[1], passed))


def end_of_rate(rate: Rate, day: date, calendar: Calendar = CALENDAR) -> date:
    """The last day of the week, month or quarter that a day is in."""
    if rate is Rate.WEEK:
        return calendar.end_of_week(day)
    if rate is Rate.QUARTER:
        return calendar.end_of_quarter(day)
    return date(day.year, day.month, monthrange(day.year, day.month)[1])


def status(
    measure: Measure,
    value: Quantity,
    pace: Pace | Cycle,
    day: date,
    *,
    ranges: Ranges = RANGES,
    kind: Kind = Kind.COMMITTED,
) -> Status:
    pace = Pace(period=pace) if isinstance(pace, Cycle) else pace
    over = day > pace.period.end + timedelta(days=pace.settle)
    match measure:
        case Baseline():
            return Status.NOT_STARTED if day < pace.period.start else Status.IN_PROGRESS
        case StayAbove() | StayBelow() | Within():
            return _holding_status(measure, value)
    made = progress(measure, value) or Decimal(0)
    if made >= 1 or (over and made >= SUCCESS[kind]):
        return Status.ACHIEVED
    if over:
        return Status.OVERDUE
    if isinstance(measure, Milestone):
        return Status.NOT_STARTED if day < pace.period.start else Status.ON_TRACK
    due = expected(pace, day)
    if day < pace.period.start or (made == 0 == due and day == pace.period.start):
        return Status.NOT_STARTED
    return status_of_gap(due - made, ranges)


def status_of_gap(gap: Decimal, ranges: Ranges = RANGES) -> Status:
    """`gap` is the expected minus the actual progress, as a fraction."""
    if gap > ranges.at_risk + _ROUNDING:
        return Status.AT_RISK
    return Status.BEHIND if gap > ranges.behind + _ROUNDING else Status.ON_TRACK


def score(made: Decimal) -> Decimal:
    """0.0 to 1.0, to one decimal as OKRs are scored, halves up: 0.65 is 0.7."""
    return min(Decimal(1), max(Decimal(0), made)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def verdict(given: Decimal, kind: Kind) -> Verdict:
    """A commitment is kept with 1.0 alone; of an aspiration 0.7 is a success, and 1.0 a sign that it was too easy."""
    if given < SUCCESS[kind]:
        return Verdict.MISSED
    return Verdict.TOO_EASY if kind is Kind.ASPIRATIONAL and given >= 1 else Verdict.SUCCESS


def _holding_status(measure: StayAbove | StayBelow | Within, value: Quantity) -> Status:
    if _holds(measure, value):
        return Status.ON_TRACK
    return Status.BEHIND if measure.risk is not None and _is_close(measure, value, measure.risk) else Status.AT_RISK


def _is_close(measure: StayAbove | StayBelow | Within, value: Quantity, risk: Quantity) -> bool:
    match measure:
        case StayAbove():
            return value > risk
        case StayBelow():
            return value < risk
        case Within(low=low, high=high):
            return low - risk <= value <= high + risk


def _holds(measure: StayAbove | StayBelow | Within, value: Quantity) -> bool:
    match measure:
        case StayAbove(threshold=threshold):
            return value > threshold
        case StayBelow(threshold=threshold):
            return value < threshold
        case Within(low=low, high=high):
            return low <= value <= high
