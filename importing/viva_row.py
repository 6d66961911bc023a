"""One row of Viva Goals' JSON export. The names are known second hand: their capitals and blanks do not count."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from importing.ending import ending_of
from importing.model import Period
from importing.periods import day_of, moment_of, period_of
from importing.record import CheckInRecord, Record, Type, Way
from importing.refuse import BadValue
from importing.words import level_of, text_of, type_of, way_of
from mapping.about import About
from mapping.model import Kind, Level

Fields = dict[str, Any]
_COMMITTED = "committed"
"""The tag that tells a commitment from an aspiration."""


@dataclass(frozen=True, kw_only=True)
class Lookups:
    """The export's other files, by id. `children`: parents by child, as the parents tell it. `as_of`: the export's
    day."""

    periods: Mapping[str, Fields]
    people: Mapping[str, Fields]
    children: Mapping[str, list[str]]
    as_of: date


def fields(given: Mapping[str, Any]) -> Fields:
    return {re.sub(r"[^a-z0-9]", "", str(name).lower()): value for name, value in given.items()}


def key_of(value: object) -> str:
    return text_of(value)[:100]


def record_of(row: Fields, where: str, lookups: Lookups, note: Callable[[str], None]) -> Record:
    """Raises BadValue."""
    key = key_of(row.get("id"))
    if not key:
        raise BadValue("it has no ID")
    kind = type_of(row.get("type"))
    if kind is Type.CHECK_IN:
        raise BadValue("a check-in must not be among the objectives")
    parents, weight = _parents(row, key, lookups)
    unit, start, target, way, is_share_of_work = _outcome(row)
    period = _period(row, lookups, note)
    return Record(
        where=where,
        key=key,
        type=kind,
        title=text_of(row.get("title")),
        about=_about(row, lookups),
        level=_level(row, bool(parents)),
        kind=Kind.COMMITTED if _is_committed(row) else Kind.ASPIRATIONAL,
        period=period,
        parents=parents,
        way=way,
        unit=unit,
        start=start,
        target=target,
        current=None if kind is Type.OBJECTIVE else row.get("progress"),
        current_on=_last_check_in(row, note),
        weight=weight,
        phased=_phased(row, note),
        ending=ending_of(row.get("status"), row.get("score"), period, lookups.as_of, note),
        is_share_of_work=is_share_of_work,
    )


def check_in_of(row: Fields, where: str, people: Mapping[str, Fields]) -> CheckInRecord:
    """Raises BadValue."""
    at = moment_of(row.get("checkindate")) or moment_of(row.get("activitydate"))
    if at is None:
        raise BadValue("it has no date")
    words = row.get("checkinnote")
    said = fields(words).get("checkinnote") if isinstance(words, Mapping) else words
    by = next((_name(person, people) for person in _items(row.get("checkinowner"))), "")
    return CheckInRecord(
        where=where,
        of=key_of(row.get("okrid")),
        at=at,
        value=row.get("currentvalue"),
        by=by or None,
        note=text_of(said) or None,
    )


def _items(value: object) -> list[Fields]:
    """A list of objects, also where there is one alone, or none."""
    given = value if isinstance(value, list) else [value]
    return [fields(item) for item in given if isinstance(item, Mapping)]


def _parents(row: Fields, key: str, lookups: Lookups) -> tuple[tuple[str, ...], object]:
    ids = row.get("parentids")
    aligned = _items(row.get("alignment"))
    named = [key_of(one) for one in (ids if isinstance(ids, list) else [ids])]
    named += [key_of(one.get("id")) for one in aligned] + lookups.children.get(key, [])
    parents = tuple(dict.fromkeys(one for one in named if one and one != key))
    weights = {key_of(one.get("id")): one.get("weight") for one in aligned}
    return parents, weights.get(parents[0]) if parents else None


def _outcome(row: Fields) -> tuple[str, Any, Any, Way, bool]:
    """Unit, start, target and way, and whether it is work that is done by percent, for want of a metric."""
    outcome = fields(row["outcome"]) if isinstance(row.get("outcome"), Mapping) else {}
    way = way_of(outcome.get("targettype"))
    unit = text_of(outcome.get("metricunit"))
    start, target = outcome.get("start"), outcome.get("target")
    is_share_of_work = text_of(outcome.get("outcometype")).lower() != "metric"
    if is_share_of_work:
        unit = unit or "Percentage"
        if way is Way.TOWARD:
            start = Decimal(0) if start is None else start
            target = Decimal(100) if target is None else target
    return unit, start, target, way, is_share_of_work


def _phased(row: Fields, note: Callable[[str], None]) -> tuple[tuple[date, object], ...]:
    given = row.get("phasedtargets")
    rows = _items(fields(given).get("phasedtargets") if isinstance(given, Mapping) else given)
    try:
        dated = [(day_of(one.get("targetdate")), one.get("targetvalue")) for one in rows]
    except BadValue as error:
        note(f"its phased targets are left out: {error}")
        return ()
    return tuple((day, value) for day, value in dated if day is not None)


def _last_check_in(row: Fields, note: Callable[[str], None]) -> Any:
    try:
        return day_of(row.get("lastcheckin"))
    except BadValue as error:
        note(f"the day of its last check-in: {error}")
        return None


def _about(row: Fields, lookups: Lookups) -> About:
    owners = _each(_name(person, lookups.people) for person in _items(row.get("owner")))
    asked = _each(_name(person, lookups.people) for person in _items(row.get("checkinowner")))
    return About(
        owners=owners,
        check_in_owner=asked[0] if asked and asked[0] not in owners[:1] else None,
        teams=_each(text_of(team.get("name")) for team in _items(row.get("teams"))),
        tags=_each(word for word in _tags(row) if word.lower() != _COMMITTED),
        description=text_of(row.get("description")) or None,
    )


def _each(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, words)))


def _name(person: Fields, people: Mapping[str, Fields]) -> str:
    known = people.get(key_of(person.get("id")), {})
    words = [text_of(one.get(name)) for name in ("email", "name") for one in (person, known)]
    return next(filter(None, words), "")


def _level(row: Fields, has_parent: bool) -> Level:
    """The export has no level that is known for sure, so teams and the place in the tree have to tell."""
    try:
        if found := level_of(row.get("goaltype")):
            return found
    except BadValue:
        pass
    if _items(row.get("teams")):
        return Level.TEAM
    return Level.INDIVIDUAL if has_parent else Level.COMPANY


def _is_committed(row: Fields) -> bool:
    return any(word.lower() == _COMMITTED for word in _tags(row))


def _tags(row: Fields) -> list[str]:
    return [text_of(tag.get("tagname") or tag.get("name")) for tag in _items(row.get("tags"))]


def _period(row: Fields, lookups: Lookups, note: Callable[[str], None]) -> Period | None:
    named = fields(row["timeperiod"]) if isinstance(row.get("timeperiod"), Mapping) else {}
    known = lookups.periods.get(key_of(named.get("id")), {})
    name = text_of(named.get("name")) or text_of(known.get("timeperiodname"))
    own = day_of(row.get("startdate")), day_of(row.get("enddate"))
    listed = day_of(known.get("startdate")), day_of(known.get("enddate"))
    if not all(listed):
        return period_of(name, *own)
    if all(own) and own != listed:
        note(f"its own days, {own[0]} to {own[1]}, are replaced by those of {name or 'its time period'}")
    return period_of(name, *listed)
