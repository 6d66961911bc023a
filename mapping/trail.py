"""A key result over time: its recorded values without their evidence, and its state on a given day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from mapping.assess import CheckIn
from mapping.day import Zone, end_of
from mapping.errors import MappingError
from mapping.model import KeyResult, Measure, OfKeyResult, Open, Status, Toward
from mapping.progress import status
from mapping.quantity import Quantity
from mapping.records import Action


@dataclass(frozen=True, kw_only=True)
class Point(OfKeyResult):
    """A recorded value; `CheckIn` without its inputs."""

    at: datetime
    asked_at: datetime
    value: Quantity
    progress: Decimal | None
    status: Status
    aims: tuple[tuple[str, Quantity], ...] = ()
    by: str | None = None
    note: str | None = None
    confidence: int | None = None


class _Told(Protocol):
    @property
    def aims(self) -> tuple[tuple[str, Quantity], ...]: ...


def point_of(made: CheckIn) -> Point:
    return Point(**{name: getattr(made, name) for name in Point.__dataclass_fields__})


Trail = Sequence[Point]
"""Of one key result, oldest first."""


def standing_at(trail: Trail, at: datetime) -> Point | None:
    """The value that was current at that moment."""
    place = bisect_right(trail, at, key=lambda point: point.asked_at)
    return trail[place - 1] if place else None


def measure_then(key_result: KeyResult, made: _Told) -> Measure:
    """What a value was measured against when it was recorded, as far as it tells. Raises MappingError."""
    measure, ends = key_result.measure, dict(made.aims)
    if isinstance(measure, Open):
        if not {"start", "target"} <= ends.keys():
            raise MappingError("the key result was measured in another way at that time")
        return Toward(start=ends["start"], target=ends["target"])
    known = {name: end for name, end in ends.items() if name in vars(measure)}
    return replace(measure, **known) if known else measure  # type: ignore[arg-type]


def status_on(key_result: KeyResult, point: Point, day: date) -> Status:
    """What people saw at the end of that day."""
    try:
        measure = measure_then(key_result, point)
        return status(measure, point.value, key_result.pace, day, ranges=key_result.ranges, kind=key_result.kind)
    except MappingError:
        return point.status


def since_when(key_result: KeyResult, trail: Trail, among: frozenset[Status], today: date, zone: Zone) -> date | None:
    """The first day of the time, up to today, in which its status was always among these. None where it is none of them
    today."""
    first, day = None, today
    while day >= key_result.period.start - timedelta(days=1):
        point = standing_at(trail, end_of(day, zone))
        if point is None or status_on(key_result, point, day) not in among:
            break
        first, day = day, day - timedelta(days=1)
    return first


@dataclass(frozen=True, kw_only=True)
class Said(OfKeyResult):
    """A person's words: a note, a confidence from 0 to 10, or both."""

    at: datetime
    by: str
    note: str | None = None
    confidence: int | None = None


def said_of(trail: Trail, actions: Iterable[Action]) -> list[Said]:
    """What people said about a key result, oldest first. Each note appears once, wherever it was kept."""
    found = {
        point.at: _said(point, point.at, point.by, point.note, point.confidence)
        for point in trail
        if point.by is not None
    }
    for one in actions:
        note, confidence = one.details.get("note"), one.details.get("confidence")
        found[one.at] = _said(one, one.at, one.by, note, confidence if isinstance(confidence, int) else None)
    told = [one for one in found.values() if one.note or one.confidence is not None]
    return sorted(told, key=lambda one: one.at)


def _said(of: OfKeyResult, at: datetime, by: str, note: str | None, confidence: int | None) -> Said:
    return Said(key_result=of.key_result, cycle=of.cycle, at=at, by=by, note=note, confidence=confidence)


def fell_twice(said: Sequence[Said]) -> tuple[Said, Said, Said] | None:
    """The last three confidences where each is lower than the one before."""
    told = [one for one in said if one.confidence is not None][-3:]
    if len(told) < 3:
        return None
    first, second, third = told
    return (first, second, third) if _sure(first) > _sure(second) > _sure(third) else None


def _sure(one: Said) -> int:
    return one.confidence or 0
