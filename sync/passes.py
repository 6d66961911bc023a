"""A pass is one operation, whoever calls for it: the command line, the schedule, or a webhook.

plan -> ask -> assess -> record -> publish. Every log line in between, from whatever thread, carries the run's id and
its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import nullcontext
from dataclasses import dataclass, replace

import structlog
from structlog.contextvars import bound_contextvars

from config.load import Workspace
from connectors.base import Clock
from mapping.day import day_of
from mapping.posting import Preview
from mapping.records import Reason
from sync.connections import opened
from sync.gone import moves
from sync.lease import lease
from sync.plan import Plan, make_plan
from sync.publishing.contents import keys_of, slots_of
from sync.publishing.previewing import preview
from sync.publishing.sending import Published, publish
from sync.record import as_recorded, new_run_id, record
from sync.standing import standing_of
from sync.store.remembered import Remembered
from sync.store.store import Store
from sync.zones import tell_zone

log = structlog.get_logger("sync.passes")
NOTHING_PUBLISHED = Published()


@dataclass(frozen=True, kw_only=True)
class Pass:
    """One run: why it was made, what came out, how many check-ins it recorded (none where it was dry), and what became
    of publishing them: what was published, or for a dry one what would be."""

    run_id: str
    reason: Reason
    plan: Plan
    recorded: int
    published: Published = NOTHING_PUBLISHED
    previews: tuple[Preview, ...] = ()


def run_pass(
    workspace: Workspace,
    store: Store,
    clock: Clock,
    *,
    reason: Reason,
    only: Collection[str] = (),
    dry: bool = False,
    on_answer: Callable[[], None] = lambda: None,
) -> Pass:
    """Ask the sources of these key results (all, if none is named), assess the answers and record what came out.

    A dry pass asks and assesses, and writes nothing. Any other waits for the one that is running, as long as its own
    deadline; then nothing is asked. `on_answer` is called at each answer, from several threads.
    Raises StoreError; what a source does wrong is part of the plan.
    """
    started = clock()
    run_id = new_run_id(started)
    with bound_contextvars(workspace=workspace.name, run=run_id, reason=reason):
        recorded, published, previews = 0, NOTHING_PUBLISHED, tuple[Preview, ...]()
        with nullcontext(None) if dry else lease(store, workspace.deadline) as token:
            remembered = store.remembered(clock)
            plan = _asked(workspace, store, clock, only, on_answer, remembered)
            plan = replace(plan, moves=moves(workspace, store, day_of(plan.at, workspace.time_zone)))
            if not dry:
                tell_zone(store, workspace.time_zone, plan.at, token)
                due = slots_of(workspace)
                made = record(plan, store, clock(), run_id=run_id, reason=reason, token=token, due=due)
                plan, recorded = as_recorded(plan, made), made.check_ins
                chosen = keys_of(workspace, only)
                published = publish(workspace, store, clock, token, only=chosen, memory_of=remembered.of)
                remembered.keep(token)
            else:
                previews = preview(workspace, store, clock, plan.new, only=keys_of(workspace, only))
        log.info(
            "pass planned" if dry else "pass recorded",
            key_results=len(plan.steps),
            check_ins=len(plan.new) if dry else recorded,
            troubled=len(plan.troubled),
            held=len(plan.held),
            calls=sum(plan.calls.values()),
            published=published.sent,
            unpublished=len(published.troubled),
            seconds=round((clock() - started).total_seconds(), 3),
        )
    return Pass(run_id=run_id, reason=reason, plan=plan, recorded=recorded, published=published, previews=previews)


def _asked(
    workspace: Workspace,
    store: Store,
    clock: Clock,
    only: Collection[str],
    on_answer: Callable[[], None],
    remembered: Remembered,
) -> Plan:
    bindings = [binding for key, binding in workspace.bindings.items() if not only or key in only]
    needed = sorted({metric.connection for binding in bindings for metric in binding.metrics.values()})
    last = store.last_check_ins()
    standing = standing_of(store, workspace.time_zone, last)
    with opened(workspace.connections, needed, clock, workspace.time_zone, remembered.of) as connectors:
        return make_plan(
            workspace, connectors, last, clock(), standing=standing, only=frozenset(only), on_answer=on_answer
        )
