"""What people have said of key results, as a pass needs it."""

from __future__ import annotations

from mapping.day import Zone, day_of
from sync.plan import Standing
from sync.store.store import Store


def standing_of(store: Store, zone: Zone) -> Standing:
    closings = store.people.closings().values()
    return Standing(
        pinned=frozenset(store.people.pinned()),
        rejected={key: one.check_in for key, one in store.people.candidates().items() if one.state == "rejected"},
        closed={one.key_result: f"{one.outcome} on {day_of(one.at, zone)}" for one in closings},
    )
