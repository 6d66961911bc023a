"""The one lock of all that is written: each writing transaction holds the row of the lease until it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Engine, select

from sync.store.errors import StoreError
from sync.store.tables import leases

LEASE = "pass"
"""The lease that whoever makes a pass holds."""
SERVE = "serve"
"""The lease that the one `serve` of a store holds, where no queue shares the work."""
WRITES = "okrsync_writes"


@dataclass
class Written:
    """What this process has done, for who interrupts it."""

    state: Literal["nothing", "perhaps", "something"] = "nothing"


WRITTEN = Written()


class LeaseLost(StoreError):
    """Another took the lease meanwhile; nothing was written."""

    def __init__(self) -> None:
        message = "Another pass took over because this one was too slow. Nothing of this pass is recorded."
        super().__init__(message, temporary=True)


def insert_of(connection: Connection) -> Any:
    """`insert` of this database, which can go on where a row is there already."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert
    from sqlalchemy.dialects import postgresql

    return postgresql.insert


def for_writing(engine: Engine) -> Engine:
    """The engine for transactions that write: SQLite takes its write lock when they begin."""
    return engine.execution_options(**{WRITES: True})


@contextmanager
def writing(engine: Engine, token: int | None = None, *, counts: bool = True) -> Iterator[Connection]:
    """A transaction that no other writer is in, on SQLite and PostgreSQL alike: what is read in it stays so until it
    ends. With a `token`, raises LeaseLost unless it is the lease's. What `counts` is what people look for."""
    before = WRITTEN.state
    with for_writing(engine).begin() as connection:
        row = select(leases.c.token).where(leases.c.name == LEASE).with_for_update()
        held = connection.execute(row).scalar()
        if token is not None and token != held:
            raise LeaseLost
        yield connection
        if counts:
            WRITTEN.state = "perhaps" if before == "nothing" else before
    if counts:
        WRITTEN.state = "something"
