"""What is wrong with a store, in words for who runs it."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError


class StoreError(Exception):
    """The store can't be used. The text says what to do; `temporary` whether trying again may help."""

    def __init__(self, message: str, *, temporary: bool = False) -> None:
        super().__init__(message)
        self.temporary = temporary
        self.disconnected = False
        """Whether the connection was lost; another may be had."""


_DOWN = "Start the database, or check the network, and run this again."
_SQLITE = (
    ("SQLITE_BUSY", True, "Another process is writing to it. Run this again."),
    ("SQLITE_LOCKED", True, "Another process is writing to it. Run this again."),
    ("SQLITE_FULL", True, "The disk is full. Make room and run this again."),
    ("SQLITE_IOERR", True, "The disk reports an error. Check the disk and run this again."),
    ("SQLITE_NOMEM", True, "There is not enough memory. Run this again."),
    ("SQLITE_READONLY", False, "Let this user write to the file and its folder."),
    ("SQLITE_PERM", False, "Let this user read and write the file."),
    ("SQLITE_AUTH", False, "Let this user read and write the file."),
    ("SQLITE_CANTOPEN", False, "Check the address, and let this user write to the file and its folder."),
    ("SQLITE_CORRUPT", False, "The file is damaged. Restore a backup, or rescue it with `sqlite3 FILE .recover`."),
    ("SQLITE_NOTADB", False, "The file is not an SQLite database. Check the address, or restore a backup."),
    ("SQLITE_ERROR", False, "Its tables are not those of okrsync. Check the address, or run `okrsync migrate`."),
)
"""By how the error's name begins: whether it passes, and what to do."""
_POSTGRES = (
    ("08", True, _DOWN),
    ("57", True, _DOWN),
    ("53100", True, "Its disk is full. Make room and run this again."),
    ("53", True, "It has reached its limit of connections. Run this again later."),
    ("55P03", True, "Another process is writing to it. Run this again."),
    ("40", True, "Another process changed the same rows. Run this again."),
    ("58", True, "Its disk reports an error. Check the disk and run this again."),
    ("28", False, "Check the user and the password in the address of the store."),
    ("3D000", False, "Create the database, or check the address of the store."),
    ("42501", False, "Give its user the right to create and write tables there."),
    ("25006", False, "It is read-only: name the primary server, or let this user write."),
    ("42", False, "Its tables are not those of okrsync. Check the address, or run `okrsync migrate`."),
    ("3F", False, "Give its user the right to create and write tables there."),
    ("XX", False, "It is damaged. Restore a backup."),
)
"""By how the SQLSTATE begins."""
_NOT_LET_IN = re.compile(r"password|authenticat|pg_hba|role \".*\" |no password supplied", re.IGNORECASE)
_BAD_OPTION = re.compile(
    r"bad value for|invalid (connection option|integer value|sslmode|port|.* option|.* value)", re.IGNORECASE
)
_NO_DATABASE = re.compile(r"FATAL: +database \".*\" does not exist")


def explained(url: URL, error: DBAPIError | OSError) -> StoreError:
    """A driver's error as ours, without what was written."""
    cause: Any = error.orig if isinstance(error, DBAPIError) else error
    told = cause.strerror if isinstance(cause, OSError) else str(cause)
    text = ((told or "").strip() or type(cause).__name__).splitlines()[0].rstrip(".")
    temporary, fix = _judged(cause)
    return StoreError(f"The store {shown(url)}: {text}. {fix}", temporary=temporary)


def shown(url: URL) -> str:
    """Where a store is, without what may be secret."""
    return url.set(query={}).render_as_string(hide_password=True)


def _judged(cause: Any) -> tuple[bool, str]:
    if isinstance(cause, sqlite3.Error):
        name = getattr(cause, "sqlite_errorname", None) or "SQLITE_ERROR"
        return _of(_SQLITE, name)
    state = getattr(cause, "sqlstate", None)
    if state:
        return _of(_POSTGRES, state)
    if isinstance(cause, PermissionError | NotADirectoryError | IsADirectoryError):
        return False, "Check the address, and let this user write to the file and its folder."
    if _BAD_OPTION.search(str(cause)):
        return False, "Correct the options in the address of the store."
    # What PostgreSQL says before it lets anyone in has no SQLSTATE.
    if _NOT_LET_IN.search(str(cause)):
        return _of(_POSTGRES, "28")
    if _NO_DATABASE.search(str(cause)):
        return _of(_POSTGRES, "3D000")
    return True, _DOWN


def _of(table: tuple[tuple[str, bool, str], ...], name: str) -> tuple[bool, str]:
    for beginning, temporary, fix in table:
        if name.startswith(beginning):
            return temporary, fix
    return False, "Check it and the address of the store."
