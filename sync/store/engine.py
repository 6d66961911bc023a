"""Opens the database and brings it to the schema of this version."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from sync.store.tables import metadata

HEAD = "0002"
"""The newest migration. A database that says so is ready, and alembic, slow to import, is not asked."""

SQLITE_WAIT_MS = 30_000
_WRITES = "okrsync_writes"
MIGRATION_LOCK = 0x6F6B7273
"""PostgreSQL advisory lock held while migrating, so that replicas starting together take turns."""


class StoreError(Exception):
    """The store can't be opened or is of a newer version. The text says what to do; `temporary` whether trying
    again may help."""

    def __init__(self, message: str, *, temporary: bool = False) -> None:
        super().__init__(message)
        self.temporary = temporary


def open_engine(url: str) -> Engine:
    """An engine on a ready schema. Raises StoreError."""
    try:
        parsed = make_url(url)
        if parsed.drivername == "sqlite" and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed)
        if engine.dialect.name == "sqlite":
            _tame_sqlite(engine)
        with for_writing(engine).begin() as connection:
            _bring_up_to_date(connection)
    except (ArgumentError, ModuleNotFoundError) as error:
        raise StoreError(f"store: {error}. Write sqlite:///FILE or postgresql://USER@HOST/DATABASE.") from None
    except (OperationalError, OSError) as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        where = make_url(url).render_as_string(hide_password=True)
        raise StoreError(
            f"store {where} can't be opened: {reason}. Check the address and who may write there."
        ) from None
    return engine


def for_writing(engine: Engine) -> Engine:
    """The engine for transactions that write: SQLite takes its write lock when they begin."""
    return engine.execution_options(**{_WRITES: True})


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
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _bring_up_to_date(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    tables = inspect(connection).get_table_names()
    if "alembic_version" not in tables:
        metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
        return
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if version != HEAD:
        migrate(connection)


def migrate(connection: Connection) -> None:
    """Run the migrations that this database lacks. Raises StoreError for a database of a newer okrsync."""
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", os.fspath(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(f"the store was written by a newer okrsync ({error}). Use that version.") from None
