"""Where a key result is going: a forecast if there are enough values, and the pace that its target needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from mapping.day import Zone, day_of
from mapping.errors import MappingError
from mapping.facts import KeyResultView
from mapping.forecast import Forecast, forecast, pace_needed
from mapping.model import Baseline, Measure, Milestone, Toward
from mapping.quantity import Quantity
from mapping.trail import Trail, measure_then


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """`values` is on how many days there are values; `pace_needed` is None where nothing is needed or helps."""

    forecast: Forecast | None
    values: int
    pace_needed: Quantity | None


def outlook(view: KeyResultView, trail: Trail, today: date, zone: Zone) -> Outlook:
    values = _by_day(view, trail, zone)
    ended = view.closing is not None or view.key_result.cancelled is not None or today > view.key_result.period.end
    # What is done or not, and what has no aim, goes nowhere.
    going = not ended and not isinstance(view.key_result.measure, Milestone | Baseline)
    return Outlook(
        forecast=forecast(values, view.key_result.period.end) if going else None,
        values=len(values),
        pace_needed=_needed(view, today) if going else None,
    )


def measure_now(view: KeyResultView) -> Measure | None:
    """What the value of now is measured against, with both ends known; None where they are not."""
    if view.check_in is None:
        return None
    try:
        return measure_then(view.key_result, view.check_in)
    except MappingError:
        return None


def _by_day(view: KeyResultView, trail: Trail, zone: Zone) -> Mapping[date, Quantity]:
    """The last value of each day in the cycle; that of now stands since it was confirmed."""
    period = view.key_result.period
    values = {day_of(point.asked_at, zone): point.value for point in trail}
    if view.check_in is not None and view.age.confirmed_at is not None:
        values.setdefault(day_of(view.age.confirmed_at, zone), view.check_in.value)
    return {day: value for day, value in values.items() if period.start <= day <= period.end}


def _needed(view: KeyResultView, today: date) -> Quantity | None:
    measure = measure_now(view)
    if not isinstance(measure, Toward) or view.check_in is None or (view.progress or 0) >= 1:
        return None
    return pace_needed(view.check_in.value, measure.target, today, view.key_result.period.end)
