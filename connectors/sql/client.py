"""A database that is only read: by the session's own settings where the database has them, and never committed."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool, QueuePool

from connectors.errors import ConnectorError, Unreachable
from connectors.sql.dates import bound
from connectors.sql.errors import SLOW_FIX, Trouble
from connectors.sql.spec import SqlOptions
from connectors.sql.turns import Turn, Turns
from connectors.wire import DEADLINE_FIX

CONNECT_SECONDS = 10
LOCK_SECONDS = 5
BEGINNING = "SELECT left(CAST(asked.one AS text), 60) FROM (\n%s\n) AS asked (one)"
"""Of a text no more than says which one is not a number."""
NOTHING = "SELECT * FROM (\n%s\n) AS asked LIMIT 0"
"""Of an answer its columns alone; no row is made for it."""
MOST_BYTES = 10_000_000
"""Bytes of one value, whatever a query makes of them."""
NUMERIC = frozenset({20, 21, 23, 26, 700, 701, 1700})
"""PostgreSQL's types of numbers, by oid. A value of theirs has bounds; one of any other type may be a gigabyte."""


class SqlClient:
    def __init__(self, connection: str, options: SqlOptions) -> None:
        self._connection = connection
        self._options = options
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._turns = Turns()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """At most two rows, never more of the answer. Raises ConnectorError."""
        with self._reading() as connection:
            streamed = connection.execution_options(stream_results=True, max_row_buffer=2)
            result = streamed.exec_driver_sql(*bound(query, connection.dialect))
            if connection.dialect.name == "postgresql" and result.cursor is not None:
                kinds = [column[1] for column in result.cursor.description or ()]
                if len(kinds) > 1:
                    return [(None,) * len(kinds)]
                if not NUMERIC.issuperset(kinds):
                    result.close()
                    result = streamed.exec_driver_sql(*bound(BEGINNING % query.rstrip("; \t\r\n"), connection.dialect))
            return [tuple(row) for row in result.fetchmany(2)]

    def explain(self, query: str) -> None:
        """Let the database plan the query without running it. Raises ConnectorError."""
        with self._reading() as connection:
            keyword = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
            statement, values = bound(query, connection.dialect)
            connection.exec_driver_sql(f"{keyword} {statement}", values).fetchall()

    def columns(self, query: str) -> tuple[int, bool]:
        """How many there are, and whether they may hold numbers, which SQLite does not say beforehand. Raises
        ConnectorError."""
        with self._reading() as connection:
            result = connection.exec_driver_sql(*bound(NOTHING % query.rstrip("; \t\r\n"), connection.dialect))
            described = (result.cursor.description if result.cursor is not None else None) or ()
            is_known = connection.dialect.name == "postgresql"
            return len(described), not is_known or NUMERIC.issuperset(column[1] for column in described)

    def who(self) -> tuple[str, str]:
        """The user and database, and the server's version. Raises ConnectorError."""
        with self._reading() as connection:
            version = ".".join(map(str, connection.dialect.server_version_info or ()))
            if connection.dialect.name == "sqlite":
                return str(connection.engine.url.database), f"SQLite {sqlite3.sqlite_version}"
            user = connection.execute(text("SELECT current_user")).scalar()
            return f"{user} in {connection.engine.url.database}", f"{connection.dialect.name} {version}"

    def stop(self) -> None:
        """Break off what runs, and begin nothing more."""
        self._turns.stop()

    def close(self) -> None:
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """A session for one query. Whatever a driver does, nothing but ConnectorError comes out."""
        if self._turns.stopped:
            raise self._time_is_up()
        connecting = True
        with self._turns.turn(self._seconds()) as turn:
            try:
                with self._opened().connect() as connection:
                    turn.hold(connection.connection.driver_connection)
                    self._restrain(connection)
                    connecting = False
                    yield connection
                    connection.rollback()
            except ConnectorError:
                raise
            except Exception as error:
                raise self._error(error, turn, connecting=connecting) from None

    def _seconds(self) -> float:
        """PostgreSQL keeps the time itself; ours is for the one that does not."""
        if make_url(self._options.url.get_secret_value()).get_backend_name() == "sqlite":
            return self._options.timeout
        return self._options.timeout + CONNECT_SECONDS + 1

    def _opened(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = self._made()
            return self._engine

    def _made(self) -> Engine:
        url = make_url(self._options.url.get_secret_value())
        kind = url.get_backend_name()
        # A session that may have kept a lock or a setting is used once, where we can't make it forget.
        more: dict[str, Any] = {"poolclass": NullPool}
        if kind in ("sqlite", "postgresql"):
            more = {"poolclass": QueuePool, "pool_size": self._options.concurrency, "max_overflow": 0}
        if kind == "sqlite":
            more["connect_args"] = {"timeout": min(LOCK_SECONDS, self._options.timeout)}
        if kind == "postgresql":
            # A statement that is prepared is one statement: nothing hides behind a semicolon in it.
            seconds = min(CONNECT_SECONDS, int(self._options.timeout) or 1)
            more["connect_args"] = {"connect_timeout": seconds, "prepare_threshold": 0}
        engine = create_engine(_read_only_file(url), **more)

        @event.listens_for(engine, "do_connect")
        def connect(dialect: Any, _: Any, arguments: Any, named: Any) -> Any:
            raw = dialect.connect(*arguments, **named)
            self._turns.hold(raw)
            if isinstance(raw, sqlite3.Connection):
                raw.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
            return raw

        if kind == "postgresql":
            event.listen(engine, "reset", _forget)
        return engine

    def _restrain(self, connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(self._options.timeout * 1000)}")
        elif connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA query_only = ON")

    def _error(self, error: Exception, turn: Turn, *, connecting: bool) -> ConnectorError:
        if self._turns.stopped:
            return self._time_is_up()
        if turn.over:
            return self._too_slow()
        return Trouble(error=error, connecting=connecting, timeout=self._options.timeout).as_error(self._connection)

    def _too_slow(self) -> Unreachable:
        message = f"the database did not answer within {self._options.timeout:g} seconds"
        made = Unreachable(message, connection=self._connection, fix=SLOW_FIX, scope="query")
        made.timed_out = True
        return made

    def _time_is_up(self) -> Unreachable:
        return Unreachable("the run reached its deadline", connection=self._connection, fix=DEADLINE_FIX)


def _forget(raw: Any, *_: Any) -> None:
    """A roll-back leaves advisory locks behind; the next query is to find a session as new."""
    raw.rollback()
    raw.autocommit = True
    raw.execute("DISCARD ALL")
    raw.autocommit = False


def _read_only_file(url: URL) -> URL:
    """A SQLite file opened so that nothing can change it, nor make it where it is missing."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return url
    database = url.database if url.database.startswith("file:") else f"file:{quote(url.database)}"
    return url.set(database=database).update_query_dict({"mode": "ro", "uri": "true"})
