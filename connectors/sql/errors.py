"""What a database's errors mean: by SQLSTATE and SQLite's own codes, by words only where there is nothing else."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError, NoSuchModuleError

from connectors.errors import AccessDenied, BadAnswer, BadCredentials, BadQuery, ConnectorError, NotFound, Unreachable

SLOW_FIX = "Ask for less, add an index, or raise `timeout`."
READ_FIX = "Grant the database user SELECT on what the query names, and nothing else."
WRITE_FIX = "Write a query that only reads."
FILE_FIX = "Check the file: it is damaged, or it belongs to another program."
DATABASE_FIX = "Correct the database in the connection's address."
DRIVER_FIX = "Install okrsync with PostgreSQL's driver: pip install 'okrsync[postgres]'."
OTHER_DRIVER_FIX = "Install the database's driver beside okrsync."

Meaning = tuple[type[ConnectorError], str, str]
"""The error, what happened, and what to do."""

SQLITE: dict[str, Meaning] = {
    "BUSY": (Unreachable, "the database is locked", ""),
    "CANTOPEN": (Unreachable, "there is no such database file, or it can't be opened", ""),
    "CORRUPT": (BadAnswer, "the database file is damaged", FILE_FIX),
    "FULL": (Unreachable, "the disk is full", ""),
    "IOERR": (Unreachable, "the database file can't be read", ""),
    "LOCKED": (Unreachable, "the database is locked", ""),
    "NOMEM": (Unreachable, "there is not enough memory", ""),
    "NOTADB": (BadAnswer, "the file is not an SQLite database", FILE_FIX),
    "AUTH": (AccessDenied, "the database refuses", ""),
    "PERM": (AccessDenied, "the database refuses", ""),
    "PROTOCOL": (Unreachable, "the database is locked", ""),
}
"""What concerns the file and so every query. All else is a mistake in one query, though SQLite calls most of them
"operational" too."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """An error of SQLAlchemy, a driver, or what they let through; `connecting` where no query was asked yet."""

    error: Exception
    connecting: bool
    timeout: float

    def as_error(self, connection: str) -> ConnectorError:
        kind, what, fix, whole = self._meaning()
        made = kind(what, connection=connection, fix=fix, scope="connection" if whole else "query")
        if isinstance(made, Unreachable):
            made.timed_out = fix == SLOW_FIX
        return made

    def _meaning(self) -> tuple[type[ConnectorError], str, str, bool]:
        error, said = self.error, _words(self.error)
        if isinstance(error, NoSuchModuleError | ImportError):
            fix = DRIVER_FIX if getattr(error, "name", None) == "psycopg" else OTHER_DRIVER_FIX
            return Unreachable, f"there is no driver: {said}", fix, True
        if isinstance(origin := getattr(error, "orig", error), sqlite3.Error):
            kind, what, fix = self._of_sqlite(origin, said)
            return kind, what, fix, kind not in (BadQuery,) and fix != SLOW_FIX
        kind, what, fix = self._refused(said) or self._of_server(said)
        lost = isinstance(error, DBAPIError) and error.connection_invalidated
        return kind, what, fix, self.connecting or lost or kind is BadCredentials

    def _of_sqlite(self, origin: sqlite3.Error, said: str) -> Meaning:
        code = getattr(origin, "sqlite_errorname", "").split("_")
        name = code[1] if len(code) > 1 else ""
        if name == "INTERRUPT":
            return Unreachable, f"the database did not answer within {self.timeout:g} seconds", SLOW_FIX
        if name == "READONLY":
            return BadQuery, f"the query would write: {said}", WRITE_FIX
        if name == "TOOBIG":
            return BadQuery, f"the query returns too much: {said}", ""
        return SQLITE.get(name) or (BadQuery, f"the database says: {said}", "")

    def _refused(self, said: str) -> Meaning | None:
        """Refusals of a server, of the session or of one query."""
        state, low = self._state(), said.lower()
        if state == "57014":
            return Unreachable, f"the database did not answer within {self.timeout:g} seconds", SLOW_FIX
        if state.startswith("28") or (
            self.connecting
            and re.search(r"authentication failed|no password supplied|role \".*\" does not|pg_hba", low)
        ):
            return BadCredentials, f"the database refuses the sign-in: {said}", ""
        if state == "3D000" or (self.connecting and re.search(r"database \".*\" does not exist", low)):
            return NotFound, f"there is no such database: {said}", DATABASE_FIX
        if state == "42501" or "permission denied" in low:
            return AccessDenied, f"the database says: {said}", READ_FIX
        if state == "25006" or "read-only transaction" in low or "data-modifying statement" in low:
            return BadQuery, f"the query would write: {said}", WRITE_FIX
        return None

    def _of_server(self, said: str) -> Meaning:
        lost = isinstance(self.error, DBAPIError) and self.error.connection_invalidated
        if self.connecting or lost or self._state().startswith(("08", "57P", "53")):
            return Unreachable, f"can't connect to the database: {said}", ""
        return BadQuery, f"the database says: {said}", ""

    def _state(self) -> str:
        return str(getattr(getattr(self.error, "orig", None), "sqlstate", None) or "")


def _words(error: Exception) -> str:
    """The driver's own words in one line, without an address in them."""
    origin = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    said = " ".join(str(origin)[:2000].split("\n")[0].split()) or type(origin).__name__
    return re.sub(r"\b\w+(?:\+\w+)?://\S+", "***", said)[:300]
