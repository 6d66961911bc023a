"""How a workspace is kept current: what people and monitors ask of it, wherever they ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from config.load import Workspace
from mapping.records import LastRun
from mapping.schedule import Schedule
from sync.store.conditions import ASKED, FILES, HEALTH, WORKER, Condition
from sync.store.inbox import Waiting
from sync.store.store import Store
from sync.store.subscribed import Subscription
from sync.ticks import by_schedule, next_tick

LIVES = timedelta(minutes=3)
"""For how long a worker is taken to live after it was heard of."""
HEARD = timedelta(minutes=1)
"""How often a worker tells that it lives."""


@dataclass(frozen=True, kw_only=True)
class Scheduled:
    schedule: Schedule
    key_results: int
    asked_at: datetime | None
    next_at: datetime


@dataclass(frozen=True, kw_only=True)
class ConnectionState:
    """`health` is None where it was never asked, `rung_at` where nothing ever rang."""

    name: str
    type: str
    health: Condition | None
    rung_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Situation:
    """`workers` are those that live; without any, nobody keeps the workspace current but one-shot runs."""

    workspace: str
    at: datetime
    last_run: LastRun | None
    next_at: datetime | None
    quiet_until: datetime | None
    schedules: Sequence[Scheduled]
    connections: Sequence[ConnectionState]
    touches: Waiting
    subscriptions: Sequence[Subscription]
    problems: Sequence[dict[str, Any]]
    problems_since: datetime | None
    workers: Sequence[Condition]


def situation(workspace: Workspace, store: Store, at: datetime) -> Situation:
    zone, conditions = workspace.time_zone, store.conditions
    asked = {name: one.at for name, one in conditions.of(ASKED).items()}
    healths, rung, files = conditions.of(HEALTH), store.inbox.last_calls(), conditions.of(FILES).get("")
    quiet = workspace.serving.quiet
    return Situation(
        workspace=workspace.name,
        at=at,
        last_run=store.last_run(),
        next_at=next_tick(workspace, asked, at),
        quiet_until=quiet.until(at, zone) if quiet else None,
        schedules=[
            Scheduled(schedule=one, key_results=len(keys), asked_at=asked.get(one.text), next_at=one.next(at, zone))
            for one, keys in by_schedule(workspace).items()
        ],
        connections=[
            ConnectionState(name=name, type=one.spec.name, health=healths.get(name), rung_at=rung.get(name))
            for name, one in workspace.connections.items()
        ],
        touches=store.inbox.state(at),
        subscriptions=store.subscriptions.all(),
        problems=files.value if files else [],
        problems_since=files.at if files else None,
        workers=[one for one in conditions.of(WORKER).values() if at - one.at <= LIVES],
    )
