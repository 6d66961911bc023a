"""Advice on OKRs as they are written; nothing of it is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from config.by_hand import hand_made
from config.load import Workspace
from config.titles import contradiction
from mapping.model import Baseline, KeyResult, Milestone, Objective, Role, Toward

FEWEST, MOST = 2, 5
"""Key results of an objective; initiatives have no fewest."""
RHYTHM_FIX = "write how often a person must check in, such as `check_in: weekly`"
_MEASURABLE = re.compile(
    r"\d|%|\b(all|every|each|no|none|zero|never|half|double|twice|triple)\b|모든|모두|전체|전부|없|절반|두 배",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Advice:
    """`about` is the id of an objective or key result, or a file's name."""

    about: str
    text: str


def advice(workspace: Workspace) -> Iterator[Advice]:
    if not workspace.names_time_zone:
        fix = "write the zone in which you work, such as `time_zone: Europe/Berlin`"
        yield Advice(about=workspace.files[0].name, text=f"names no time_zone, so every day is a day of UTC: {fix}")
    manual = hand_made(workspace)
    by_id = {objective.id: objective for objective in workspace.objectives}
    for objective in workspace.objectives:
        yield from _on_objective(objective, by_id)
        for key_result in _own(objective):
            yield from _on_key_result(key_result, objective)
            if key_result.id in manual and key_result.check_in is None and not key_result.cancelled:
                yield Advice(about=key_result.id, text=f"is kept by hand, but nobody is reminded: {RHYTHM_FIX}")
    for kpi in workspace.kpis:
        yield from _on_numbers(kpi)
        if kpi.owner is None:
            yield Advice(about=kpi.id, text="has no owner")


def _own(objective: Objective) -> list[KeyResult]:
    return [one for one in objective.key_results if one.role is Role.KEY_RESULT]


def _on_objective(objective: Objective, by_id: Mapping[str, Objective]) -> Iterator[Advice]:
    own = _own(objective)
    if not FEWEST <= len(own) <= MOST:
        count = "1 key result" if len(own) == 1 else f"{len(own)} key results"
        yield Advice(about=objective.id, text=f"has {count}: write {FEWEST} to {MOST}, so that they show the direction")
    if len(objective.initiatives) > MOST:
        count = f"{len(objective.initiatives)} initiatives"
        yield Advice(about=objective.id, text=f"has {count}: people can't keep more than {MOST} in mind")
    ownerless = [one.id for one in own if one.owner is None]
    if objective.owner is None and (ownerless or not own):
        have = "have" if len(ownerless) > 1 else "has"
        nor = f", nor {have} {' and '.join(ownerless)}" if ownerless else ""
        yield Advice(about=objective.id, text=f"has no owner{nor}")
    if re.search(r"\d+\s*%|[$€]\s*\d", objective.title):
        yield Advice(
            about=objective.id,
            text="has a number in its title: let the objective say where to go, and put numbers into key results",
        )
    parent = by_id.get(objective.parent or "")
    if parent is not None and not _inside(objective, parent):
        yield Advice(
            about=objective.id,
            text=f"runs from {objective.period.start} to {objective.period.end}, but its parent "
            f"{parent.id} runs from {parent.period.start} to {parent.period.end}",
        )


def _inside(objective: Objective, parent: Objective) -> bool:
    return parent.period.start <= objective.period.start and objective.period.end <= parent.period.end


def _on_key_result(key_result: KeyResult, objective: Objective) -> Iterator[Advice]:
    measured = isinstance(key_result.measure, Baseline | Milestone) or _MEASURABLE.search(key_result.title)
    if not measured:
        yield Advice(about=key_result.id, text=f"has no number in its title: {key_result.title!r}")
    yield from _on_numbers(key_result)
    if key_result.period.end > objective.period.end:
        yield Advice(about=key_result.id, text=f"ends on {key_result.period.end}, later than its objective")


def _on_numbers(key_result: KeyResult) -> Iterator[Advice]:
    wrong = contradiction(key_result.title, key_result.measure) if isinstance(key_result.measure, Toward) else None
    if wrong:
        yield Advice(about=key_result.id, text=f"{wrong} (title: {key_result.title!r})")
