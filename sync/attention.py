"""What needs a person, from what is recorded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from itertools import pairwise

from config.load import Workspace
from mapping.attention import Known, Need, needs
from mapping.changes import changes
from mapping.facts import Overview
from mapping.model import Key
from mapping.trail import said_of
from sync.store.store import Store

LOOKS_BACK = timedelta(days=7)
"""What happened within it is news."""


def known_of(
    store: Store, until: datetime | None = None, *, trails: bool = True, cycles: Collection[str] | None = None
) -> dict[Key, Known]:
    """Without `trails` it is not known since when a status is."""
    points = store.trails.points(until, cycles) if trails else {}
    written, actions = store.trails.written(until, cycles), store.trails.actions(until, cycles)
    return {
        key: Known(
            trail=points.get(key, ()),
            said=said_of(points.get(key, ()), actions.get(key, ())),
            changes=[one for before, after in pairwise(written.get(key, ())) for one in changes(before, after)],
        )
        for key in points.keys() | written.keys() | actions.keys()
    }


def attention(
    workspace: Workspace,
    seen: Overview,
    known: Mapping[Key, Known],
    *,
    since: datetime | None = None,
) -> tuple[Need, ...]:
    """All that needs a person in this overview; `since` is from when on something is news, a week ago where it is
    None."""
    return needs(seen, known, since or seen.at - LOOKS_BACK, workspace.time_zone)
