"""The course of a value against what was expected of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from markupsafe import Markup

from mapping.day import Zone, day_of
from mapping.facts import KeyResultView
from mapping.forecast import Forecast
from mapping.model import Baseline, KeyResult, Measure, StayAbove, StayBelow, Toward, Within
from mapping.outlook import measure_now
from mapping.progress import expected
from mapping.quantity import Quantity
from mapping.trail import Point, Trail
from views.formats import difference, percent, short_day, value
from views.language import Language
from views.pictures.scale import Scale, amounts_scale, days_scale, ticks
from views.templating import rendered

WIDTH, HEIGHT = 1000, 272
MOST_ROWS = 60


@dataclass(frozen=True, kw_only=True)
class Course:
    """What a burn-up shows of a key result; `held` is a value that does not count."""

    view: KeyResultView
    trail: Trail
    today: date
    zone: Zone
    forecast: Forecast | None = None
    held: Quantity | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    day: date
    value: Quantity
    expected: Quantity | None


def burn_up(course: Course, language: Language) -> Markup | None:
    """None where nothing was recorded."""
    unit = course.view.check_in.value.unit if course.view.check_in else None
    points = [point for point in course.trail if point.value.unit == unit]
    if not points:
        return None
    key_result, zone = course.view.key_result, course.zone
    measure = _measure(course)
    due = _due(key_result, measure)
    ends = _ends(measure)
    last_day = max(day_of(points[-1].asked_at, zone), min(course.today, key_result.period.end))
    days = [day_of(point.asked_at, zone) for point in points]
    amounts = [point.value.amount for point in points] + [one.amount for _, one in due] + [one.amount for one in ends]
    if course.forecast:
        amounts += [course.forecast.low.amount, course.forecast.high.amount]
    x = days_scale(min(key_result.period.start, *days), max(key_result.period.end, last_day), WIDTH)
    y = amounts_scale(amounts, HEIGHT)
    line = [*zip(days, (point.value.amount for point in points), strict=True), (last_day, points[-1].value.amount)]
    end = (x.at(last_day.toordinal()), y.at(float(line[-1][1])))
    model = {
        "title": language.say("Course of {title}", title=key_result.title),
        "text": _text(course, points, line[-1][0], language),
        "period": [x.at(key_result.period.start.toordinal()), x.at(key_result.period.end.toordinal())],
        "grid": [(y.at(float(one)), value(Quantity(one, points[-1].value.unit), language)) for one in ticks(y)],
        "targets": [(y.at(float(one.amount)), value(one, language)) for one in ends if y.has(float(one.amount))],
        "expected": _path([(day, one.amount) for day, one in due], x, y),
        "values": _steps(line, x, y),
        "today": x.at(course.today.toordinal()) if x.has(course.today.toordinal()) else None,
        "end": end,
        "end_text": value(points[-1].value, language),
        "below": any(0 <= y.at(float(one.amount)) - end[1] + 26 < 40 for one in ends),
        "adjusted": [_place(day, point, x, y) for day, point in _adjusted(points, days)],
        "fan": _fan(course.forecast, line[-1], x, y) if course.forecast else None,
        "held": _held(course, y, language) if _can_be_compared(course, points) else None,
        "first_day": short_day(key_result.period.start, language),
        "last_day": short_day(key_result.period.end, language),
        "rows": [_row(point, day, key_result, measure) for point, day in zip(points, days, strict=True)][-MOST_ROWS:],
    }  # fmt: skip
    return Markup(rendered("pictures/burnup.svg", language, **model))  # noqa: S704 - from a template that escapes


def _measure(course: Course) -> Measure:
    return measure_now(course.view) or Baseline()


def _due(key_result: KeyResult, measure: Measure) -> list[tuple[date, Quantity]]:
    """The days on which the expected value turns, with what it is then."""
    if not isinstance(measure, Toward):
        return []
    period, way = key_result.period, measure.target - measure.start
    days = [period.start, *(day for day, _ in key_result.phases), period.end]
    if key_result.rate is not None:
        days = [period.start + timedelta(days=n) for n in range((period.end - period.start).days + 1)]
    return [
        (day, measure.start + way * Quantity(expected(key_result.pace, day))) for day in sorted(dict.fromkeys(days))
    ]


def _ends(measure: Measure) -> list[Quantity]:
    match measure:
        case Toward(target=target):
            return [target]
        case StayAbove(threshold=threshold) | StayBelow(threshold=threshold):
            return [threshold]
        case Within(low=low, high=high):
            return [low, high]
    return []


def _adjusted(points: Sequence[Point], days: Sequence[date]) -> list[tuple[date, Point]]:
    """Where what it was measured against is another than before."""
    return [
        (day, point)
        for before, point, day in zip(points, points[1:], days[1:], strict=False)
        if before.aims and point.aims and before.aims != point.aims
    ]


def _place(day: date, point: Point, x: Scale, y: Scale) -> tuple[float, float]:
    return x.at(day.toordinal()), y.at(float(point.value.amount))


def _can_be_compared(course: Course, points: Sequence[Point]) -> bool:
    return course.held is not None and course.held.unit == points[-1].value.unit


def _held(course: Course, y: Scale, language: Language) -> tuple[str, float | None] | None:
    """What it says, and where it is drawn; None where it is off the scale."""
    if course.held is None:
        return None
    amount = float(course.held.amount)
    return value(course.held, language), y.at(amount) if y.has(amount) else None


def _path(line: Sequence[tuple[date, Decimal]], x: Scale, y: Scale) -> str:
    return " ".join(f"{x.at(day.toordinal())},{y.at(float(amount))}" for day, amount in line)


def _steps(line: Sequence[tuple[date, Decimal]], x: Scale, y: Scale) -> str:
    """A value stands until the next one."""
    return _path([line[0], *line[1:]], x, y)


def _fan(made: Forecast, last: tuple[date, Decimal], x: Scale, y: Scale) -> dict[str, str]:
    begin = f"{x.at(last[0].toordinal())},{y.at(float(last[1]))}"
    end = x.at(made.on.toordinal())
    low, mid, high = (y.at(float(one.amount)) for one in (made.low, made.value, made.high))
    return {"line": f"{begin} {end},{mid}", "area": f"{begin} {end},{low} {end},{high}"}


def _row(point: Point, day: date, key_result: KeyResult, measure: Measure) -> Row:
    due = None
    if isinstance(measure, Toward):
        due = measure.start + (measure.target - measure.start) * Quantity(expected(key_result.pace, day))
    return Row(day=day, value=point.value, expected=due)


def _text(course: Course, points: Sequence[Point], last: date, language: Language) -> str:
    """The picture in words."""
    key_result, first = course.view.key_result, points[0]
    told = [
        language.say(
            "The value went from {old} on {first} to {new} on {last}.",
            old=value(first.value, language), first=short_day(day_of(first.asked_at, course.zone), language),
            new=value(points[-1].value, language), last=short_day(last, language),
        )
    ]  # fmt: skip
    if course.view.progress is not None and isinstance(_measure(course), Toward):
        told.append(
            language.say(
                "That is {progress} of the way, where {expected} was expected.",
                progress=percent(course.view.progress), expected=percent(course.view.expected),
            )
        )  # fmt: skip
    if course.forecast:
        told.append(
            language.say(
                "If it goes on like this, it ends between {low} and {high} on {day}.",
                low=value(course.forecast.low, language), high=value(course.forecast.high, language),
                day=short_day(key_result.period.end, language),
            )
        )  # fmt: skip
    if course.held is not None and course.held.unit == points[-1].value.unit:
        off = difference(course.held - points[-1].value, language)
        told.append(language.say("A value is held that is {difference} away.", difference=off))
    return " ".join(told)
