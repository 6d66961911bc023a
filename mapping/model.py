"""Objectives, key results and what they are measured against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from mapping.about import NOTHING_SAID, About, Rhythm
from mapping.cycles import CALENDAR, Calendar, days_of
from mapping.day import FIRST_DAY, LAST_DAY
from mapping.errors import MappingError
from mapping.formula import Formula
from mapping.quantity import Quantity
from mapping.schedule import Schedule
from mapping.units import Unit


class Level(StrEnum):
    COMPANY = "company"
    TEAM = "team"
    INDIVIDUAL = "individual"


class Kind(StrEnum):
    COMMITTED = "committed"
    ASPIRATIONAL = "aspirational"


class Role(StrEnum):
    """Initiatives and KPIs are kept current like key results, but they don't count in a roll-up."""

    KEY_RESULT = "key result"
    INITIATIVE = "initiative"
    KPI = "KPI"


class Rate(StrEnum):
    """The period that a value is of, where it is one a week, a month or a quarter."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


class Status(StrEnum):
    """`IN_PROGRESS` is a baseline's, `OVERDUE` what has not reached its target when its time is over."""

    NOT_STARTED = "not started"
    IN_PROGRESS = "in progress"
    ON_TRACK = "on track"
    BEHIND = "behind"
    AT_RISK = "at risk"
    ACHIEVED = "achieved"
    OVERDUE = "overdue"
    CLOSED = "closed"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Cycle:
    """A named span of days; both ends belong to it."""

    name: str
    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise MappingError(
                f"the cycle {self.name} ends on {self.end}, before it starts on {self.start}: swap the days"
            )
        if self.start < FIRST_DAY or self.end > LAST_DAY:
            raise MappingError(f"the cycle {self.name} is not between {FIRST_DAY} and {LAST_DAY}")


def parse_cycle(text: str, calendar: Calendar = CALENDAR) -> Cycle:
    """ "2026", "2026-H2" or "2026-Q4". Raises MappingError."""
    start, end = days_of(text, calendar)
    return Cycle(name=text, start=start, end=end)


@dataclass(frozen=True, kw_only=True)
class Toward:
    """From a start to a target, up or down. Raises MappingError where they are equal, or of unlike units."""

    start: Quantity
    target: Quantity

    def __post_init__(self) -> None:
        if (self.target - self.start).amount == 0:
            raise MappingError("start and target are the same: write the value to reach as the target")


@dataclass(frozen=True, kw_only=True)
class StayAbove:
    """Holds while the value is above the threshold. An equal value misses it. Between `risk` (lower) and the
    threshold it is behind rather than at risk."""

    threshold: Quantity
    risk: Quantity | None = None

    def __post_init__(self) -> None:
        if self.risk is not None and not self.risk < self.threshold:
            raise MappingError("risk must be below stay_above")


@dataclass(frozen=True, kw_only=True)
class StayBelow:
    """Holds while the value is below the threshold. An equal value misses it. Between the threshold and `risk`
    (higher) it is behind rather than at risk."""

    threshold: Quantity
    risk: Quantity | None = None

    def __post_init__(self) -> None:
        if self.risk is not None and not self.risk > self.threshold:
            raise MappingError("risk must be above stay_below")


@dataclass(frozen=True, kw_only=True)
class Within:
    """Holds while the value is in the band, whose ends belong to it. Up to `risk` outside of it the key result is
    behind rather than at risk."""

    low: Quantity
    high: Quantity
    risk: Quantity | None = None

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise MappingError("a band goes from the lower to the higher value: write within: [95%, 105%]")
        if self.risk is not None and not self.risk.amount > 0:
            raise MappingError(
                "risk says how far outside the band a value is still behind and not at risk: write a number above 0"
            )


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """There is no target yet: the value is watched to set one later. It has no progress."""


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """Done or not: done when the value is 1 (100%) or more."""


Measure = Toward | StayAbove | StayBelow | Within | Baseline | Milestone


@dataclass(frozen=True, kw_only=True)
class Open:
    """A measure with an end that is found later: `start` None is the first value that is recorded, `target` may be a
    formula over metrics."""

    start: Quantity | None
    target: Quantity | Formula


@dataclass(frozen=True, kw_only=True)
class Ranges:
    """The gaps between expected and actual progress (fractions) beyond which a key result is behind, or at risk. A
    gap equal to a limit still has the better status."""

    behind: Decimal = Decimal(0)
    at_risk: Decimal = Decimal("0.25")

    def __post_init__(self) -> None:
        if not 0 <= self.behind <= self.at_risk <= 1:
            raise MappingError("write behind and at_risk as points from 0 to 100, with behind not above at_risk")


