"""What is kept of a key result beside its check-ins: how it fared, what is set aside, what people did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from mapping.assess import CheckIn
from mapping.model import OfKeyResult

OKR_FILE = "the OKR file"
"""Who did it, where nobody did but a file that says another thing than before."""
CHECK_IN, NOTE, PIN, RESUME = "checked in", "noted", "pinned", "resumed"
FORGET = "forgotten"
FORGOTTEN = "a forgotten person"
"""Who stands where a person's name was."""
LEFT, BACK = "removed", "named again"
"""What an OKR file did to a key result by naming it no more."""
SCORE, REVIEW, VOID = "scored", "reviewed", "voided"
CandidateState = Literal["held", "pinned", "accepted", "rejected", "dissolved"]
Closed = Literal["closed", "postponed", "cancelled", "reopened"]
State = Literal["current", "no value", "unavailable", "held", "pinned"]
Reason = Literal["schedule", "hook", "person", "one-shot"]
"""Why a run was made."""


@dataclass(frozen=True, kw_only=True)
class KeyResultOutcome(OfKeyResult):
    """How a key result fared. `kind`, `cause` and `fix` are set unless it is current."""

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
    """What a person said of it: a note, how sure they are (of 10), or that they checked in at all."""

    at: datetime
    by: str
    note: str | None = None
    confidence: int | None = None


@dataclass(frozen=True, kw_only=True)
class Closing(OfKeyResult):
    """How a key result ended, or that it was opened again. `score` is the person's, or the suggested one; None where
    nothing was ever known, or a person says that it does not count. `system` is who that was for the machine."""

    at: datetime
    by: str
    outcome: Closed
    suggested: Decimal | None
    score: Decimal | None
    note: str | None = None
    system: str | None = None
