"""A database that is only read: by the session's own settings where the database has them, and never committed."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from connectors.errors import AccessDenied, BadCredentials, BadQuery, ConnectorError, Scope, Unreachable
from connectors.sql.dates import bound
from connectors.sql.spec import SqlOptions

SLOW_FIX = "Ask for less, add an index, or raise `timeout`."
READ_FIX = "Grant the database user SELECT on what the query names, and nothing else."


class SqlClient:
    def __init__(self, connection: str, options: SqlOptions) -> None:
        self._connection = connection
        self._options = options
        self._lock = threading.Lock()
        self._engine: Engine | None = None

    def scalar_rows(self, query: str) -> list[tuple[Any, ...]]:
        """At most two rows. Raises ConnectorError."""
        with self._reading() as connection:
            asked = connection.exec_driver_sql(*bound(query, connection.dialect))
            return [tuple(row) for row in asked.fetchmany(2)]

    def explain(self, query: str) -> None:
        """Let the database plan the query without running it. Raises ConnectorError."""
        with self._reading() as connection:
            keyword = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
            statement, values = bound(query, connection.dialect)
            connection.exec_driver_sql(f"{keyword} {statement}", values).fetchall()

    def who(self) -> tuple[str, str]:
        """The user and database, and the server's version. Raises ConnectorError."""
        with self._reading() as connection:
            version = ".".join(map(str, connection.dialect.server_version_info or ()))
            if connection.dialect.name == "sqlite":
                return str(connection.engine.url.database), f"SQLite {sqlite3.sqlite_version}"
            user = connection.execute(text("SELECT current_user")).scalar()
            return f"{user} in {connection.engine.url.database}", f"{connection.dialect.name} {version}"

    def close(self) -> None:
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._opened().connect() as connection:
                self._restrain(connection)
                with _limited(connection, self._options.timeout):
                    yield connection
                connection.rollback()
        except (SQLAlchemyError, sqlite3.Error, ImportError) as error:
            raise self._error(error) from None

    def _opened(self) -> Engine:
        with self._lock:
            if self._engine is None:
                url = make_url(self._options.url.get_secret_value())
                more: dict[str, Any] = {}
                if url.get_backend_name() == "postgresql":
                    # A statement that is prepared is one statement: nothing hides behind a semicolon in it.
                    seconds = min(10, int(self._options.timeout) or 1)
                    more["connect_args"] = {"connect_timeout": seconds, "prepare_threshold": 0}
                self._engine = create_engine(
                    _read_only_file(url),
                    poolclass=QueuePool,
                    pool_size=self._options.concurrency,
                    max_overflow=0,
                    **more,
                )
            return self._engine

    def _restrain(self, connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(self._options.timeout * 1000)}")
        elif connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA query_only = ON")

    def _error(self, error: Exception) -> ConnectorError:
        said = self._words(error)
        kind, message, fix = _meaning(error, said, self._options.timeout)
        scope: Scope = "query" if kind is not BadCredentials and fix == SLOW_FIX else kind.default_scope
        return kind(message, connection=self._connection, scope=scope, fix=fix)

    def _words(self, error: Exception) -> str:
        """The driver's own words in one line, without the address."""
        origin = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        said = " ".join(str(origin).split("\n")[0].split())
        url = make_url(self._options.url.get_secret_value())
        for secret in (self._options.url.get_secret_value(), str(url.password or "")):
            if secret:
                said = said.replace(secret, "***")
        return re.sub(r"\b\w+(?:\+\w+)?://\S+", "***", said)[:300]


def _meaning(error: Exception, said: str, seconds: float) -> tuple[type[ConnectorError], str, str]:
    """By SQLSTATE where the driver tells it, else by the driver's words: the error, its message and the fix."""
    state, low = str(getattr(getattr(error, "orig", None), "sqlstate", None) or ""), said.lower()
    if isinstance(error, NoSuchModuleError | ImportError):
        return Unreachable, f"there is no driver: {said}", "Install the database's driver beside okrsync."
    if state == "57014" or "interrupted" in low:
        return Unreachable, f"no answer within {seconds:g} seconds", SLOW_FIX
    if state.startswith("28") or "authentication failed" in low or "no password supplied" in low:
        return BadCredentials, f"the database refuses to sign in: {said}", ""
    if state == "42501" or "permission denied" in low:
        return AccessDenied, f"the database says: {said}", READ_FIX
    if state == "25006" or "readonly database" in low or "read-only transaction" in low:
        return BadQuery, f"the query would write: {said}", "Write a query that only reads."
    if "unable to open database file" in low:
        return Unreachable, "there is no such database file, or it can't be opened", ""
    connecting = isinstance(error, OperationalError | InterfaceError) and not state and not _is_about_query(low)
    if connecting or state.startswith(("08", "57P", "53")):
        return Unreachable, f"no connection to the database: {said}", ""
    return BadQuery, f"the database says: {said}", ""


def _is_about_query(words: str) -> bool:
    """SQLite calls every mistake an OperationalError."""
    return any(
        sign in words for sign in ("no such", "syntax error", "ambiguous", "wrong number", "misuse", "incomplete")
    )


def _read_only_file(url: URL) -> URL:
    """A SQLite file opened so that nothing can change it, nor make it where it is missing."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return url
    database = url.database if url.database.startswith("file:") else f"file:{quote(url.database)}"
    return url.set(database=database).update_query_dict({"mode": "ro", "uri": "true"})


@contextmanager
def _limited(connection: Connection, seconds: float) -> Iterator[None]:
    """SQLite has no timeout for a statement: another thread breaks it off."""
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.driver_connection

    def interrupt() -> None:
        with suppress(sqlite3.Error):
            raw.interrupt()  # type: ignore[union-attr]

    timer = threading.Timer(seconds, interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
