"""Opens the database: for writing on the schema of this version, for reading as it lies there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from sync.store.errors import StoreError
from sync.store.schema import bring_up_to_date, is_ready
from sync.store.writing import WRITES, for_writing

SQLITE_WAIT_MS = 30_000


def open_engine(url: str) -> Engine:
    """An engine on a ready schema. Raises StoreError."""
    try:
        parsed = make_url(url)
        if parsed.drivername == "sqlite" and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed)
        if engine.dialect.name == "sqlite":
            _tame_sqlite(engine)
        with engine.begin() as connection:
            ready = is_ready(connection)
        if not ready:
            with for_writing(engine).begin() as connection:
                bring_up_to_date(connection)
    except (ArgumentError, ModuleNotFoundError) as error:
        raise StoreError(f"store: {error}. Write sqlite:///FILE or postgresql://USER@HOST/DATABASE.") from None
    except (OperationalError, OSError) as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        where = make_url(url).render_as_string(hide_password=True)
        raise StoreError(
            f"store {where} can't be opened: {reason}. Check the address and who may write there."
        ) from None
    return engine


def _tame_sqlite(engine: Engine) -> None:
    """WAL so that readers never wait; transactions begun by us, those that write with the lock at once, since
    pysqlite begins them late and two writers would then collide in the middle."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA busy_timeout={SQLITE_WAIT_MS}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
