"""What is known, as data for scripts: exact decimal texts in base units (percentages and progress as fractions,
durations in seconds), times in ISO 8601."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from mapping.about import About
from mapping.assess import CheckIn, Input
from mapping.because import Because, Moved
from mapping.day import Zone
from mapping.facts import KeyResultView, ObjectiveReport, ObjectiveView, Overview, Step
from mapping.freshness import Age
from mapping.model import Key
from mapping.outlook import Outlook
from mapping.records import Action, KeyResultOutcome, Said
from views import ages
from views.because import causes
from views.derivation import derivation
from views.language import ENGLISH, Language
from views.words import outcome

FORMAT = 1
"""Another number is another form; new fields are none."""


def check_in(made: CheckIn) -> dict[str, Any]:
    return {
        "at": made.at.isoformat(),
        "value": str(made.value.amount),
        "unit": str(made.value.unit),
        "progress": _text(made.progress),
        "expected": str(made.expected),
        "status": made.status.value,
        "formula": made.formula,
        "filled": made.filled,
        "aims": {name: str(end.amount) for name, end in made.aims},
        "by": made.by,
        "note": made.note,
        "confidence": made.confidence,
    }


def plan(
    run: str, at: datetime, calls: Mapping[str, int], steps: Iterable[Step], left: Iterable[Key] = ()
) -> dict[str, Any]:
    """`left` are in no OKR file any more."""
    return {
        "format_version": FORMAT,
        "run": run,
        "at": at.isoformat(),
        "calls": dict(calls),
        "key_results": [_step(one) for one in steps],
        "left": [{"key_result": key.id, "cycle": key.cycle} for key in left],
    }


def _step(step: Step) -> dict[str, Any]:
    assessment = step.assessment
    data: dict[str, Any] = {"key_result": step.key_result.id, "outcome": outcome(step)}
    data["last"] = check_in(step.last) if step.last else None
    made = getattr(assessment, "check_in", None)
    data["check_in"] = check_in(made) if made else None
    for name in ("connection", "kind", "cause", "fix", "temporary", "reason"):
        if getattr(assessment, name, None) is not None:
            data[name] = getattr(assessment, name)
    return data


def overview(seen: Overview) -> dict[str, Any]:
    return {
        "format_version": FORMAT,
        "at": seen.at.isoformat(),
        "last_sync": seen.last_run.finished_at.isoformat() if seen.last_run else None,
        "objectives": [_objective(view) for view in seen.objectives],
        "kpis": [_key_result(view) for view in seen.kpis],
    }


def _objective(view: ObjectiveView) -> dict[str, Any]:
    return {
        "id": view.objective.id,
        "title": view.objective.title,
        **about(view.objective.about),
        "parent": view.objective.parent,
        "kind": view.objective.kind.value,
        "level": view.objective.level.value,
        "cycle": view.objective.period.name,
        "progress": _text(view.roll_up.progress),
        "status": _text(view.roll_up.status),
        "shown_status": view.shown_status.value,
        "known": view.roll_up.known,
        "total": view.roll_up.total,
        "value": str(view.roll_up.value.amount) if view.roll_up.value else None,
        "aligned": list(view.aligned),
        "in_files": view.in_files,
        "key_results": [_key_result(one) for one in view.key_results],
        "initiatives": [_key_result(one) for one in view.initiatives],
    }


def _key_result(view: KeyResultView) -> dict[str, Any]:
    return {
        "id": view.key_result.id,
        "title": view.key_result.title,
        "cycle": view.key_result.period.name,
        **about(view.key_result.about),
        "rhythm": _text(view.key_result.check_in),
        "progress": _text(view.progress),
        "expected": str(view.expected),
        "status": view.status.value if view.status else None,
        "shown_status": view.shown_status.value,
        "freshness": freshness(view.age),
        "cancelled": view.key_result.cancelled,
        "pinned": {"by": view.pinned.by, "at": view.pinned.at.isoformat()} if view.pinned else None,
        "beside": _beside(view),
        "check_in": check_in(view.check_in) if view.check_in else None,
        "note": _said(view.note, "note"),
        "confidence": _said(view.confidence, "confidence"),
        "stale": _stale(view.stale, "state", "kind", "cause"),
    }


def about(said: About) -> dict[str, Any]:
    """Who stands behind it, and what is said of it beside its numbers."""
    return {"owner": said.owner, **asdict(said)}


def explanation(view: KeyResultView, actions: Iterable[Action], zone: Zone) -> dict[str, Any]:
    """Its sentences are English, whoever reads it."""
    made = view.check_in
    return {
        "format_version": FORMAT,
        "key_result": view.key_result.id,
        "title": view.key_result.title,
        "check_in": {**check_in(made), "inputs": [_input(used) for used in made.inputs]} if made else None,
        "shown_status": view.shown_status.value,
        "freshness": freshness(view.age),
        "beside": _beside(view),
        "derivation": derivation(view.key_result, made, Language(zone=zone)) if made else [],
        "stale": _stale(view.stale, "kind", "cause", "fix"),
        "actions": [{**vars(one), "at": one.at.isoformat()} for one in actions],
    }


def roll_up(view: ObjectiveView, explained: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """An objective with what its progress is made of, and the explanations of its key results."""
    return {
        "format_version": FORMAT,
        "objective": view.objective.id,
        "title": view.objective.title,
        "progress": _text(view.roll_up.progress),
        "status": _text(view.roll_up.status),
        "parts": [
            {"id": one.id, "share": str(one.share), "progress": _text(one.progress), "status": _text(one.status)}
            for one in view.parts
        ],
        "key_results": list(explained),
    }


def report(made: ObjectiveReport) -> dict[str, Any]:
    return {
        "objective": made.objective.id,
        "kind": made.objective.kind.value,
        "score": _text(made.score),
        "verdict": made.verdict.value if made.verdict else None,
        "notes": list(made.notes),
        "key_results": [
            {
                "id": view.key_result.id,
                "progress": _text(view.progress),
                "outcome": closing.outcome,
                "suggested": _text(closing.suggested),
                "score": _text(closing.score),
                "note": closing.note,
                "by": closing.by,
            }
            for view, closing in made.views
        ],
    }


def why(told: Because | None, seen: Outlook, zone: Zone) -> dict[str, Any]:
    """Why a value is another than before, and where it goes; sentences are English."""
    language, made = Language(zone=zone), seen.forecast
    return {
        "because": None
        if told is None
        else {
            "since": told.before.at.isoformat(),
            "before": str(told.before.value.amount),
            "change": _text(told.change and told.change.amount),
            "method": told.method.value if told.method else None,
            "inputs": [_moved(one) for one in told.inputs],
            "sentences": [one.text for one in causes(told, language)],
        },
        "forecast": None
        if made is None
        else {
            "on": made.on.isoformat(),
            "value": str(made.value.amount),
            "low": str(made.low.amount),
            "high": str(made.high.amount),
            "values": made.values,
            "pace_a_week": str(made.pace.amount),
        },
        "pace_needed_a_week": _text(seen.pace_needed and seen.pace_needed.amount),
    }


def _moved(one: Moved) -> dict[str, Any]:
    before, after = one.rows
    return {
        "name": one.name,
        "before": _text(one.before and one.before.amount),
        "after": _text(one.after and one.after.amount),
        "share": _text(one.share and one.share.amount),
        "rows_before": before,
        "rows_after": after,
    }


def freshness(age: Age) -> dict[str, Any]:
    """How old a value is and may be, in seconds."""
    return {
        "state": age.state.value,
        "since": age.since.isoformat() if age.since else None,
        "cause": ages.why(age, ENGLISH),
        "confirmed_at": age.confirmed_at.isoformat() if age.confirmed_at else None,
        "age": _seconds(age.age),
        "may_be": _seconds(age.may_be),
    }


def _seconds(time: timedelta | None) -> int | None:
    return None if time is None else int(time.total_seconds())


def _beside(view: KeyResultView) -> dict[str, Any] | None:
    beside = view.beside
    if beside is None:
        return None
    return {"state": beside.state, "reason": beside.reason, "check_in": check_in(beside.check_in)}


def _said(told: Said | None, name: str) -> dict[str, Any] | None:
    return {"by": told.by, "at": told.at.isoformat(), name: getattr(told, name)} if told else None


def _stale(told: KeyResultOutcome | None, *names: str) -> dict[str, Any] | None:
    return {"since": told.at.isoformat(), **{name: getattr(told, name) for name in names}} if told else None


def _input(used: Input) -> dict[str, Any]:
    evidence = asdict(used.evidence)
    evidence |= {name: evidence[name].isoformat() for name in ("asked_at", "as_of")}
    unit = str(used.quantity.unit)
    return {"name": used.name, "amount": str(used.quantity.amount), "unit": unit, "evidence": evidence}


def _text(given: object) -> str | None:
    return None if given is None else str(given)
