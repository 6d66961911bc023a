"""How old a value is, how old it may be, and why it is not current. This is separate from its status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median

from mapping.about import Rhythm
from mapping.model import Status

LEAST = timedelta(hours=24)
"""A value younger than a day is never old, however often the sources are asked."""
PASSES = 5
"""The number of passes that show how often the sources are asked."""


class Freshness(StrEnum):
    """`UNKNOWN` was never read; `NO_VALUE` and `UNAVAILABLE` keep their last value; `STALE` is older than it may be;
    `ENDED` does not age any more."""

    CURRENT = "current"
    STALE = "stale"
    UNAVAILABLE = "unavailable"
    NO_VALUE = "no value"
    UNKNOWN = "unknown"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class Age:
    """`since` is when it stopped being current. `cause` and `fix` are its source's words, None where time alone made
    it old. `confirmed_at` is when the value was last known to be so, `may_be` how old it may be (None: nothing limits
    it)."""

    state: Freshness
    since: datetime | None = None
    cause: str | None = None
    fix: str | None = None
    confirmed_at: datetime | None = None
    age: timedelta | None = None
    may_be: timedelta | None = None

    @property
    def is_current(self) -> bool:
        return self.state in (Freshness.CURRENT, Freshness.ENDED)

    @property
    def counts(self) -> bool:
        """Whether it is young enough to count in an average. A source that fails for a moment changes no average."""
        if self.state in (Freshness.ENDED, Freshness.UNKNOWN):
            return True
        return self.may_be is None or self.age is None or self.age <= self.may_be


@dataclass(frozen=True, kw_only=True)
class Fared:
    """What went wrong when its sources were last asked."""

    state: Freshness
    at: datetime
    cause: str | None = None
    fix: str | None = None


def allowed_age(
    passes: Sequence[datetime],
    *,
    by_hand: bool = False,
    rhythm: Rhythm | None = None,
    schedule: timedelta | None = None,
) -> timedelta | None:
    """How old a value may be: by hand its rhythm of check-ins; of a source twice its schedule, else twice the median
    gap of the last passes. `passes` are the moments at which all sources were asked."""
    if by_hand:
        return timedelta(days=rhythm.days) if rhythm else None
    if schedule is not None:
        return 2 * schedule
    last = sorted(passes)[-PASSES:]
    gaps = [(after - before).total_seconds() for before, after in pairwise(last)]
    return max(LEAST, timedelta(seconds=2 * median(gaps))) if gaps else LEAST


def age_of(
    at: datetime, *, confirmed_at: datetime | None, may_be: timedelta | None, fared: Fared | None, ended: bool
) -> Age:
    """`fared` is None if its sources answered. `ended` is true if it is closed, cancelled or over."""
    if fared is not None:
        age = at - confirmed_at if confirmed_at else None
        return Age(
            state=fared.state, since=fared.at, cause=fared.cause, fix=fared.fix,
            confirmed_at=confirmed_at, age=age, may_be=None if ended else may_be,
        )  # fmt: skip
    if confirmed_at is None:
        return Age(state=Freshness.UNKNOWN)
    age = at - confirmed_at
    if ended:
        return Age(state=Freshness.ENDED, confirmed_at=confirmed_at, age=age)
    if may_be is not None and age > may_be:
        return Age(
            state=Freshness.STALE, since=confirmed_at + may_be, confirmed_at=confirmed_at, age=age, may_be=may_be
        )
    return Age(state=Freshness.CURRENT, confirmed_at=confirmed_at, age=age, may_be=may_be)


def shown_status(status: Status | None, age: Age) -> Status | Freshness:
    """What people see. A value that is not current has no status: silence is never green."""
    if age.state is Freshness.UNKNOWN or age.is_current:
        return status or Freshness.UNKNOWN
    return age.state
