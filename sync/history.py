"""What became of a key result, in the order of time: recorded values, rebuilt ones, and what people did."""

from __future__ import annotations

from datetime import datetime

from mapping.day import Zone, day_of
from mapping.facts import Event
from mapping.model import Key
from sync.store.store import Store
from sync.zones import zone_changes


def history(store: Store, key: Key, zone: Zone) -> list[Event]:
    """Oldest first, in the order that decides which value is the current one. A day on which a value was recorded shows
    no rebuilt one beside it."""
    recorded, void = store.all_check_ins(key), store.voided(key)
    days = {day_of(made.at, zone) for made in recorded}
    closings = store.people.all_closings(key)
    closing = closings[-1] if closings and closings[-1].outcome != "reopened" else None
    moved = [one for one in zone_changes(store, key) if recorded and recorded[0].at <= one.at]
    if closing is not None:
        moved = [one for one in moved if one.at <= closing.at]
    events = [
        *(Event(at=made.at, check_in=made, void=made.at in void) for made in recorded),
        *(Event(at=made.at, rebuilt=made) for day, made in store.past.rebuilt(key) if day not in days),
        *(Event(at=action.at, action=action) for action in (*store.people.actions(key), *moved)),
        *(Event(at=one.at, closing=one) for one in closings),
    ]
    return sorted(events, key=_order)


def _order(event: Event) -> datetime:
    return event.check_in.asked_at if event.check_in else event.at
