"""Brings a database to the schema of this version."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from sync.clock import utc_now
from sync.store.errors import StoreError
from sync.store.info import CREATED, SERVES, VERSION, read_info, write_info
from sync.store.tables import leases, metadata
from sync.store.writing import LEASE, SERVE

HEAD = "0009"
"""The newest migration. A database that says so is ready, and alembic, slow to import, is not asked."""
OLDEST_SERVED = "0003"
"""The oldest version whose okrsync can go on working with a database of this version."""
MIGRATION_LOCK = 0x6F6B7273
"""PostgreSQL's advisory lock while migrating: until then there may be no table to lock."""


def version_of(connection: Connection) -> str | None:
    """None where there is no store yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def is_ready(connection: Connection) -> bool:
    """Whether this version can work with the database as it is. A newer one may say that it serves us. Raises
    StoreError where it does not."""
    version = version_of(connection)
    if version is None or version < HEAD:
        return False
    if version > HEAD and (read_info(connection, SERVES) or version) > HEAD:
        raise StoreError(f"the store was written by a newer okrsync (schema {version}). Use that version.")
    return True


def bring_up_to_date(connection: Connection) -> str | None:
    """Create what is missing. Returns the version from which it was migrated, None where nothing was to do. Raises
    StoreError for a database of a newer okrsync."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    if is_ready(connection):
        return None
    before = version_of(connection)
    if before is None:
        _create(connection)
        write_info(connection, CREATED, utc_now().isoformat(), utc_now())
    else:
        migrate(connection)
    write_info(connection, SERVES, OLDEST_SERVED, utc_now())
    write_info(connection, VERSION, version("okrsync"), utc_now())
    return before


def _create(connection: Connection) -> None:
    metadata.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
    connection.execute(leases.insert(), [{"name": LEASE, "token": 0}, {"name": SERVE, "token": 0}])


def migrate(connection: Connection, to: str = "head") -> None:
    """Run the migrations that this database lacks."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", os.fspath(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
