"""Engines: for writing, for reading a store that nobody may write to, and for a store that is not there yet."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, NoSuchModuleError

from sync.store.errors import StoreError, explained
from sync.store.tables import metadata
from sync.store.writing import WRITES

WAIT_MS = 30_000
"""How long a writer waits for another's transaction."""
CONNECT_SECONDS = 10
_JSON = json.JSONEncoder(separators=(",", ":"))
"""A check-in is kept for ever: without blanks it takes a tenth less."""
WRITE = "Write sqlite:///FILE or postgresql://USER@HOST/DATABASE."

DRIVER = "PostgreSQL needs the driver psycopg. Install okrsync with it: pip install 'okrsync[postgres]'."


def address(url: str) -> URL:
    """Raises StoreError."""
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError(f"store: this is not an address. {WRITE}") from None


def file_of(url: URL) -> Path | None:
    """The file of a SQLite store."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database)


def writing_engine(url: URL) -> Engine:
    """Raises StoreError. A SQLite file is made, for its owner alone."""
    file = file_of(url)
    if file is not None:
        _make_private(file, url)
    engine = _engine(url, connect_args=_waits(url))
    if engine.dialect.name == "sqlite":
        _tame_sqlite(engine)
    return engine


def reading_engine(url: URL) -> Engine | None:
    """An engine that writes nothing, not even beside a SQLite file; None where this file does not exist. Raises
    StoreError."""
    file = file_of(url)
    if file is None:
        return _engine(url, connect_args=_waits(url))
    try:
        if not file.exists() or file.stat().st_size == 0:
            return None
    except OSError as error:
        raise explained(url, error) from None
    path = f"file:{_quoted(file)}?mode=ro"
    if not os.access(file.parent, os.W_OK) and not _has_wal(file):
        # SQLite would want to make the files of its log there; nobody can write to it meanwhile.
        path += "&immutable=1"
    engine = _engine(url.set(database=path, query={"uri": "true"}), shown_as=url)

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={WAIT_MS}")
        connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def empty_engine() -> Engine:
    """What a store holds that is not there yet."""
    # One connection, since each has a memory of its own; the threads of a pass share it.
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    metadata.create_all(engine)
    return engine


def _engine(url: URL, *, shown_as: URL | None = None, connect_args: dict[str, Any] | None = None) -> Engine:
    try:
        pinged = url.get_backend_name() != "sqlite"
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=pinged,
            connect_args=connect_args or {},
            json_serializer=_JSON.encode,
        )
    except ModuleNotFoundError as error:
        if error.name == "psycopg":
            raise StoreError(f"store: {DRIVER}") from None
        raise StoreError(f"store: {error}. {WRITE}") from None
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(f"store: {error}. {WRITE}") from None

    @event.listens_for(engine, "handle_error")
    def explain(context: ExceptionContext) -> None:
        """What a value did wrong is for whoever wrote it to judge; all else is the store's trouble."""
        error = context.sqlalchemy_exception
        if isinstance(error, DBAPIError) and not isinstance(error, DataError | IntegrityError):
            found = explained(shown_as or url, error)
            found.disconnected = context.is_disconnect
            raise found from None

    return engine


def _waits(url: URL) -> dict[str, Any]:
    if url.get_backend_name() != "postgresql":
        return {}
    given = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS}
    return given | ({} if "options" in url.query else {"options": f"-c lock_timeout={WAIT_MS}"})


def _make_private(file: Path, url: URL) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            here = os.fstat(descriptor)
            if stat.S_ISREG(here.st_mode) and here.st_mode & 0o077 and here.st_uid == os.geteuid():
                os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise explained(url, error) from None


def _has_wal(file: Path) -> bool:
    wal = file.with_name(file.name + "-wal")
    return wal.exists() and wal.stat().st_size > 0


def _quoted(file: Path) -> str:
    from urllib.parse import quote

    return quote(os.fspath(file))


def _tame_sqlite(engine: Engine) -> None:
    """WAL so that readers never wait; transactions begun by us, those that write with the lock at once, since
    pysqlite begins them late and two writers would then collide in the middle."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={WAIT_MS}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
