"""Progress, expected progress, status and score of one key result.

Boundaries: the way is linear by calendar day, 0 on the cycle's first day and 1 on its last, and stays there. With
`gap` the expected minus the actual progress in percentage points, a gap of 0 or less is on track, up to and including
25 behind, above 25 at risk. Progress of 1 or more is achieved. Before the cycle begins, and on its first day while
nothing has moved, a key result is not started. A threshold is held strictly: equality is missed.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from mapping.model import Cycle, Measure, Status, StayAbove, Toward
from mapping.quantity import CONTEXT, Quantity

BEHIND_ABOVE = Decimal(0)
AT_RISK_ABOVE = Decimal("0.25")
_ROUNDING = Decimal("1e-12")
"""Two thirds of the way after two thirds of the time is on track, whatever the last of 34 digits says."""


def progress(measure: Measure, value: Quantity) -> Decimal:
    """The part of the way from start to target, unclamped: 0 at the start, 1 at the target, below 0 when it went
    the other way. For a threshold 1 while it holds, else 0."""
    if isinstance(measure, Toward):
        way = measure.target - measure.start
        return ((value - measure.start) / way).amount
    return Decimal(_holds(measure, value))


def expected(period: Cycle, at: datetime | date) -> Decimal:
    """The part of the period that has passed, by day, from 0 to 1. A period of one day is over on that day."""
    day = at.date() if isinstance(at, datetime) else at
    whole = (period.end - period.start).days
    if day < period.start:
        return Decimal(0)
    if day >= period.end or whole == 0:
        return Decimal(1)
    return CONTEXT.divide(Decimal((day - period.start).days), Decimal(whole))


def status(measure: Measure, value: Quantity, period: Cycle, at: datetime | date) -> Status:
    day = at.date() if isinstance(at, datetime) else at
    if not isinstance(measure, Toward):
        return _threshold_status(measure, value)
    made, due = progress(measure, value), expected(period, day)
    if made >= 1:
        return Status.ACHIEVED
    if day < period.start or (made == 0 and due == 0):
        return Status.NOT_STARTED
    return status_of_gap(due - made)


def status_of_gap(gap: Decimal) -> Status:
    """`gap` is the expected minus the actual progress, as a fraction."""
    if gap > AT_RISK_ABOVE + _ROUNDING:
        return Status.AT_RISK
    return Status.BEHIND if gap > BEHIND_ABOVE + _ROUNDING else Status.ON_TRACK


def score(made: Decimal) -> Decimal:
    """0.0 to 1.0, to one decimal as OKRs are scored, halves up: 0.65 is 0.7."""
    return min(Decimal(1), max(Decimal(0), made)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _threshold_status(measure: Measure, value: Quantity) -> Status:
    if _holds(measure, value):
        return Status.ON_TRACK
    risk = None if isinstance(measure, Toward) else measure.risk
    if risk is None:
        return Status.AT_RISK
    close = value > risk if isinstance(measure, StayAbove) else value < risk
    return Status.BEHIND if close else Status.AT_RISK


def _holds(measure: Measure, value: Quantity) -> bool:
    if isinstance(measure, Toward):
        raise TypeError("a way from start to target has no threshold")
    return value > measure.threshold if isinstance(measure, StayAbove) else value < measure.threshold
