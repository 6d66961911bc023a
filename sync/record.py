"""Carries a plan out: its check-ins, outcomes and readings enter the store together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from secrets import token_hex

from sqlalchemy import Connection

from mapping.assess import CheckIn, Failed, Held, NewCheckIn, NoValue, Pinned, SetAside, Skipped, Unchanged
from mapping.facts import Step
from mapping.format import format_quantity
from mapping.model import Key, Open
from mapping.posting import Slot
from mapping.records import BACK, LEFT, OKR_FILE, Action, Candidate, KeyResultOutcome, Reason
from sync.plan import Plan
from sync.store.store import Recorded, RunRecord, Store


def new_run_id(at: datetime) -> str:
    """A name of its own for a run; names of later runs sort after it."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S%f}-{token_hex(4)}"


def record(
    plan: Plan,
    store: Store,
    finished_at: datetime,
    *,
    run_id: str | None = None,
    reason: Reason = "one-shot",
    token: int | None = None,
    only: Collection[str] = (),
    due: Mapping[Key, tuple[Slot, ...]] | None = None,
    beside: Callable[[Connection], None] = lambda _: None,
) -> Recorded:
    """Write what the plan says, all of it or nothing but for what the store can't keep. `token` is that of the
    lease, `due` where what is new is to be published; `beside` writes in the same transaction."""
    return store.record(
        RunRecord(
            run_id=run_id or new_run_id(plan.at),
            reason=reason,
            asked_at=plan.at,
            only=frozenset(only),
            started_at=plan.at,
            finished_at=finished_at,
            key_results=len(plan.steps),
            new=tuple(plan.new),
            outcomes=tuple(filter(None, (_outcome(step, plan.at) for step in plan.steps))),
            answers=tuple((name, query.text(), outcome) for (name, query), outcome in plan.answers.items()),
            candidates=tuple(filter(None, (_candidate(step, plan.at) for step in plan.steps))),
            definitions=plan.definitions,
            seen=plan.seen,
            adopted=tuple(filter(None, map(_renamed, plan.steps))),
            actions=tuple(filter(None, (_adjustment(step, plan.at) for step in plan.steps))),
            filed=tuple(_filed(plan)),
            due=due or {},
        ),
        token,
        beside,
    )


def _filed(plan: Plan) -> Iterator[Action]:
    for action, keys in ((LEFT, plan.moves.left), (BACK, plan.moves.back)):
        yield from (Action(key_result=key.id, cycle=key.cycle, at=plan.at, by=OKR_FILE, action=action) for key in keys)


def as_recorded(plan: Plan, made: Recorded) -> Plan:
    """The plan as it came out: what the store can't keep is that key result's trouble, and nothing is told as recorded
    of which a person spoke meanwhile."""
    steps = (_refused(step, made.refused.get(step.key_result.key)) for step in plan.steps)
    return replace(plan, steps=tuple(_aside(step) if step.key_result.key in made.aside else step for step in steps))


def _aside(step: Step) -> Step:
    match step.assessment:
        case NewCheckIn(check_in=made) | Held(check_in=made) | Pinned(check_in=made):
            return replace(step, assessment=SetAside(check_in=made))
    return step


def _refused(step: Step, fared: KeyResultOutcome | None) -> Step:
    if fared is None:
        return step
    failed = Failed(
        kind=fared.kind or "", cause=fared.cause or "", fix=fared.fix or "", connection=None, temporary=False
    )
    return replace(step, assessment=failed)


def _renamed(step: Step) -> CheckIn | None:
    """What is recorded already, where this version calls its meaning by another name."""
    known = step.assessment.check_in if isinstance(step.assessment, Unchanged) else None
    return known if known is not None and step.last is not None and known.recipe > step.last.recipe else None


def _outcome(step: Step, at: datetime) -> KeyResultOutcome | None:
    key = step.key_result.key
    fared = partial(KeyResultOutcome, key_result=key.id, cycle=key.cycle, at=at)
    match step.assessment:
        case Failed() as failed:
            return fared(
                state="unavailable", kind=failed.kind, cause=failed.cause, fix=failed.fix, temporary=failed.temporary
            )
        case NoValue() as none:
            return fared(state="no value", kind="NoValue", cause=none.cause)
        case Held(reason=reason):
            fix = f"Look at `okrsync explain {key.id}`, then `okrsync accept` or `okrsync reject` it."
            return fared(state="held", kind="Held", cause=reason, fix=fix)
        case Pinned():
            return fared(state="pinned")
        case Skipped():
            return None
        case _:
            return fared(state="current")


def _candidate(step: Step, at: datetime) -> Candidate | None:
    key = step.key_result.key
    match step.assessment:
        case Held(check_in=made, reason=reason):
            return Candidate(key_result=key.id, cycle=key.cycle, at=at, state="held", reason=reason, check_in=made)
        case Pinned(check_in=made):
            return Candidate(key_result=key.id, cycle=key.cycle, at=at, state="pinned", reason=None, check_in=made)
    return None


def _adjustment(step: Step, at: datetime) -> Action | None:
    """Another start, target or weight than at the last check-in, where the OKR file says so and not a metric."""
    if not isinstance(step.assessment, NewCheckIn) or step.last is None:
        return None
    if isinstance(step.key_result.measure, Open):
        return None
    before, after = dict(step.last.aims), dict(step.assessment.check_in.aims)
    changed = {name: (before.get(name), end) for name, end in after.items() if before.get(name) != end}
    if not before or not changed:
        return None
    details = {
        name: {"from": format_quantity(old) if old else None, "to": format_quantity(new)}
        for name, (old, new) in changed.items()
    }
    key = step.key_result.key
    return Action(key_result=key.id, cycle=key.cycle, at=at, by=OKR_FILE, action="adjusted", details=details)
