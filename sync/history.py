"""What became of a key result, in the order of time: recorded values, rebuilt ones, and what people did."""

from __future__ import annotations

from mapping.day import Zone, day_of
from mapping.facts import Event
from mapping.model import Key
from sync.store.store import Store


def history(store: Store, key: Key, zone: Zone) -> list[Event]:
    """Oldest first. A day on which a value was recorded shows no rebuilt one beside it."""
    recorded = store.history(key)
    days = {day_of(made.at, zone) for made in recorded}
    closing = store.people.closings().get(key)
    events = [
        *(Event(at=made.at, check_in=made) for made in recorded),
        *(Event(at=made.at, rebuilt=made) for day, made in store.past.rebuilt(key) if day not in days),
        *(Event(at=action.at, action=action) for action in store.people.actions(key)),
        *([Event(at=closing.at, closing=closing)] if closing else []),
    ]
    return sorted(events, key=lambda event: event.at)
