"""Key results that were given another id: what is recorded goes on under it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from mapping.model import Key
from mapping.records import Action
from sync.clock import utc_now
from sync.store.errors import StoreError
from sync.store.newest import of
from sync.store.people import write_actions
from sync.store.tables import (
    actions,
    candidates,
    check_ins,
    closings,
    definitions,
    outcomes,
    postings,
    publications,
    rebuilt,
)

RENAMED = "renamed"
Renaming = tuple[Key, Key]
"""The key before and now."""
_TABLES = (check_ins, outcomes, candidates, actions, definitions, closings, rebuilt, publications, postings)


def to_rename(connection: Connection, wanted: Iterable[Renaming]) -> list[Renaming]:
    """Those of which something is recorded under the old key."""
    return [
        (old, new)
        for old, new in sorted(wanted)
        if any(connection.execute(select(table.c.id).where(of(table, old)).limit(1)).first() for table in _TABLES)
    ]


def rename(connection: Connection, wanted: Iterable[Renaming], by: str) -> None:
    """Raises StoreError where both were recorded side by side: then they are two key results."""
    for old, new in to_rename(connection, wanted):
        runs = [
            set(connection.execute(select(check_ins.c.run_id).where(of(check_ins, key))).scalars())
            for key in (old, new)
        ]
        if (runs[0] & runs[1]) - {None}:
            raise StoreError(
                f"{new.id} should continue {old.id}, but both were recorded in the same run. Remove `was: {old.id}`."
            )
        _make_room(connection, old, new)
        for table in _TABLES:
            connection.execute(table.update().where(of(table, old)).values(key_result=new.id, cycle=new.cycle))
        details = {"old id": old.id}
        write_actions(
            connection,
            [Action(key_result=new.id, cycle=new.cycle, at=utc_now(), by=by, action=RENAMED, details=details)],
        )


def _make_room(connection: Connection, old: Key, new: Key) -> None:
    """A key result has one outcome a run, one rebuilt value a day, and stands once at a place: those under its own id
    stay."""
    for table, name in ((outcomes, "run_id"), (rebuilt, "day")):
        taken = select(table.c[name]).where(of(table, new))
        connection.execute(table.delete().where(of(table, old) & table.c[name].in_(taken)))
    places = select(publications.c.place).where(of(publications, new))
    connection.execute(publications.delete().where(of(publications, old) & publications.c.place.in_(places)))
