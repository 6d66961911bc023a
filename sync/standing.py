"""What people have said of key results, as a pass needs it."""

from __future__ import annotations

from sync.plan import Standing
from sync.store.store import Store


def standing_of(store: Store) -> Standing:
    closings = store.people.closings().values()
    return Standing(
        pinned=frozenset(store.people.pinned()),
        rejected={key: one.check_in for key, one in store.people.candidates().items() if one.state == "rejected"},
        closed={one.key_result: f"{one.outcome} on {one.at:%Y-%m-%d}" for one in closings},
    )
