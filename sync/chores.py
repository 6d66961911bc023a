"""What is done beside the passes: rarely, and by one at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.load import Workspace
from mapping.schedule import Schedule, parse_schedule
from sync.store.store import Store
from sync.thinning import thin

REPEATED = timedelta(hours=48)
"""For how long a webhook that comes again is known."""


@dataclass(frozen=True, kw_only=True)
class Chore:
    name: str
    schedule: Schedule
    do: Callable[[Workspace, Store, Callable[[], datetime]], None]
    wanted: Callable[[Workspace], bool] = lambda _: True


def _thin(workspace: Workspace, store: Store, clock: Callable[[], datetime]) -> None:
    thin(store, clock() - timedelta(days=workspace.serving.thin_after), workspace.time_zone, clock)


def _forget_calls(_: Workspace, store: Store, clock: Callable[[], datetime]) -> None:
    store.inbox.prune(clock() - REPEATED)


CHORES = (
    Chore(name="thin", schedule=parse_schedule("30 3 * * *"), do=_thin),
    Chore(name="forget calls", schedule=parse_schedule("6h"), do=_forget_calls),
)
