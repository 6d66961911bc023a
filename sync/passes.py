"""A pass is one operation, whoever calls for it: the command line, the schedule, or a webhook.

plan -> ask -> assess -> record -> publish. Every log line in between, from whatever thread, carries the run's id and
its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import structlog
from sqlalchemy import Connection
from structlog.contextvars import bound_contextvars

from config.load import Workspace
from connectors.base import Clock
from mapping.day import day_of
from mapping.model import Key
from mapping.posting import Preview
from mapping.records import Reason
from sync.connections import opened
from sync.editions import keep_last
from sync.gone import moves
from sync.health import health_of, tell_changes
from sync.lease import lease
from sync.plan import Plan, make_plan
from sync.publishing.contents import keys_of, slots_of
from sync.publishing.previewing import preview
from sync.publishing.sending import Published, publish
from sync.record import as_recorded, new_run_id, record
from sync.standing import standing_of
from sync.store.conditions import ASKED, HEALTH, Condition, tell
from sync.store.inbox import settle
from sync.store.remembered import Remembered
from sync.store.store import Store
from sync.ticks import fully_asked
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


@dataclass(frozen=True, kw_only=True)
class Errand:
    """Which key results are to be asked, and why. `touches` are settled when that is recorded."""

    key_results: frozenset[str]
    reason: Reason
    touches: tuple[int, ...] = ()


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
    run_id = new_run_id(clock())
    with bound_contextvars(workspace=workspace.name, run=run_id, reason=reason):
        errand = Errand(key_results=frozenset(only or workspace.bindings), reason=reason)
        if dry:
            return _planned(workspace, store, clock, errand, run_id, on_answer)
        with lease(store, workspace.deadline) as token:
            if not only:
                touches = tuple(touch.id for touch in store.inbox.waiting(clock()))
                errand = replace(errand, touches=touches)
            return _recorded(workspace, store, clock, errand, run_id, token, on_answer)


def run_errand(
    workspace: Workspace, store: Store, clock: Clock, choose: Callable[[], Errand | None], *, wait: float
) -> Pass | None:
    """A pass over what is found to be due once no other pass is running; None where nothing is. Raises StoreError."""
    run_id = new_run_id(clock())
    with bound_contextvars(workspace=workspace.name, run=run_id):
        with lease(store, wait) as token:
            errand = choose()
            if errand is None:
                return None
            with bound_contextvars(reason=errand.reason):
                return _recorded(workspace, store, clock, errand, run_id, token, lambda: None)


def _planned(
    workspace: Workspace, store: Store, clock: Clock, errand: Errand, run_id: str, on_answer: Callable[[], None]
) -> Pass:
    started = clock()
    plan = _asked(workspace, store, clock, errand.key_results, on_answer, store.remembered(clock))
    tell_changes(health_of(plan, {}), {})
    previews = preview(workspace, store, clock, plan.new, only=_published_of(workspace, errand))
    made = Pass(run_id=run_id, reason=errand.reason, plan=plan, recorded=0, previews=previews)
    _say("pass planned", made, len(plan.new), (clock() - started).total_seconds())
    return made


def _recorded(
    workspace: Workspace,
    store: Store,
    clock: Clock,
    errand: Errand,
    run_id: str,
    token: int,
    on_answer: Callable[[], None],
) -> Pass:
    started = clock()
    remembered, before = store.remembered(clock), store.conditions.of(HEALTH)
    plan = _asked(workspace, store, clock, errand.key_results, on_answer, remembered)
    tell_zone(store, workspace.time_zone, plan.at, token)
    healths = health_of(plan, before)
    asked = [
        Condition(kind=ASKED, name=schedule, value=None, at=plan.at)
        for schedule in fully_asked(workspace, errand.key_results)
    ]

    def beside(connection: Connection) -> None:
        tell(connection, [*healths, *asked])
        settle(connection, errand.touches)

    made = record(
        plan,
        store,
        clock(),
        run_id=run_id,
        reason=errand.reason,
        token=token,
        due=slots_of(workspace),
        beside=beside,
        only=() if workspace.bindings.keys() <= errand.key_results else errand.key_results,
    )
    plan, recorded = as_recorded(plan, made), made.check_ins
    keep_last(workspace, store, plan.at, token)
    tell_changes(healths, before)
    chosen = _published_of(workspace, errand)
    published = publish(workspace, store, clock, token, only=chosen, memory_of=remembered.of)
    remembered.keep(token)
    done = Pass(run_id=run_id, reason=errand.reason, plan=plan, recorded=recorded, published=published)
    _say("pass recorded", done, recorded, (clock() - started).total_seconds())
    return done


def _published_of(workspace: Workspace, errand: Errand) -> frozenset[Key] | None:
    """What of an errand may be published; None for all."""
    if workspace.bindings.keys() <= errand.key_results:
        return None
    return keys_of(workspace, errand.key_results & workspace.bindings.keys()) or frozenset()


def _say(what: str, made: Pass, check_ins: int, seconds: float) -> None:
    plan = made.plan
    for key in plan.moves.left:
        log.warning("in no OKR file any more", key_result=key.id, cycle=key.cycle)
    log.info(
        what,
        key_results=len(plan.steps),
        check_ins=check_ins,
        troubled=len(plan.troubled),
        held=len(plan.held),
        calls=sum(plan.calls.values()),
        published=made.published.sent,
        unpublished=len(made.published.troubled),
        seconds=round(seconds, 3),
    )


def _asked(
    workspace: Workspace,
    store: Store,
    clock: Clock,
    only: Collection[str],
    on_answer: Callable[[], None],
    remembered: Remembered,
) -> Plan:
    bindings = [binding for key, binding in workspace.bindings.items() if key in only]
    needed = sorted({metric.connection for binding in bindings for metric in binding.metrics.values()})
    last = store.last_check_ins()
    standing = standing_of(store, workspace.time_zone, last)
    with opened(workspace.connections, needed, clock, workspace.time_zone, remembered.of) as connectors:
        plan = make_plan(
            workspace, connectors, last, clock(), standing=standing, only=frozenset(only), on_answer=on_answer
        )
    return replace(plan, moves=moves(workspace, store, day_of(plan.at, workspace.time_zone)))
