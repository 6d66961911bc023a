"""What connectors remember from pass to pass: read when first asked for, written once when the pass is over.

Nothing depends on it: where it can't be read, nothing is remembered.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from sync.store.errors import StoreError
from sync.store.tables import remembered
from sync.store.writing import writing

log = structlog.get_logger("sync.store")
Fact = tuple[datetime, str]


class Remembered:
    """Of all connections of a workspace, for one pass. Threads may share it."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock
        self._lock = threading.Lock()
        self._facts: dict[tuple[str, str], Fact] | None = None
        self._new: dict[tuple[str, str], Fact] = {}

    def of(self, connection: str) -> Memory:
        return Memory(self, connection)

    def keep(self, token: int | None = None) -> None:
        """Write down what is new, if anything is and the `token` is the lease's. What can't be kept costs a question
        next time, and is no trouble of the pass."""
        with self._lock:
            new, self._new = self._new, {}
        if not new:
            return
        try:
            self._write(new, token)
        except (StoreError, SQLAlchemyError) as error:
            cause = str(error) if isinstance(error, StoreError) else type(error).__name__
            log.warning("what connectors remember can't be kept", cause=cause)

    def _write(self, new: Mapping[tuple[str, str], Fact], token: int | None) -> None:
        with writing(self._engine, token, counts=False) as connection:
            for (name, key), (at, value) in new.items():
                gone = (remembered.c.connection == name) & (remembered.c.key == key)
                connection.execute(delete(remembered).where(gone))
                connection.execute(insert(remembered).values(connection=name, key=key, value=value, at=at))

    def get(self, connection: str, key: str, max_age: timedelta) -> str | None:
        with self._lock:
            if self._facts is None:
                self._facts = self._read()
            found = self._new.get((connection, key)) or self._facts.get((connection, key))
        return found[1] if found and timedelta(0) <= self._clock() - found[0] <= max_age else None

    def put(self, connection: str, key: str, value: str) -> None:
        with self._lock:
            self._new[connection, key] = (self._clock(), value)

    def _read(self) -> dict[tuple[str, str], Fact]:
        try:
            with self._engine.connect() as connection:
                rows = connection.execute(select(remembered)).mappings().all()
        except (StoreError, SQLAlchemyError) as error:
            log.info("what connectors remember can't be read", cause=type(error).__name__)
            return {}
        return {(row["connection"], row["key"]): (row["at"], str(row["value"])) for row in rows}


class Memory:
    """That of one connection (`connectors.base.Memory`)."""

    def __init__(self, all_of_them: Remembered, connection: str) -> None:
        self._all = all_of_them
        self._connection = connection

    def get(self, key: str, *, max_age: timedelta) -> str | None:
        return self._all.get(self._connection, key, max_age)

    def put(self, key: str, value: str) -> None:
        self._all.put(self._connection, key, value)
