"""What is done beside the passes: rarely, and by one at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.load import Workspace
from mapping.schedule import Schedule, parse_schedule
from sync.store.store import Store
from sync.subscribing import Tender
from sync.thinning import thin

REPEATED = timedelta(hours=48)
"""For how long a webhook that comes again is known."""
NIGHTLY, SIX_HOURS, MINUTE = parse_schedule("30 3 * * *"), parse_schedule("6h"), parse_schedule("1m")


@dataclass(frozen=True, kw_only=True)
class Chore:
    name: str
    schedule: Schedule
    do: Callable[[Workspace], None]
    wanted: Callable[[Workspace], bool] = lambda _: True


def chores_of(store: Store, clock: Callable[[], datetime]) -> tuple[Chore, ...]:
    """Of one workspace, for as long as `serve` runs."""

    def thinned(workspace: Workspace) -> None:
        thin(store, clock() - timedelta(days=workspace.serving.thin_after), workspace.time_zone, clock)

    def forget_calls(_: Workspace) -> None:
        store.inbox.prune(clock() - REPEATED)

    return (
        Chore(name="thin", schedule=NIGHTLY, do=thinned),
        Chore(name="forget calls", schedule=SIX_HOURS, do=forget_calls),
        Chore(name="subscriptions", schedule=MINUTE, do=Tender(store, clock).tend, wanted=_subscribes),
    )


def _subscribes(workspace: Workspace) -> bool:
    """Also where it no longer wants to: what was asked for is ended then."""
    return any(hasattr(one.options, "subscribe") for one in workspace.connections.values())
