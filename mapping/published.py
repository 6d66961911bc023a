"""The facts of a check-in that are published: each by its name, in the form that the place wants.

A name may say its form: `value:text` is "83.2%", `value` is 83.2 and `value:base` 0.832. An unknown fact is None.
None is never published: a fact without a value is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Context, Decimal

from mapping.assess import CheckIn
from mapping.day import UTC, Zone, day_of
from mapping.facts import KeyResultView, ObjectiveView
from mapping.format import format_quantity
from mapping.model import Status
from mapping.progress import score
from mapping.quantity import Quantity
from mapping.units import PERCENT, Dimension

Content = Decimal | str | date | datetime | bool | None
Fields = tuple[tuple[str, Content], ...]
"""The fields of a place, and what stands in each."""

FRESHNESS, FORECAST = "freshness", "forecast"
FORMS: Mapping[str, tuple[str, ...]] = {
    "value": ("text", "base", "minutes", "hours", "days"),
    "progress": ("text", "base"),
    "expected": ("text", "base"),
    "status": (),
    "score": (),
    "note": (),
    "confidence": (),
    "as_of": ("date",),
    "link": (),
    FORECAST: ("text", "base", "minutes", "hours", "days"),
    FRESHNESS: (),
}
"""The facts, and the forms that each may have beside its plain one."""
OF_OBJECTIVES = ("value", "progress", "expected", "status", "score", "as_of", "link")
WORDS = frozenset({*(status.value for status in Status), "current", "stale"})
"""What stands in `status` and `freshness`, unless the operator writes other words."""
_SECONDS = {"minutes": 60, "hours": 3600, "days": 86_400}
_DOUBLE = Context(prec=15)
"""Tools keep numbers as doubles. This many digits come back as they were written."""
_ALIKE = timedelta(seconds=1)
_POINTS = Decimal("0.0001")


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a key result or objective says now. `forecast` is the value at the end of its cycle if it goes on like this;
    `stale` is why its value may not be published, None if it may."""

    at: datetime
    value: Quantity | None = None
    progress: Decimal | None = None
    expected: Decimal | None = None
    status: Status | None = None
    score: Decimal | None = None
    note: str | None = None
    confidence: int | None = None
    as_of: datetime | None = None
    link: str | None = None
    forecast: Quantity | None = None
    stale: str | None = None


def of_key_result(
    view: KeyResultView, link: str | None, *, forecast: Quantity | None = None, new: bool = False
) -> Told | None:
    """None where there is no value yet. Time passing changes nothing of what a check-in said; its closing does. A `new`
    value is not recorded yet, and so as fresh as can be."""
    made = view.check_in
    if made is None:
        return None
    ended = view.closing is not None or view.key_result.cancelled is not None
    given = view.closing.score if view.closing else None
    suggested = score(made.progress) if made.progress is not None else None
    return Told(
        at=made.at,
        value=made.value,
        progress=made.progress,
        expected=made.expected,
        status=view.status if ended else made.status,
        score=given if view.closing else suggested,
        note=made.note,
        confidence=made.confidence,
        as_of=made.as_of,
        link=link or _link(made),
        forecast=forecast,
        stale=None if new else _why_stale(view),
    )


def _why_stale(view: KeyResultView) -> str | None:
    if view.stale is not None:
        return view.stale.cause or view.stale.state
    return None if view.age.is_current else view.age.cause or view.age.state.value


def of_objective(view: ObjectiveView, link: str | None) -> Told | None:
    """None where nothing is known of any part."""
    rolled = view.roll_up
    known = [seen.check_in for seen in view.key_results if seen.check_in is not None]
    if rolled.progress is None:
        return None
    return Told(
        at=max((made.at for made in known), default=datetime.min.replace(tzinfo=UTC)),
        value=rolled.value,
        progress=rolled.progress,
        expected=rolled.expected,
        status=rolled.status,
        score=score(rolled.progress),
        as_of=min((made.as_of for made in known), default=None),
        link=link,
    )


def content(told: Told, fact: str, zone: Zone) -> Content:
    """A fact in the form that its name says. None where it is not known. A time is one of the zone, so that a field of
    days gets the zone's day."""
    name, _, form = fact.partition(":")
    match name:
        case "value":
            return None if told.value is None else _value(told.value, form)
        case "forecast":
            return None if told.forecast is None else _value(told.forecast, form)
        case "progress" | "expected":
            share: Decimal | None = getattr(told, name)
            return None if share is None else _share(share, form)
        case "status":
            return told.status.value if told.status else None
        case "score":
            return told.score
        case "confidence":
            return None if told.confidence is None else Decimal(told.confidence)
        case "as_of":
            if told.as_of is None:
                return None
            return day_of(told.as_of, zone) if form else told.as_of.astimezone(zone)
        case "freshness":
            return "stale" if told.stale else "current"
    found: str | None = getattr(told, name)
    return found


def mistake(fact: str, *, objective: bool = False) -> str | None:
    """What is wrong with the name of a fact, None where nothing is."""
    name, colon, form = fact.partition(":")
    known = OF_OBJECTIVES if objective else tuple(FORMS)
    if name not in known:
        return f"an objective has no {name!r} of its own" if name in FORMS else f"there is no fact {name!r}"
    if colon and form not in FORMS[name]:
        return f"{name} has no form {form!r}"
    return None


def names(*, objective: bool = False) -> list[str]:
    known = OF_OBJECTIVES if objective else tuple(FORMS)
    return [one for name in known for one in (name, *(f"{name}:{form}" for form in FORMS[name]))]


def same(one: Content, other: Content) -> bool:
    """Whether two contents are equal, as far as a tool keeps them: fifteen digits, seconds, no blanks around a text."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return _DOUBLE.plus(one) == _DOUBLE.plus(other)
    if isinstance(one, datetime) and isinstance(other, datetime):
        return abs(one - other) < _ALIKE
    if isinstance(one, str) and isinstance(other, str):
        return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()
    return type(one) is type(other) and one == other


def agree(fields: Fields, found: Fields) -> bool:
    """Whether all of these stand there."""
    there = dict(found)
    return all(same(given, there.get(name)) for name, given in fields)


def number(amount: Decimal) -> Decimal:
    """To the digits that tools keep, without zeros at its end and without an exponent."""
    made = _DOUBLE.plus(amount).normalize()
    exponent = made.as_tuple().exponent
    return made.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else made


def only(fields: Fields, named: Iterable[str]) -> Fields:
    wanted = set(named)
    return tuple((name, given) for name, given in fields if name in wanted)


def _value(value: Quantity, form: str) -> Content:
    if form == "text":
        return format_quantity(value)
    if form in _SECONDS:
        return number(value.amount / _SECONDS[form]) if value.unit.dimension is Dimension.DURATION else None
    points = value.unit == PERCENT and form != "base"
    return number(value.amount * 100 if points else value.amount)


def _share(share: Decimal, form: str) -> Content:
    if form == "text":
        return format_quantity(Quantity(share, PERCENT))
    return number(share if form == "base" else (share * 100).quantize(_POINTS))


def _link(made: CheckIn) -> str | None:
    return next((used.evidence.link for used in made.inputs if used.evidence.link), None)
