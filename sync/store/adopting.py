"""Gives what was recorded before cycles were to the cycles of today."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from mapping.model import Key
from sync.store.tables import actions, candidates, check_ins, outcomes, rebuilt

UNKNOWN = ""
"""The cycle of what was recorded before it was known."""
_TABLES = (check_ins, outcomes, candidates, actions, rebuilt)


def adopt(connection: Connection, keys: Collection[Key]) -> bool:
    """An id was one key result's alone then, so that all of it is that of today. Returns whether nothing is left."""
    left = False
    for table in _TABLES:
        query = select(table.c.key_result).where(table.c.cycle == UNKNOWN).distinct()
        orphans = set(connection.execute(query).scalars())
        for key in keys:
            if key.id in orphans:
                orphans.remove(key.id)
                here = (table.c.cycle == UNKNOWN) & (table.c.key_result == key.id)
                connection.execute(table.update().where(here).values(cycle=key.cycle))
        left = left or bool(orphans)
    return not left
