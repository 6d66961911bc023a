"""What became of a key result, in the order of time: recorded values, rebuilt ones, and what people did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mapping.assess import CheckIn
from sync.store.people import Action, Closing
from sync.store.store import Store


@dataclass(frozen=True, kw_only=True)
class Event:
    """One of them is set. A `rebuilt` value is of that moment as its sources tell it today."""

    at: datetime
    check_in: CheckIn | None = None
    rebuilt: CheckIn | None = None
    action: Action | None = None
    closing: Closing | None = None

    @property
    def value(self) -> CheckIn | None:
        return self.check_in or self.rebuilt


def history(store: Store, key_result: str) -> list[Event]:
    """Oldest first. A day on which a value was recorded shows no rebuilt one beside it."""
    recorded = store.history(key_result)
    days = {made.at.date() for made in recorded}
    closing = store.people.closings().get(key_result)
    events = [
        *(Event(at=made.at, check_in=made) for made in recorded),
        *(Event(at=made.at, rebuilt=made) for made in store.past.rebuilt(key_result) if made.at.date() not in days),
        *(Event(at=action.at, action=action) for action in store.people.actions(key_result)),
        *([Event(at=closing.at, closing=closing)] if closing else []),
    ]
    return sorted(events, key=lambda event: event.at)
