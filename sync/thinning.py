"""Readings and outcomes of long ago are thinned to the last of each day, a few at a time. Check-ins, which carry their
own evidence, actions and closings stay for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import structlog

from mapping.day import Zone, day_of, start_of
from sync.store.conditions import JOB, Condition
from sync.store.store import Store
from sync.store.thinning import Thinned

TABLES: tuple[Thinned, ...] = ("readings", "outcomes")
log = structlog.get_logger("sync.thinning")


def thin(store: Store, before: datetime, zone: Zone, clock: Callable[[], datetime]) -> int:
    """Returns how many rows went. Only whole days are thinned, and what was is not looked at again."""
    until = start_of(day_of(before, zone), zone)
    gone = sum(_thin(store, table, until, zone, clock) for table in TABLES)
    if gone:
        log.info("old rows are thinned", rows=gone)
    return gone


def _thin(store: Store, table: Thinned, until: datetime, zone: Zone, clock: Callable[[], datetime]) -> int:
    name = f"thinned {table}"
    marks = store.conditions.of(JOB)
    mark = int(marks[name].value) if name in marks else 0
    last: dict[tuple[str, str], tuple[int, date]] = {}
    gone = 0
    while rows := store.thinning.older(table, mark, until):
        spare = []
        for row in rows:
            day = day_of(row.at, zone)
            before = last.get(row.of)
            if before is not None and before[1] == day:
                spare.append(before[0])
            last[row.of] = row.id, day
        store.thinning.drop(table, spare)
        gone, mark = gone + len(spare), rows[-1].id
        store.conditions.put(Condition(kind=JOB, name=name, value=mark, at=clock()))
    return gone
