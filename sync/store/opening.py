"""Opens a store: for writing on the schema of this version, for reading as it lies there."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

from mapping.model import Key
from mapping.records import OKR_FILE
from sync.clock import utc_now
from sync.store.adopting import adopt
from sync.store.engine import address, empty_engine, reading_engine, writing_engine
from sync.store.errors import StoreError
from sync.store.info import UNADOPTED, WORKSPACE, read_info, write_info
from sync.store.renaming import Renaming, to_rename
from sync.store.renaming import rename as take_over
from sync.store.schema import HEAD, bring_up_to_date, is_ready, version_of
from sync.store.writing import for_writing

MIGRATE = "OKRSYNC_MIGRATE"
"""`off` leaves migrations to `okrsync migrate`."""


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose store it is to be: the workspace's name, its key results, and those of another id than before."""

    workspace: str
    keys: frozenset[Key] = field(default_factory=frozenset)
    renamed: frozenset[Renaming] = field(default_factory=frozenset)


def open_for_writing(url: str, owner: Owner | None = None) -> Engine:
    """Migrates where it must, and makes the store the owner's. Raises StoreError."""
    engine = writing_engine(address(url))
    try:
        with engine.begin() as connection:
            ready = is_ready(connection) and _is_settled(connection, owner)
        if not ready:
            with for_writing(engine).begin() as connection:
                _refuse_to_migrate(connection)
                settle(connection, owner)
    except BaseException:
        engine.dispose()
        raise
    return engine


def open_for_reading(url: str, owner: Owner | None = None) -> Engine:
    """Writes nothing; a store that is not there yet is empty. Raises StoreError."""
    engine = reading_engine(address(url))
    if engine is None:
        return empty_engine()
    try:
        with engine.connect() as connection:
            if version_of(connection) is None:
                engine.dispose()
                return empty_engine()
            if not is_ready(connection):
                raise _is_older(connection)
            _refuse_another(connection, owner)
    except BaseException:
        engine.dispose()
        raise
    return engine


def migrate_store(url: str, owner: Owner, *, rename: bool = False) -> tuple[str | None, str]:
    """Bring a store up to date, whatever OKRSYNC_MIGRATE says, and make it the owner's; with `rename` even where it is
    another's. Returns the schema before (None where there was none) and now. Raises StoreError."""
    engine = writing_engine(address(url))
    try:
        with for_writing(engine).begin() as connection:
            before = version_of(connection)
            settle(connection, owner, rename=rename)
    finally:
        engine.dispose()
    return before, HEAD


def settle(connection: Connection, owner: Owner | None, *, rename: bool = False) -> None:
    bring_up_to_date(connection)
    if owner is None:
        return
    if rename:
        write_info(connection, WORKSPACE, owner.workspace, utc_now())
    _refuse_another(connection, owner)
    write_info(connection, WORKSPACE, owner.workspace, utc_now())
    if read_info(connection, UNADOPTED) == "yes" and adopt(connection, owner.keys):
        write_info(connection, UNADOPTED, "no", utc_now())
    take_over(connection, owner.renamed, OKR_FILE)


def _is_settled(connection: Connection, owner: Owner | None) -> bool:
    if owner is None:
        return True
    _refuse_another(connection, owner)
    return (
        read_info(connection, WORKSPACE) is not None
        and read_info(connection, UNADOPTED) != "yes"
        and not (owner.renamed and to_rename(connection, owner.renamed))
    )


def _refuse_another(connection: Connection, owner: Owner | None) -> None:
    known = read_info(connection, WORKSPACE)
    if owner is not None and known is not None and known != owner.workspace:
        raise StoreError(
            f"The store belongs to the workspace {known!r}, and this one is {owner.workspace!r}. Name another store, "
            f"or write `workspace: {known}` in okrsync.yaml; if the workspace was renamed, run "
            f"`okrsync migrate --workspace {owner.workspace}`."
        )


def _refuse_to_migrate(connection: Connection) -> None:
    if os.environ.get(MIGRATE, "").strip().lower() in ("off", "0", "false", "no") and not is_ready(connection):
        raise _is_older(connection)


def _is_older(connection: Connection) -> StoreError:
    version = version_of(connection)
    what = f"has the schema {version}" if version else "has no tables yet"
    return StoreError(f"The store {what}, and this okrsync needs {HEAD}. Run `okrsync migrate`.")