RANGES = Ranges()


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How progress is expected to go over a period: linear, or by `phases` (days with the progress expected then).
    With a `rate`, each value is compared with what is expected at the end of its own week, month or quarter. `settle`
    days after the period its books are still open."""

    period: Cycle
    phases: tuple[tuple[date, Decimal], ...] = ()
    rate: Rate | None = None
    settle: int = 0
    calendar: Calendar = CALENDAR

    def __post_init__(self) -> None:
        days = [day for day, _ in self.phases]
        parts = [part for _, part in self.phases]
        if days != sorted(set(days)) or any(not self.period.start <= day <= self.period.end for day in days):
            raise MappingError(f"phases must be days from {self.period.start} to {self.period.end}, in order")
        if parts != sorted(parts) or any(not 0 <= part <= 1 for part in parts):
            raise MappingError("phases must never go down, and must be between 0% and 100%")


@dataclass(frozen=True, kw_only=True)
class Guards:
    """What makes a value so doubtful that a person must accept it first.

    `zero`: it fell to zero from something else. `leap`: its progress moved by more than this (a fraction) in one run.
    `max_age`: it is older than so many days. `definition`: its formula, unit or queries changed. `plausible`: it is
    the first one or by hand, and its progress would be absurd. None or False switches a guard off.
    """

    zero: bool = True
    leap: Decimal | None = Decimal(1)
    max_age: int | None = None
    definition: bool = True
    plausible: bool = True


class Key(NamedTuple):
    """What identifies a key result: the same id in two cycles means two key results."""

    id: str
    cycle: str


OF_OBJECTIVE = "objective:"


def of_objective(objective: str, cycle: str) -> Key:
    """Under which what is said of an objective itself is kept; no key result's id has a colon."""
    return Key(f"{OF_OBJECTIVE}{objective}", cycle)


@dataclass(frozen=True, kw_only=True)
class OfKeyResult:
    """What is known of one key result."""

    key_result: str
    cycle: str

    @property
    def key(self) -> Key:
        return Key(self.key_result, self.cycle)


@dataclass(frozen=True, kw_only=True)
class KeyResult:
    """A number that is to move, or to hold. `objective` is an objective's id, "" for a KPI. `share` is a fixed part of
    the objective's progress; what the fixed ones leave is shared by weight. `cancelled` is why it was dropped, `was`
    its id before."""

    id: str
    title: str
    objective: str
    role: Role
    unit: Unit
    measure: Measure | Open
    formula: Formula
    period: Cycle
    weight: Decimal = Decimal(1)
    share: Decimal | None = None
    kind: Kind = Kind.COMMITTED
    phases: tuple[tuple[date, Decimal], ...] = ()
    rate: Rate | None = None
    settle: int = 0
    ranges: Ranges = Ranges()
    guards: Guards = Guards()
    about: About = NOTHING_SAID
    check_in: Rhythm | None = None
    schedule: Schedule | None = None
    cancelled: str | None = None
    was: str | None = None
    calendar: Calendar = CALENDAR

    @cached_property
    def key(self) -> Key:
        return Key(self.id, self.period.name)

    @property
    def owner(self) -> str | None:
        return self.about.owner

    @cached_property
    def pace(self) -> Pace:
        return Pace(period=self.period, phases=self.phases, rate=self.rate, settle=self.settle, calendar=self.calendar)

    @cached_property
    def last_day(self) -> date:
        """The last day on which it is asked."""
        return self.period.end + timedelta(days=self.settle)


@dataclass(frozen=True, kw_only=True)
class Objective:
    """`key_results` holds the initiatives too, told apart by their role. `measure` is that of an objective with a
    number of its own, which is the sum of its key results' values where `by_sum`, and else follows their mean progress.
    `weight` and `share` are its part in its parent's progress."""

    id: str
    title: str
    level: Level
    kind: Kind
    period: Cycle
    key_results: tuple[KeyResult, ...]
    parent: str | None = None
    initiatives: tuple[str, ...] = ()
    measure: Toward | None = None
    by_sum: bool = False
    weight: Decimal = Decimal(1)
    share: Decimal | None = None
    ranges: Ranges = Ranges()
    about: About = NOTHING_SAID
    cancelled: str | None = None

    @property
    def owner(self) -> str | None:
        return self.about.owner
