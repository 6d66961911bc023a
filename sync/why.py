"""Why the value of a key result is another than before, and where it goes, from what is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from mapping.because import Because, because
from mapping.changes import changes
from mapping.day import Zone, day_of
from mapping.facts import KeyResultView
from mapping.outlook import Outlook, outlook
from mapping.trail import point_of
from sync.store.store import Store


@dataclass(frozen=True, kw_only=True)
class Why:
    """`because` is None where there was no other value before."""

    because: Because | None
    outlook: Outlook


def why(store: Store, view: KeyResultView, at: datetime, zone: Zone) -> Why:
    """Since the last check-in with another value."""
    made, key = view.check_in, view.key_result.key
    known = store.history(key)
    before = next((one for one in reversed(known) if made is not None and one.value != made.value), None)
    told = None
    if made is not None and before is not None:
        written = store.trails.written().get(key, ())
        changed = [one for old, new in pairwise(written) for one in changes(old, new)]
        told = because(before, made, [one for one in changed if before.asked_at < one.at <= made.asked_at])
    trail = [point_of(one) for one in known]
    return Why(because=told, outlook=outlook(view, trail, day_of(at, zone), zone))
