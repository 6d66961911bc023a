"""What is kept of a key result beside its check-ins: its outcomes, the values set aside, what people did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from mapping.assess import CheckIn
from mapping.model import OfKeyResult

OKR_FILE = "the OKR file"
"""The name for changes that no person made, but a changed file."""
CHECK_IN, NOTE, PIN, RESUME = "checked in", "noted", "pinned", "resumed"
FORGET = "forgotten"
FORGOTTEN = "a forgotten person"
"""What replaces the name of a forgotten person."""
LEFT, BACK = "removed", "named again"
"""The change when an OKR file no longer names a key result."""
SCORE, REVIEW, VOID = "scored", "reviewed", "voided"
CandidateState = Literal["held", "pinned", "accepted", "rejected", "dissolved"]
Closed = Literal["closed", "postponed", "cancelled", "reopened"]
State = Literal["current", "no value", "unavailable", "held", "pinned"]
Reason = Literal["schedule", "hook", "person", "one-shot"]
"""Why a run was made."""


@dataclass(frozen=True, kw_only=True)
class KeyResultOutcome(OfKeyResult):
    """The outcome of a key result in a run. `kind`, `cause` and `fix` are set unless it is current."""

    at: datetime
    state: State
    kind: str | None = None
    cause: str | None = None
    fix: str | None = None
    temporary: bool = False

    def same_as(self, other: KeyResultOutcome | None) -> bool:
        return other is not None and (self.state, self.kind, self.cause) == (other.state, other.kind, other.cause)


@dataclass(frozen=True, kw_only=True)
class LastRun:
    """`run_id` is the run's own name, as its log lines carry it."""

    run_id: str
    reason: Reason
    version: str
    started_at: datetime
    finished_at: datetime
    key_results: int
    check_ins: int
    failed: int


@dataclass(frozen=True, kw_only=True)
class Candidate(OfKeyResult):
    """A value that does not count: held for a person, or beside a person's pinned one; and what became of it."""

    at: datetime
    state: CandidateState
    reason: str | None
    check_in: CheckIn

    def same_as(self, other: Candidate | None) -> bool:
        return (
            other is not None
            and (self.state, self.reason) == (other.state, other.reason)
            and self.check_in.says_the_same_as(other.check_in)
        )


@dataclass(frozen=True, kw_only=True)
class Action(OfKeyResult):
    """Something that was done to a key result; `details` are for people."""

    at: datetime
    by: str
    action: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Said(OfKeyResult):
    """What a person said about it: a note, how sure they are (from 0 to 10), or that they checked in."""

    at: datetime
    by: str
    note: str | None = None
    confidence: int | None = None


@dataclass(frozen=True, kw_only=True)
class Closing(OfKeyResult):
    """How a key result ended, or that it was reopened. `score` is the person's, or the suggested one; None where
    nothing was ever known, or a person says that it does not count. `system` is who that was for the machine."""

    at: datetime
    by: str
    outcome: Closed
    suggested: Decimal | None
    score: Decimal | None
    note: str | None = None
    system: str | None = None
