"""Advice on OKRs as they are written; nothing of it is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from config.load import Workspace
from mapping.model import Baseline, KeyResult, Kind, Milestone, Objective, Role

IDEAL = range(3, 6)
"""Three to five key results, and three to five initiatives, for an objective."""
_MEASURABLE = re.compile(r"\d|%")


@dataclass(frozen=True, kw_only=True)
class Advice:
    """`about` is the id of an objective or key result."""

    about: str
    text: str


def advice(workspace: Workspace) -> Iterator[Advice]:
    by_id = {objective.id: objective for objective in workspace.objectives}
    for objective in workspace.objectives:
        yield from _on_objective(objective, by_id)
        for key_result in objective.key_results:
            if key_result.role is Role.KEY_RESULT:
                yield from _on_key_result(key_result, objective)


def _on_objective(objective: Objective, by_id: Mapping[str, Objective]) -> Iterator[Advice]:
    own = [one for one in objective.key_results if one.role is Role.KEY_RESULT]
    if len(own) not in IDEAL:
        yield Advice(about=objective.id, text=f"has {len(own)} key results; three to five are enough to steer by")
    if objective.initiatives and len(objective.initiatives) not in IDEAL:
        count = len(objective.initiatives)
        yield Advice(about=objective.id, text=f"has {count} initiatives; three to five can be kept in mind")
    if objective.owner is None:
        yield Advice(about=objective.id, text="has no owner")
    if re.search(r"\d+\s*%|[$€]\s*\d", objective.title):
        yield Advice(
            about=objective.id, text="has a number in its title: say where to go, and leave numbers to key results"
        )
    parent = by_id.get(objective.parent or "")
    if parent is not None and not _inside(objective, parent):
        yield Advice(
            about=objective.id,
            text=f"runs from {objective.period.start} to {objective.period.end}, outside of {parent.id}, which it "
            f"serves ({parent.period.start} to {parent.period.end})",
        )


def _inside(objective: Objective, parent: Objective) -> bool:
    return parent.period.start <= objective.period.start and objective.period.end <= parent.period.end


def _on_key_result(key_result: KeyResult, objective: Objective) -> Iterator[Advice]:
    if key_result.owner is None and objective.owner is None:
        yield Advice(about=key_result.id, text="has no owner, nor has its objective")
    elif key_result.owner is None:
        yield Advice(about=key_result.id, text="has no owner of its own")
    measured = isinstance(key_result.measure, Baseline | Milestone) or _MEASURABLE.search(key_result.title)
    if not measured:
        yield Advice(about=key_result.id, text=f"does not say its number in the title: {key_result.title!r}")
    if key_result.period.end > objective.period.end:
        yield Advice(about=key_result.id, text=f"ends on {key_result.period.end}, after its objective")


def sentence(objective: Objective) -> str:
    """The objective as one sentence: I will ... as measured by ... through ..."""
    own = [one.title for one in objective.key_results if one.role is Role.KEY_RESULT]
    measured = f" as measured by {_joined(own)}" if own else ""
    through = f" through {_joined(list(objective.initiatives))}" if objective.initiatives else ""
    hope = "I will" if objective.kind is Kind.COMMITTED else "I want to"
    return f"{hope} {_lowered(objective.title)}{measured}{through}."


def _joined(texts: list[str]) -> str:
    lowered = [_lowered(text.rstrip(".")) for text in texts]
    return lowered[0] if len(lowered) == 1 else f"{', '.join(lowered[:-1])} and {lowered[-1]}"


def _lowered(text: str) -> str:
    """A sentence's first word in the middle of another; names and abbreviations keep their capitals."""
    first, _, rest = text.partition(" ")
    return f"{first[:1].lower()}{first[1:]} {rest}".rstrip() if first[1:].islower() or len(first) == 1 else text
