"""What the store knows of itself: each fact with when it became so."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine, select

from sync.store.tables import store_info
from sync.store.writing import writing

WORKSPACE, SERVES = "workspace", "serves"
CREATED, VERSION = "created", "version"
"""When the store was made, and by which okrsync its tables were brought up to date last."""
UNADOPTED = "unadopted"
"""`yes` while something is recorded of which the cycle is not known."""


class Info:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, name: str) -> str | None:
        with self._engine.connect() as connection:
            return read_info(connection, name)

    def told(self, name: str) -> list[tuple[datetime, str]]:
        """Every value that it had and since when, oldest first."""
        with self._engine.connect() as connection:
            query = select(store_info.c.at, store_info.c.value).where(store_info.c.name == name)
            return [(at, value) for at, value in connection.execute(query.order_by(store_info.c.id))]

    def tell(self, name: str, value: str, at: datetime, token: int | None = None) -> bool:
        """Write it down where it is another than before. Returns whether it is. Raises LeaseLost where the lease's
        `token` is not this one."""
        with writing(self._engine, token, counts=False) as connection:
            return write_info(connection, name, value, at)


def read_info(connection: Connection, name: str) -> str | None:
    query = select(store_info.c.value).where(store_info.c.name == name).order_by(store_info.c.id.desc())
    return connection.execute(query.limit(1)).scalar()


def write_info(connection: Connection, name: str, value: str, at: datetime) -> bool:
    if read_info(connection, name) == value:
        return False
    connection.execute(store_info.insert().values(name=name, value=value, at=at))
    return True
