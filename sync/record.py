"""Carries a plan out: its check-ins, outcomes and readings enter the store together."""

from __future__ import annotations

from datetime import datetime

from mapping.assess import Failed, NoValue
from sync.plan import Plan, Step
from sync.store.store import KeyResultOutcome, RunRecord, Store


def record(plan: Plan, store: Store, finished_at: datetime) -> int:
    """Write what the plan says, all of it or nothing. Returns how many check-ins were new."""
    return store.record(
        RunRecord(
            started_at=plan.at,
            finished_at=finished_at,
            key_results=len(plan.steps),
            new=tuple(plan.new),
            outcomes=tuple(_outcome(step, plan.at) for step in plan.steps),
            answers=tuple((name, query.text(), outcome) for (name, query), outcome in plan.answers.items()),
        )
    )


def _outcome(step: Step, at: datetime) -> KeyResultOutcome:
    key_result = step.binding.key_result.id
    match step.assessment:
        case Failed() as failed:
            return KeyResultOutcome(
                key_result=key_result,
                at=at,
                state="unavailable",
                kind=failed.kind,
                cause=failed.cause,
                fix=failed.fix,
                temporary=failed.temporary,
            )
        case NoValue() as none:
            return KeyResultOutcome(key_result=key_result, at=at, state="no value", kind="NoValue", cause=none.cause)
        case _:
            return KeyResultOutcome(key_result=key_result, at=at, state="current")
