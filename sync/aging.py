"""How old each value is, from what is recorded of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from config.load import Workspace
from mapping.assess import CheckIn
from mapping.freshness import PASSES, Age, Fared, Freshness, age_of, allowed_age
from mapping.model import KeyResult
from mapping.records import KeyResultOutcome
from sync.store.store import Store

MANUAL = "manual"
"""The connection type of what people write into the OKR files."""
_STATES = {"unavailable": Freshness.UNAVAILABLE, "no value": Freshness.NO_VALUE}


@dataclass(frozen=True, kw_only=True)
class Passes:
    """When the sources were asked, oldest first, and how old a value of theirs may be."""

    asked: Sequence[datetime]
    may_be: timedelta | None

    @classmethod
    def of(cls, store: Store, until: datetime | None = None) -> Passes:
        asked = store.trails.passes(PASSES, until)
        return cls(asked=asked, may_be=allowed_age(asked))

    def last(self, before: datetime | None) -> datetime | None:
        """The last one, or the last one before that moment."""
        place = len(self.asked) if before is None else bisect_left(self.asked, before)
        return self.asked[place - 1] if place else None


def age(
    key_result: KeyResult,
    made: CheckIn | None,
    outcome: KeyResultOutcome | None,
    passes: Passes,
    at: datetime,
    today: date,
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
        asked = passes.last(outcome.at if outcome and outcome.state != "current" else None)
        if not by_hand and outcome is not None and asked is not None:
            confirmed = max(confirmed, asked)
    may_be = allowed_age((), by_hand=True, rhythm=key_result.check_in) if by_hand else passes.may_be
    over = ended or today > key_result.last_day
    return age_of(at, confirmed_at=confirmed, may_be=may_be, fared=None if ended else fared, ended=over)


def hand_made(workspace: Workspace) -> frozenset[str]:
    """The key results whose values come from people alone."""
    return frozenset(
        key
        for key, binding in workspace.bindings.items()
        if all(workspace.connections[one.connection].spec.name == MANUAL for one in binding.metrics.values())
    )
