"""How old each value is, from what is recorded of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, lru_cache

from mapping.assess import CheckIn
from mapping.day import Zone, day_of
from mapping.freshness import PASSES, Age, Fared, Freshness, age_of, allowed_age
from mapping.model import Key, KeyResult
from mapping.records import KeyResultOutcome
from mapping.schedule import Schedule
from sync.store.asking import ALL
from sync.store.store import Store

_TICK = timedelta(microseconds=1)
"""The connection type of what people write into the OKR files."""
_STATES = {"unavailable": Freshness.UNAVAILABLE, "no value": Freshness.NO_VALUE}


@dataclass(frozen=True, kw_only=True)
class Passes:
    """When the sources were asked, oldest first, and how old a value of theirs may be where nothing else says it. `own`
    is when each was asked last by passes that did not ask all, `failing` since when each has had no answer, `earlier`
    the last pass before a moment."""

    asked: Sequence[datetime]
    may_be: timedelta | None
    own: Mapping[str, datetime] = field(default_factory=dict)
    failing: Mapping[Key, datetime] = field(default_factory=dict)
    earlier: Callable[[datetime], datetime | None] = lambda _: None

    @classmethod
    def of(cls, store: Store, until: datetime | None = None) -> Passes:
        """Of a moment that is past it is known when passes were, not whom they asked."""
        asked = store.trails.passes(PASSES, until)
        return cls(
            asked=asked,
            may_be=allowed_age(asked),
            own=store.trails.asked() if until is None else {},
            failing=store.trails.failing(until),
            earlier=cache(lambda at: next(iter(store.trails.passes(1, at - _TICK)), None)),
        )

    def last(self, key_result: str, before: datetime | None) -> datetime | None:
        """When it was asked last, or last before that moment."""
        if before is None and self.own:
            return max((self.own[name] for name in (key_result, ALL) if name in self.own), default=None)
        return self.earlier(before) if before is not None else self.asked[-1] if self.asked else None


def age(
    key_result: KeyResult,
    made: CheckIn | None,
    outcome: KeyResultOutcome | None,
    passes: Passes,
    at: datetime,
    zone: Zone,
    *,
    by_hand: bool,
    ended: bool,
) -> Age:
    """`by_hand` is true where a person's value stands, or only people give values."""
    fared, failing = None, passes.failing.get(key_result.key)
    if outcome is not None and (state := _STATES.get(outcome.state)) is not None:
        fared = Fared(state=state, at=failing or outcome.at, cause=outcome.cause, fix=outcome.fix)
    confirmed = None
    if made is not None:
        confirmed = made.as_of if by_hand else made.asked_at
        # A pass that changed nothing says that it is so still.
        asked = passes.last(key_result.id, _begin(outcome, failing))
        if not by_hand and outcome is not None and asked is not None:
            confirmed = max(confirmed, asked)
    may_be = _may_be(key_result, passes, at, zone, by_hand=by_hand)
    over = ended or day_of(at, zone) > key_result.last_day
    return age_of(at, confirmed_at=confirmed, may_be=may_be, fared=None if ended else fared, ended=over)


def _begin(outcome: KeyResultOutcome | None, failing: datetime | None) -> datetime | None:
    """Of the time in which nothing confirmed the value, up to now."""
    return (failing or outcome.at) if outcome is not None and outcome.state != "current" else None


def _may_be(key_result: KeyResult, passes: Passes, at: datetime, zone: Zone, *, by_hand: bool) -> timedelta | None:
    if by_hand:
        return allowed_age((), by_hand=True, rhythm=key_result.check_in)
    if key_result.schedule is None:
        return passes.may_be
    return allowed_age((), schedule=_gap(key_result.schedule, at, zone))


@lru_cache(maxsize=256)
def _gap(schedule: Schedule, at: datetime, zone: Zone) -> timedelta:
    """Many key results share one."""
    return schedule.gap(at, zone)
