"""What is current: the newest row of each key result.

However long the history is, each key result costs one look into its index: the newest row of all is the newest of the
last key result, and the newest row before that key result is the newest of the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    FromClause,
    Result,
    Table,
    Text,
    column,
    func,
    or_,
    select,
    values,
)

from mapping.model import Key
from mapping.records import VOID
from sync.store.tables import actions, check_ins

MANY = 500
"""From so many key results on, all are read at once: databases limit what a query names."""
Row = Mapping[str, Any]
Counting = Callable[[FromClause], Iterable[ColumnElement[bool]]]
"""Which rows count."""


def order(table: FromClause) -> list[ColumnElement[Any]]:
    """The order of time, oldest first: what was asked later is newer, of the same moment what was recorded later."""
    return [table.c.asked_at, table.c.id] if "asked_at" in table.c else [table.c.id]


def newest(
    connection: Connection,
    table: Table,
    keys: Collection[Key] | None = None,
    until: datetime | None = None,
    where: ColumnElement[bool] | None = None,
    columns: Sequence[ColumnElement[Any]] | None = None,
) -> dict[Key, Row]:
    """Of these key results, of all if none are given; all columns, or those that are asked for. `until` is the moment
    of which it is told, now if it is None. `where` is for rows that are few."""
    if keys is not None and not keys:
        return {}
    # What was said with a value that was wrong is void with it.
    void = _void_rows(connection, table) if table in (check_ins, actions) else []

    def counting(rows: FromClause) -> Iterator[ColumnElement[bool]]:
        if void:
            yield rows.c.id.not_in(void)
        if until is not None:
            yield order(rows)[0] <= until if "asked_at" in rows.c else rows.c.at <= until

    if where is not None:
        last = _of_few(table, (where, *counting(table)))
    else:
        last = _of_all(table, counting) if keys is None or len(keys) >= MANY else _of_these(table, counting, keys)
    wanted = list(table.c) if columns is None else [table.c.key_result, table.c.cycle, *columns]
    query = select(*wanted).join(last, last.c.id == table.c.id)
    return {key_of(row): row for row in rows_of(connection.execute(query))}


def rows_of(result: Result[Any]) -> list[dict[str, Any]]:
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result]


def _newest_first(table: FromClause) -> list[ColumnElement[Any]]:
    return [one.desc() for one in order(table)]


def _of_all(table: Table, counting: Counting) -> CTE:
    by_key = (table.c.key_result, table.c.cycle)
    first = (
        select(table.c.id, *by_key)
        .where(*counting(table))
        .order_by(*(one.desc() for one in by_key), *_newest_first(table))
        .limit(1)
    )
    found = select(first.subquery()).cte("newest", recursive=True)
    # Two looks, since SQLite would go through all rows of a key result to find the pair before it.
    other = table.alias()
    newest_first = (other.c.key_result.desc(), other.c.cycle.desc(), *_newest_first(other))

    def before(*where: ColumnElement[bool]) -> ColumnElement[Any]:
        look = select(other.c.id).where(*where, *counting(other)).order_by(*newest_first).limit(1)
        return look.correlate(found).scalar_subquery()

    in_another_cycle = before(other.c.key_result == found.c.key_result, other.c.cycle < found.c.cycle)
    step = table.c.id == func.coalesce(in_another_cycle, before(other.c.key_result < found.c.key_result))
    return found.union_all(select(table.c.id, *by_key).select_from(found.join(table, step)))


def _of_few(table: Table, where: Iterable[ColumnElement[bool]]) -> CTE:
    by_key = (table.c.key_result, table.c.cycle)
    place = func.row_number().over(partition_by=by_key, order_by=_newest_first(table)).label("place")
    ranked = select(table.c.id, place).where(*where).subquery()
    return select(ranked.c.id).where(ranked.c.place == 1).cte("newest")


def _of_these(table: Table, counting: Counting, keys: Collection[Key]) -> CTE:
    wanted = values(column("key_result", Text), column("cycle", Text)).data(sorted(keys)).cte("wanted")
    other = table.alias()
    last = (
        select(other.c.id)
        .where(other.c.key_result == wanted.c.key_result, other.c.cycle == wanted.c.cycle, *counting(other))
        .order_by(*_newest_first(other))
        .limit(1)
        .correlate(wanted)
    )
    return select(last.scalar_subquery().label("id")).select_from(wanted).cte("newest")


def voided(connection: Connection) -> set[tuple[Key, datetime]]:
    """The check-ins that a person says were wrong, by their moments: they stay, and count no more."""
    query = select(actions).where(actions.c.action == VOID)
    return {(key_of(row), datetime.fromisoformat(row["details"]["of"])) for row in rows_of(connection.execute(query))}


def _void_rows(connection: Connection, table: Table) -> list[int]:
    void = voided(connection)
    if not void:
        return []
    those = or_(*(of(table, key) & (table.c.at == at) for key, at in sorted(void)))
    return list(connection.execute(select(table.c.id).where(those).order_by(table.c.id)).scalars())


def of(table: Table, key: Key) -> ColumnElement[bool]:
    return (table.c.key_result == key.id) & (table.c.cycle == key.cycle)


def key_of(row: Row) -> Key:
    return Key(row["key_result"], row["cycle"])
