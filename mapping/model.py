"""Objectives, key results and what they are measured against."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from mapping.errors import MappingError
from mapping.formula import Formula
from mapping.quantity import Quantity
from mapping.units import Unit


class Level(StrEnum):
    COMPANY = "company"
    TEAM = "team"
    INDIVIDUAL = "individual"


class Kind(StrEnum):
    COMMITTED = "committed"
    ASPIRATIONAL = "aspirational"


class Role(StrEnum):
    """Initiatives and KPIs are kept current like key results; neither counts in a roll-up."""

    KEY_RESULT = "key result"
    INITIATIVE = "initiative"
    KPI = "KPI"


class Status(StrEnum):
    NOT_STARTED = "not started"
    ON_TRACK = "on track"
    BEHIND = "behind"
    AT_RISK = "at risk"
    ACHIEVED = "achieved"
    CLOSED = "closed"
    POSTPONED = "postponed"


@dataclass(frozen=True, kw_only=True)
class Cycle:
    """A named span of days; both ends belong to it."""

    name: str
    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise MappingError(f"the cycle {self.name} ends on {self.end}, before it starts on {self.start}")


_CYCLE = re.compile(r"(\d{4})(?:-(?:Q([1-4])|H([12])))?")


def parse_cycle(text: str) -> Cycle:
    """ "2026", "2026-H2" or "2026-Q4". Raises MappingError."""
    match = _CYCLE.fullmatch(text)
    if not match or int(match[1]) == 0:
        raise MappingError(f"{text!r} is no cycle: write 2026-Q4, 2026-H2, 2026, or {{name, start, end}}")
    year = int(match[1])
    first, last = 1, 12
    if match[2]:
        first, last = int(match[2]) * 3 - 2, int(match[2]) * 3
    elif match[3]:
        first, last = int(match[3]) * 6 - 5, int(match[3]) * 6
    return Cycle(name=text, start=date(year, first, 1), end=date(year, last, monthrange(year, last)[1]))


@dataclass(frozen=True, kw_only=True)
class Toward:
    """From a start to a target, up or down. Raises MappingError where they are equal, or of unlike units."""

    start: Quantity
    target: Quantity

    def __post_init__(self) -> None:
        if (self.target - self.start).amount == 0:
            raise MappingError("start and target are equal: there is no way to go")


@dataclass(frozen=True, kw_only=True)
class StayAbove:
    """Holds while the value is above the threshold; equality is missed. Between `risk` (lower) and the threshold
    it is behind rather than at risk."""

    threshold: Quantity
    risk: Quantity | None = None

    def __post_init__(self) -> None:
        if self.risk is not None and not self.risk < self.threshold:
            raise MappingError("risk must be below stay_above")


@dataclass(frozen=True, kw_only=True)
class StayBelow:
    """Holds while the value is below the threshold; equality is missed. Between the threshold and `risk` (higher)
    it is behind rather than at risk."""

    threshold: Quantity
    risk: Quantity | None = None

    def __post_init__(self) -> None:
        if self.risk is not None and not self.risk > self.threshold:
            raise MappingError("risk must be above stay_below")


Measure = Toward | StayAbove | StayBelow


@dataclass(frozen=True, kw_only=True)
class KeyResult:
    """A number that is to move, or to hold. `objective` is an objective's id, "" for a KPI."""

    id: str
    title: str
    objective: str
    role: Role
    unit: Unit
    measure: Measure
    formula: Formula
    period: Cycle
    owner: str | None = None
    weight: Decimal = Decimal(1)


@dataclass(frozen=True, kw_only=True)
class Objective:
    """`key_results` holds the initiatives too, told apart by their role."""

    id: str
    title: str
    level: Level
    kind: Kind
    period: Cycle
    key_results: tuple[KeyResult, ...]
    owner: str | None = None
    parent: str | None = None
