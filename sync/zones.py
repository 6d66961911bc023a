"""Which time zone a workspace's days were of, and since when. The store keeps instants: what was recorded stays as it
is when the zone is changed, and its history says so once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from mapping.day import UTC, Zone
from mapping.model import Key
from mapping.records import Action
from sync.store.store import Store

SETTINGS = "okrsync.yaml"
TIME_ZONE = "time zone"
"""What the store calls it among what it knows of itself."""


def tell_zone(store: Store, zone: Zone, at: datetime, token: int | None = None) -> None:
    """Write down that the days are of this zone from now on. Those of a store that never said so were of UTC."""
    before = store.last_run() if store.info.get(TIME_ZONE) is None else None
    if before is not None:
        store.info.tell(TIME_ZONE, UTC.key, before.started_at, token)
    store.info.tell(TIME_ZONE, zone.key, at, token)


def zone_changes(store: Store, key: Key) -> Iterator[Action]:
    for (_, before), (at, after) in pairwise(store.info.told(TIME_ZONE)):
        details = {"time zone": {"from": before, "to": after}}
        yield Action(key_result=key.id, cycle=key.cycle, at=at, by=SETTINGS, action="moved", details=details)
