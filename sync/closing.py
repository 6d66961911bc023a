"""Closing a cycle: each key result is scored, then closed or carried over into the next cycle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from config.load import Workspace
from mapping.facts import KeyResultView, ObjectiveReport, Overview
from mapping.format import format_quantity
from mapping.model import Key, of_objective
from mapping.progress import score, verdict
from mapping.quantity import CONTEXT
from mapping.records import REVIEW, SCORE, Action, Closed, Closing
from sync.publishing.contents import slots_of
from sync.store.store import Store
from sync.who import system_user


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the person who closes a cycle says, by key result; `notes` by objective too. A score of None does not
    count. `scored` is what was said before."""

    scores: Mapping[str, Decimal | None] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    postponed: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    scored: Mapping[Key, Action] = field(default_factory=dict)
    reviewed: Mapping[Key, Action] = field(default_factory=dict)


def suggested(view: KeyResultView) -> Decimal | None:
    """The score that progress suggests. A baseline has none, nor has what was never read."""
    return None if view.progress is None else score(view.progress)


def suggested_outcome(view: KeyResultView) -> Closed:
    """Nothing done is carried over, all else is done with."""
    return "postponed" if view.progress is not None and view.progress <= 0 else "closed"


def close(seen: Overview, cycle: str, at: datetime, by: str, said: Said) -> list[ObjectiveReport]:
    """What closing would write, by objective; key results that are closed already are left as they are."""
    reports = []
    for objective in seen.objectives:
        own = [view for view in objective.key_results if view.key_result.period.name == cycle]
        if not own:
            continue
        views = tuple((view, view.closing or _closing(view, cycle, at, by, said)) for view in own)
        mean = _mean(views)
        one = objective.objective
        judged = None if mean is None else verdict(score(mean), one.kind)
        before = said.reviewed.get(of_objective(one.id, cycle))
        note = said.notes.get(one.id, before.details["note"] if before else None)
        notes = (note,) if note else ()
        reports.append(ObjectiveReport(objective=one, views=views, score=mean, verdict=judged, notes=notes))
    return reports


def _closing(view: KeyResultView, cycle: str, at: datetime, by: str, said: Said) -> Closing:
    key, hint = view.key_result.id, suggested(view)
    if view.key_result.cancelled:
        return Closing(
            cycle=cycle, key_result=key, at=at, by=by, outcome="cancelled", suggested=hint, score=None,
            note=said.notes.get(key, view.key_result.cancelled), system=system_user(),
        )  # fmt: skip
    outcome: Closed = (
        "postponed" if key in said.postponed else "closed" if key in said.closed else suggested_outcome(view)
    )
    before = said.scored.get(view.key_result.key)
    details = before.details if before else {}
    given = _score_in(details) if before else hint
    return Closing(
        cycle=cycle,
        key_result=key,
        at=at,
        by=by,
        outcome=outcome,
        suggested=hint,
        score=said.scores.get(key, given),
        note=said.notes.get(key, details.get("note")),
        system=system_user(),
    )


def _mean(views: tuple[tuple[KeyResultView, Closing], ...]) -> Decimal | None:
    """By weight, of all that have a score: what was not begun or is put off was not reached either."""
    weighted = [(view.key_result.weight, closing.score) for view, closing in views if closing.score is not None]
    whole = sum((weight for weight, _ in weighted), Decimal(0))
    if not whole:
        return None
    return CONTEXT.divide(sum((weight * given for weight, given in weighted), Decimal(0)), whole)


def reopened(
    workspace: Workspace, store: Store, keys: list[str], at: datetime, by: str, notes: Mapping[str, str]
) -> list[str]:
    """Open these again, all or none. Returns those that are not closed, in which case nothing is written."""
    known = store.people.closings()
    wanted = [workspace.bindings[key].key_result.key for key in keys]
    if missing := [key.id for key in wanted if key not in known]:
        return missing
    made = [
        Closing(
            key_result=key.id, cycle=key.cycle, at=at, by=by, outcome="reopened", suggested=None, score=None,
            note=notes.get(key.id),
            system=system_user(),
        )
        for key in wanted
    ]  # fmt: skip
    store.people.close(made, due=slots_of(workspace))
    return []


def reviews(reports: list[ObjectiveReport], said: Said, cycle: str, at: datetime, by: str) -> list[Action]:
    """What is said now of objectives."""
    return [
        Action(
            key_result=key.id, cycle=key.cycle, at=at, by=by, action=REVIEW,
            details={"note": said.notes[report.objective.id], "system": system_user()},
        )
        for report in reports
        if report.objective.id in said.notes
        for key in [of_objective(report.objective.id, cycle)]
    ]  # fmt: skip


def scored(view: KeyResultView, given: Decimal | None, at: datetime, by: str, note: str | None) -> Action:
    """A person's score before the cycle is closed; None: it does not count."""
    key = view.key_result.key
    details = {"score": NOT_COUNTED if given is None else str(given), "note": note, "system": system_user()}
    if view.check_in is not None:
        details["value"] = format_quantity(view.check_in.value)
    return Action(key_result=key.id, cycle=key.cycle, at=at, by=by, action=SCORE, details=details)


NOT_COUNTED = "none"


def _score_in(details: Mapping[str, str]) -> Decimal | None:
    return None if details["score"] == NOT_COUNTED else Decimal(details["score"])
