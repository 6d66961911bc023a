"""What needs a person, and what moved. Pages, reports, messages and `show` all use this."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from mapping.changes import Change, What
from mapping.day import Zone, day_of, noon_of, start_of
from mapping.errors import MappingError
from mapping.facts import KeyResultView, Overview
from mapping.freshness import Freshness
from mapping.model import Baseline, Key, Status
from mapping.progress import progress
from mapping.trail import Point, Said, Trail, fell_twice, measure_then, since_when, standing_at


class Why(StrEnum):
    """In the order in which people look at them."""

    HELD = "held"
    UNAVAILABLE = "unavailable"
    NO_VALUE = "no value"
    STALE = "stale"
    OVERDUE = "past its date"
    AT_RISK = "at risk"
    BEHIND = "behind"
    CONFIDENCE = "confidence fell twice"
    CHANGED = "rule or target changed"
    NO_OWNER = "no owner"


ORDER = {why: number for number, why in enumerate(Why)}
NOT_CURRENT = frozenset({Why.UNAVAILABLE, Why.NO_VALUE, Why.STALE})
SHORT = frozenset({Why.OVERDUE, Why.AT_RISK, Why.BEHIND})
_OF_AGE = {
    Freshness.UNAVAILABLE: Why.UNAVAILABLE, Freshness.NO_VALUE: Why.NO_VALUE, Freshness.STALE: Why.STALE,
}  # fmt: skip
_OF_STATUS = {Status.OVERDUE: Why.OVERDUE, Status.AT_RISK: Why.AT_RISK, Status.BEHIND: Why.BEHIND}
_TOLD = frozenset({What.RULE, What.SCOPE, What.TARGET, What.START, What.LIMIT, What.WEIGHT, What.UNIT, What.PACE})


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of one key result beside its view: its values without evidence, the words of people and the changes
    of its file, oldest first."""

    trail: Trail = ()
    said: Sequence[Said] = ()
    changes: Sequence[Change] = ()


NOTHING_KNOWN = Known()


@dataclass(frozen=True, kw_only=True)
class Need:
    """One thing that needs a person. `owner` is the key result's, else its objective's; `since` is None if it was
    always so. `newly` is true if it began in the time that is looked at. `confidences` are the last three, where they
    fell."""

    why: Why
    view: KeyResultView
    objective: str
    owner: str | None
    since: datetime | None = None
    newly: bool = True
    confidences: tuple[Said, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def key(self) -> Key:
        return self.view.key_result.key


@dataclass(frozen=True, kw_only=True)
class Shift:
    """How far a key result's progress moved, both measured against what it is measured against now. `before` is the
    value of then."""

    view: KeyResultView
    objective: str
    owner: str | None
    by: Decimal
    before: Point


def needs(seen: Overview, known: Mapping[Key, Known], since: datetime, zone: Zone) -> tuple[Need, ...]:
    """Each thing, worst first. `since` is the start of the time that is looked at: what changed before is not news."""
    found = [
        need
        for view, objective, owner in with_owners(seen)
        for need in _of_one(view, objective, owner, known.get(view.key_result.key, NOTHING_KNOWN), seen.at, since, zone)
    ]
    return tuple(sorted(found, key=lambda need: (ORDER[need.why], -_ago(need, seen.at), need.key)))


def by_key_result(found: Iterable[Need]) -> dict[Key, tuple[Need, ...]]:
    """All needs of a key result together. The key result with the worst need comes first."""
    rows: dict[Key, list[Need]] = {}
    for need in found:
        rows.setdefault(need.key, []).append(need)
    return {key: tuple(own) for key, own in rows.items()}


def needs_a_person(need: Need) -> bool:
    """Whether it is counted: what has been behind for longer is known, and a change that somebody reviewed is news
    rather than work."""
    return need.why is not Why.CHANGED and (need.newly or need.why is not Why.BEHIND)


def shifts(seen: Overview, known: Mapping[Key, Known], since: datetime) -> tuple[Shift, ...]:
    """What moved since, most first."""
    found = (
        _shift(view, objective, owner, known.get(view.key_result.key, NOTHING_KNOWN), since)
        for view, objective, owner in with_owners(seen)
    )
    return tuple(sorted((one for one in found if one), key=lambda one: (-abs(one.by), one.view.key_result.key)))


def with_owners(seen: Overview) -> list[tuple[KeyResultView, str, str | None]]:
    """Each view with its objective's id and its owner."""
    found = [
        (view, one.objective.id, view.key_result.owner or one.objective.owner)
        for one in seen.objectives
        for view in (*one.key_results, *one.initiatives)
    ]
    return found + [(view, "", view.key_result.owner) for view in seen.kpis]


def _of_one(
    view: KeyResultView, objective: str, owner: str | None, known: Known, at: datetime, since: datetime, zone: Zone
) -> list[Need]:
    if view.closing is not None or view.key_result.cancelled:
        return []

    def need(why: Why, began: datetime | None = None, *, newly: bool = True) -> Need:
        return Need(why=why, view=view, objective=objective, owner=owner, since=began, newly=newly)

    found = []
    if view.beside is not None and view.beside.state == "held":
        found.append(need(Why.HELD, view.beside.at))
    if (why := _OF_AGE.get(view.age.state)) is not None:
        found.append(need(why, view.age.since))
    elif (short := _OF_STATUS.get(view.status) if view.status else None) is not None:
        began = _began(view, short, known.trail, day_of(at, zone), zone)
        found.append(need(short, began, newly=began is None or began >= since))
    if fell := fell_twice(known.said):
        one = need(Why.CONFIDENCE, fell[-1].at)
        found.append(Need(**{**vars(one), "confidences": fell}))
    if told := tuple(one for one in known.changes if one.at >= since and one.what in _TOLD):
        one = need(Why.CHANGED, told[-1].at)
        found.append(Need(**{**vars(one), "changes": told}))
    if owner is None and view.age.state is not Freshness.ENDED:
        found.append(need(Why.NO_OWNER))
    return found


def _began(view: KeyResultView, why: Why, trail: Trail, today: date, zone: Zone) -> datetime | None:
    """Behind and at risk are two steps: a key result that was behind and is now at risk is news."""
    among = {Why.OVERDUE: {Status.OVERDUE}, Why.AT_RISK: {Status.AT_RISK}}.get(why, {Status.BEHIND, Status.AT_RISK})
    first = since_when(view.key_result, trail, frozenset(among), today, zone)
    if first is None:
        return None
    point = standing_at(trail, noon_of(first, zone))
    begin = start_of(first, zone)
    return point.at if point is not None and point.at >= begin else begin


def _shift(view: KeyResultView, objective: str, owner: str | None, known: Known, since: datetime) -> Shift | None:
    before = standing_at(known.trail, since)
    if before is None or view.check_in is None or view.progress is None or not view.age.is_current:
        return None
    if isinstance(view.key_result.measure, Baseline):
        return None
    try:
        was = progress(measure_then(view.key_result, view.check_in), before.value)
    except MappingError:
        return None
    by = view.progress - was if was is not None else Decimal(0)
    return Shift(view=view, objective=objective, owner=owner, by=by, before=before) if by else None


def _ago(need: Need, at: datetime) -> float:
    return (at - need.since).total_seconds() if need.since else 0.0
