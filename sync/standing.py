"""What people have said of key results, as a pass needs it."""

from __future__ import annotations

from collections.abc import Mapping

from mapping.assess import CheckIn
from mapping.day import Zone, day_of
from mapping.model import Key
from mapping.records import PIN, RESUME
from sync.plan import Standing
from sync.store.store import Store


def standing_of(store: Store, zone: Zone, last: Mapping[Key, CheckIn] | None = None) -> Standing:
    """`last` are the last check-ins, where they are read already."""
    seen = store.seen()
    candidates = store.people.candidates()
    closings = store.people.closings().values()
    last = store.last_check_ins() if last is None else last
    by_hand = {key: made for key, made in last.items() if made.by is not None}
    return Standing(
        pinned=frozenset(store.people.pinned()),
        resumed=frozenset(key for key, made in by_hand.items() if _is_resumed(store, key, made)),
        automatic={key: made for key in by_hand if (made := _last_automatic(store, key))},
        rejected={key: one.check_in for key, one in candidates.items() if one.state == "rejected"},
        seen=seen,
        doubted={key: one for key, one in candidates.items() if one.state in ("held", "rejected")},
        closed={one.key: f"{one.outcome} on {day_of(one.at, zone)}" for one in closings},
    )


def _last_automatic(store: Store, key: Key) -> CheckIn | None:
    return next((made for made in reversed(store.history(key)) if made.by is None), None)


def _is_resumed(store: Store, key: Key, made: CheckIn) -> bool:
    """Whether a person let the sources speak again after a value by hand."""
    said = [action for action in store.people.actions(key) if action.action in (PIN, RESUME)]
    return bool(said) and said[-1].action == RESUME and said[-1].at >= made.at
