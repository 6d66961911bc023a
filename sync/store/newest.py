"""What is current: the newest row of each key result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, or_, select

from mapping.model import Key
from mapping.records import VOID
from sync.store.tables import actions, check_ins

MANY = 500
"""From so many key results on, all are read at once: databases limit what a query names."""


def order(table: Table) -> list[ColumnElement[Any]]:
    """The order of time, oldest first: what was asked later is newer, of the same moment what was recorded later."""
    return [table.c.asked_at, table.c.id] if "asked_at" in table.c else [table.c.id]


def newest(
    connection: Connection,
    table: Table,
    keys: Iterable[Key] | None = None,
    until: datetime | None = None,
    where: ColumnElement[bool] | None = None,
) -> dict[Key, Mapping[str, Any]]:
    """`until` is the moment of which it is told, now if it is None."""
    place = (
        func.row_number()
        .over(partition_by=(table.c.key_result, table.c.cycle), order_by=[one.desc() for one in order(table)])
        .label("place")
    )
    ranked = select(table.c.id, place)
    if until is not None:
        ranked = ranked.where(order(table)[0] <= until if "asked_at" in table.c else table.c.at <= until)
    if table in (check_ins, actions) and (void := voided(connection)):
        # What was said with a value that was wrong is void with it.
        ranked = ranked.where(~or_(*(of(table, key) & (table.c.at == at) for key, at in sorted(void))))
    if where is not None:
        ranked = ranked.where(where)
    ids = None if keys is None else {key.id for key in keys}
    if ids is not None and len(ids) < MANY:
        ranked = ranked.where(table.c.key_result.in_(ids))
    last = ranked.subquery()
    query = select(table).join(last, last.c.id == table.c.id).where(last.c.place == 1)
    return {key_of(row): row for row in map(dict, connection.execute(query).mappings())}


def voided(connection: Connection) -> set[tuple[Key, datetime]]:
    """The check-ins that a person says were wrong, by their moments: they stay, and count no more."""
    query = select(actions).where(actions.c.action == VOID)
    found = map(dict, connection.execute(query).mappings())
    return {(key_of(row), datetime.fromisoformat(row["details"]["of"])) for row in found}


def of(table: Table, key: Key) -> ColumnElement[bool]:
    return (table.c.key_result == key.id) & (table.c.cycle == key.cycle)


def key_of(row: Mapping[str, Any]) -> Key:
    return Key(row["key_result"], row["cycle"])
