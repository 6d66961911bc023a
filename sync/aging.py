"""How old each value is, from what is recorded of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from config.load import Workspace
from mapping.assess import CheckIn
from mapping.day import Zone, day_of
from mapping.freshness import PASSES, Age, Fared, Freshness, age_of, allowed_age
from mapping.model import KeyResult
from mapping.records import KeyResultOutcome
from mapping.schedule import Schedule
from sync.store.asking import ALL
from sync.store.store import Store

MANUAL = "manual"
"""The connection type of what people write into the OKR files."""
_STATES = {"unavailable": Freshness.UNAVAILABLE, "no value": Freshness.NO_VALUE}


@dataclass(frozen=True, kw_only=True)
class Passes:
    """When the sources were asked, oldest first, and how old a value of theirs may be where nothing else says it. `own`
    is when each was asked last by passes that did not ask all."""

    asked: Sequence[datetime]
    may_be: timedelta | None
    own: Mapping[str, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, store: Store, until: datetime | None = None) -> Passes:
        """Of a moment that is past it is known when passes were, not whom they asked."""
        asked = store.trails.passes(PASSES, until)
        return cls(asked=asked, may_be=allowed_age(asked), own=store.trails.asked() if until is None else {})

    def last(self, key_result: str, before: datetime | None) -> datetime | None:
        """When it was asked last, or last before that moment."""
        if before is None and self.own:
            return max((self.own[name] for name in (key_result, ALL) if name in self.own), default=None)
        place = len(self.asked) if before is None else bisect_left(self.asked, before)
        return self.asked[place - 1] if place else None


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
    fared = None
    if outcome is not None and (state := _STATES.get(outcome.state)) is not None:
        fared = Fared(state=state, at=outcome.at, cause=outcome.cause, fix=outcome.fix)
    confirmed = None
    if made is not None:
        confirmed = made.as_of if by_hand else made.asked_at
        # A pass that changed nothing says that it is so still.
        asked = passes.last(key_result.id, outcome.at if outcome and outcome.state != "current" else None)
        if not by_hand and outcome is not None and asked is not None:
            confirmed = max(confirmed, asked)
    may_be = _may_be(key_result, passes, at, zone, by_hand=by_hand)
    over = ended or day_of(at, zone) > key_result.last_day
    return age_of(at, confirmed_at=confirmed, may_be=may_be, fared=None if ended else fared, ended=over)


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


def hand_made(workspace: Workspace) -> frozenset[str]:
    """The key results whose values come from people alone."""
    return frozenset(
        key
        for key, binding in workspace.bindings.items()
        if all(workspace.connections[one.connection].spec.name == MANUAL for one in binding.metrics.values())
    )
