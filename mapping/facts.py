"""What is known, in the shapes that everything shows: a plan's steps, the overview of now, the events of a history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from mapping.assess import Assessment, CheckIn
from mapping.freshness import Age, Freshness, shown_status
from mapping.model import KeyResult, Objective, Status
from mapping.progress import Verdict
from mapping.records import Action, Candidate, Closing, KeyResultOutcome, LastRun, Said
from mapping.rollup import RollUp


@dataclass(frozen=True, kw_only=True)
class Step:
    """One key result in a plan: what is known of it, and what the pass makes of the answers."""

    key_result: KeyResult
    last: CheckIn | None
    assessment: Assessment


@dataclass(frozen=True, kw_only=True)
class KeyResultView:
    """`progress`, `expected` and `status` are those of this moment, for time passes over a recorded value too. `stale`
    says why the value is not of the last pass; None where it is current or was never asked. `age` is how old the value
    is, and may be. `beside` is what the sources say and does not count: held, or beside a pinned value. `note` and
    `confidence` are the last ones."""

    key_result: KeyResult
    check_in: CheckIn | None
    progress: Decimal | None
    expected: Decimal
    status: Status | None
    stale: KeyResultOutcome | None
    age: Age
    beside: Candidate | None = None
    pinned: Action | None = None
    closing: Closing | None = None
    note: Said | None = None
    confidence: Said | None = None

    @property
    def shown_status(self) -> Status | Freshness:
        """What people see: silence is never green."""
        return shown_status(self.status, self.age)


@dataclass(frozen=True, kw_only=True)
class NamedPart:
    """A key result or an aligned objective in a roll-up, by its id, with its share of the whole."""

    id: str
    title: str
    share: Decimal
    progress: Decimal | None
    status: Status | None


@dataclass(frozen=True, kw_only=True)
class ObjectiveView:
    """`aligned` are the ids of the objectives that serve this one and count in its roll-up; `parts` is what the roll-up
    was made of. One that is not `in_files` any more is as its file said it last."""

    objective: Objective
    key_results: tuple[KeyResultView, ...]
    initiatives: tuple[KeyResultView, ...]
    roll_up: RollUp
    aligned: tuple[str, ...] = ()
    parts: tuple[NamedPart, ...] = ()
    in_files: bool = True

    @property
    def shown_status(self) -> Status | Freshness:
        """Of which no part is known, or young enough to count, has no status."""
        return self.roll_up.status or Freshness.UNKNOWN


@dataclass(frozen=True, kw_only=True)
class Overview:
    at: datetime
    objectives: tuple[ObjectiveView, ...]
    kpis: tuple[KeyResultView, ...]
    last_run: LastRun | None


def find(seen: Overview, key_result: str) -> KeyResultView:
    """The view of one key result, initiative or KPI. Raises KeyError."""
    for objective in seen.objectives:
        for view in (*objective.key_results, *objective.initiatives):
            if view.key_result.id == key_result:
                return view
    for view in seen.kpis:
        if view.key_result.id == key_result:
            return view
    raise KeyError(key_result)


@dataclass(frozen=True, kw_only=True)
class ObjectiveReport:
    """`score` is the mean of its key results' by weight; None where none is known. `notes` look back on it, oldest
    first."""

    objective: Objective
    views: tuple[tuple[KeyResultView, Closing], ...]
    score: Decimal | None
    verdict: Verdict | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Event:
    """One of them is set. A `rebuilt` value is of that moment as its sources tell it today; a person says of a `void`
    one that it was wrong."""

    at: datetime
    check_in: CheckIn | None = None
    rebuilt: CheckIn | None = None
    action: Action | None = None
    closing: Closing | None = None
    void: bool = False

    @property
    def value(self) -> CheckIn | None:
        return self.check_in or self.rebuilt
