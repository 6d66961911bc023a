"""What is known now: objectives with their key results, as last recorded, rolled up. For everything that shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from config.load import Workspace
from mapping.assess import CheckIn
from mapping.model import KeyResult, Level, Objective, Role
from mapping.progress import expected
from mapping.rollup import Part, RollUp, roll_up
from sync.store.store import KeyResultOutcome, LastRun, Store


@dataclass(frozen=True, kw_only=True)
class KeyResultView:
    """`stale` says why the value is not of the last pass; None where it is current or was never asked."""

    key_result: KeyResult
    check_in: CheckIn | None
    expected: Decimal
    stale: KeyResultOutcome | None


@dataclass(frozen=True, kw_only=True)
class ObjectiveView:
    objective: Objective
    key_results: tuple[KeyResultView, ...]
    initiatives: tuple[KeyResultView, ...]
    roll_up: RollUp


@dataclass(frozen=True, kw_only=True)
class Overview:
    at: datetime
    objectives: tuple[ObjectiveView, ...]
    kpis: tuple[KeyResultView, ...]
    last_run: LastRun | None


def overview(workspace: Workspace, store: Store, at: datetime) -> Overview:
    check_ins, outcomes = store.last_check_ins(), store.last_outcomes()

    def view(key_result: KeyResult) -> KeyResultView:
        outcome = outcomes.get(key_result.id)
        return KeyResultView(
            key_result=key_result,
            check_in=check_ins.get(key_result.id),
            expected=expected(key_result.period, at),
            stale=outcome if outcome and outcome.state != "current" else None,
        )

    def views(key_results: Iterable[KeyResult], role: Role) -> tuple[KeyResultView, ...]:
        return tuple(view(key_result) for key_result in key_results if key_result.role is role)

    def objective_view(objective: Objective) -> ObjectiveView:
        own = views(objective.key_results, Role.KEY_RESULT)
        return ObjectiveView(
            objective=objective,
            key_results=own,
            initiatives=views(objective.key_results, Role.INITIATIVE),
            roll_up=roll_up([_part(seen) for seen in own]),
        )

    return Overview(
        at=at,
        objectives=tuple(map(objective_view, sorted(workspace.objectives, key=_from_the_top))),
        kpis=views(workspace.kpis, Role.KPI),
        last_run=store.last_run(),
    )


def _from_the_top(objective: Objective) -> int:
    return list(Level).index(objective.level)


def _part(seen: KeyResultView) -> Part:
    return Part(
        weight=seen.key_result.weight,
        progress=seen.check_in.progress if seen.check_in else None,
        expected=seen.expected,
        status=seen.check_in.status if seen.check_in else None,
    )


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
