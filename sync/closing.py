"""Closing a cycle: each key result is scored, then closed or carried over into the next cycle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from config.load import Workspace
from mapping.facts import KeyResultView, ObjectiveReport, Overview
from mapping.format import format_quantity
from mapping.model import Baseline, Cycle, Toward, parse_cycle
from mapping.progress import score, verdict
from mapping.quantity import CONTEXT
from mapping.records import Closed, Closing
from mapping.units import PERCENT


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the person who closes a cycle says, by key result."""

    scores: Mapping[str, Decimal] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    postponed: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()


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
        mean = _mean([(view, closing) for view, closing in views if closing.outcome == "closed"])
        judged = None if mean is None else verdict(score(mean), objective.objective.kind)
        reports.append(ObjectiveReport(objective=objective.objective, views=views, score=mean, verdict=judged))
    return reports


def _closing(view: KeyResultView, cycle: str, at: datetime, by: str, said: Said) -> Closing:
    key, hint = view.key_result.id, suggested(view)
    outcome: Closed = (
        "postponed" if key in said.postponed else "closed" if key in said.closed else suggested_outcome(view)
    )
    return Closing(
        cycle=cycle,
        key_result=key,
        at=at,
        by=by,
        outcome=outcome,
        suggested=hint,
        score=said.scores.get(key, hint),
        note=said.notes.get(key),
    )


def _mean(views: list[tuple[KeyResultView, Closing]]) -> Decimal | None:
    weighted = [(view.key_result.weight, closing.score) for view, closing in views if closing.score is not None]
    whole = sum((weight for weight, _ in weighted), Decimal(0))
    if not whole:
        return None
    return CONTEXT.divide(sum((weight * given for weight, given in weighted), Decimal(0)), whole)


def next_cycle(cycle: Cycle) -> Cycle:
    """The quarter, half or year after, or as many days for a cycle of its own. Raises nothing."""
    after = cycle.end + timedelta(days=1)
    kind = cycle.name.rpartition("-")[2][:1]
    names = {"Q": f"{after.year}-Q{(after.month + 2) // 3}", "H": f"{after.year}-H{1 if after.month < 7 else 2}"}
    name = names.get(kind) if cycle.name[:4].isdigit() else None
    if name is None and cycle.name.isdigit():
        name = str(after.year)
    if name is not None:
        return parse_cycle(name)
    return Cycle(name=f"after {cycle.name}", start=after, end=after + (cycle.end - cycle.start))


def carried_over(reports: list[ObjectiveReport], workspace: Workspace) -> str:
    """The postponed key results as an OKR file of the next cycle: from where they stand to their target. A percentage
    of work begins again at its start."""
    lines: list[str] = []
    for report in reports:
        kept = [view for view, closing in report.views if closing.outcome == "postponed"]
        if not kept:
            continue
        following = next_cycle(report.objective.period)
        if not lines:
            lines += [f"cycle: {_cycle(following)}", "objectives:"]
        lines += [
            f"  - id: {_text(f'{report.objective.id}-{following.name}')}",
            f"    title: {_text(report.objective.title)}",
            f"    level: {report.objective.level.value}",
            f"    kind: {report.objective.kind.value}",
            *([f"    owner: {_text(report.objective.owner)}"] if report.objective.owner else []),
            "    key_results:",
            *(line for view in kept for line in _key_result(view, following, workspace)),
        ]
    return "\n".join(lines) + "\n" if lines else ""


def _key_result(view: KeyResultView, following: Cycle, workspace: Workspace) -> list[str]:
    made, binding = view.check_in, workspace.bindings[view.key_result.id]
    given = dict(binding.source.at(binding.path))
    given["id"] = f"{view.key_result.id}-{following.name}"
    given.pop("cycle", None)
    given.pop("phases", None)
    given.pop("tests", None)
    starts_again = isinstance(view.key_result.measure, Toward) and view.key_result.unit == PERCENT
    if made is not None and "start" in given and not starts_again and not isinstance(view.key_result.measure, Baseline):
        given["start"] = format_quantity(made.value)
    return [f"      - {_flow(given)}"]


def _cycle(cycle: Cycle) -> str:
    if cycle.name.startswith("after "):
        return f"{{name: {_text(cycle.name)}, start: {cycle.start}, end: {cycle.end}}}"
    return cycle.name


def _flow(given: object) -> str:
    """A value in one line of YAML."""
    if isinstance(given, Mapping):
        return "{" + ", ".join(f"{_text(str(key))}: {_flow(value)}" for key, value in given.items()) + "}"
    if isinstance(given, list | tuple):
        return "[" + ", ".join(map(_flow, given)) + "]"
    if isinstance(given, bool):
        return "true" if given else "false"
    if given is None:
        return "null"
    return str(given) if isinstance(given, int | Decimal | date) else _text(str(given))


def _text(given: str) -> str:
    """Quoted, unless it is plain beyond doubt."""
    plain = given.replace("-", "").replace("_", "").isalnum() and given[:1].isalpha()
    if plain and given.lower() not in _WORDS:
        return given
    escaped = given.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
