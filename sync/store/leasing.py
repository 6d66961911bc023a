"""The lease's row: taken, renewed and given back, each in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, func, select

from sync.clock import utc_now
from sync.store.tables import leases
from sync.store.writing import LEASE, writing

LASTS = timedelta(seconds=30)
"""How long a lease holds without being renewed."""


def take(engine: Engine, holder: str, is_gone: Callable[[str], bool], name: str = LEASE) -> tuple[int | None, str]:
    """The new token, and None with who has it where it is held."""
    with writing(engine, counts=False) as connection:
        row = connection.execute(select(leases).where(leases.c.name == name)).mappings().one()
        now = _now(connection)
        if row["holder"] is not None and row["until"] > now and not is_gone(row["holder"]):
            return None, row["holder"]
        token: int = row["token"] + 1
        _write(connection, name, row["token"], holder=holder, token=token, until=now + LASTS)
    return token, holder


def renew(engine: Engine, token: int, name: str = LEASE) -> bool:
    """Whether it is still held by that token."""
    with writing(engine, counts=False) as connection:
        return _write(connection, name, token, until=_now(connection) + LASTS)


def give_back(engine: Engine, token: int, name: str = LEASE) -> None:
    with writing(engine, counts=False) as connection:
        _write(connection, name, token, holder=None, until=None)


def _write(connection: Connection, name: str, known: int, **values: object) -> bool:
    mine = (leases.c.name == name) & (leases.c.token == known)
    return connection.execute(leases.update().where(mine).values(**values)).rowcount == 1


def _now(connection: Connection) -> datetime:
    """The database's own time, which all its users share."""
    if connection.dialect.name != "postgresql":
        return utc_now()
    found: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return found
