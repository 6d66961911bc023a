"""Copies a store to another address, SQLite or PostgreSQL, row by row and exactly."""

from __future__ import annotations

from sqlalchemy import Connection, Integer, func, select, text

from sync.store.engine import address, reading_engine, writing_engine
from sync.store.errors import StoreError, shown
from sync.store.schema import bring_up_to_date, is_ready, version_of
from sync.store.tables import leases, metadata
from sync.store.writing import for_writing

ROWS = 1000


def copy_store(source: str, destination: str) -> dict[str, int]:
    """How many rows of each table. All or nothing, and only to where nothing is. Raises StoreError."""
    if address(source) == address(destination):
        raise StoreError("The store can't be copied to itself. Name another address.")
    reading = reading_engine(address(source))
    if reading is None:
        raise StoreError("There is no store yet, so there is nothing to copy.")
    if reading.dialect.name == "postgresql":
        reading = reading.execution_options(isolation_level="REPEATABLE READ")
    writing = writing_engine(address(destination))
    try:
        with reading.connect() as old, for_writing(writing).begin() as new:
            _refuse(old, new, destination)
            bring_up_to_date(new)
            return _copied(old, new)
    finally:
        reading.dispose()
        writing.dispose()


def _refuse(old: Connection, new: Connection, destination: str) -> None:
    if version_of(old) is None:
        raise StoreError("There is no store yet, so there is nothing to copy.")
    if not is_ready(old):
        raise StoreError("The store was made by an older okrsync. Run `okrsync migrate` first.")
    if version_of(new) is not None:
        raise StoreError(f"There is a store at {shown(address(destination))} already. Name an empty database.")


def _copied(old: Connection, new: Connection) -> dict[str, int]:
    counts = {}
    for table in metadata.sorted_tables:
        if table is leases:
            continue
        new.execute(table.delete())
        counts[table.name] = 0
        query = select(table).order_by(*table.primary_key.columns)
        for part in old.execution_options(yield_per=ROWS).execute(query).mappings().partitions(ROWS):
            new.execute(table.insert(), [dict(row) for row in part])
            counts[table.name] += len(part)
        if new.dialect.name == "postgresql" and isinstance(table.primary_key.columns[0].type, Integer):
            last = new.execute(select(func.max(table.c.id))).scalar()
            sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
            new.execute(text(f"SELECT setval({sequence}, :last, :used)"), {"last": last or 1, "used": last is not None})
    return counts
