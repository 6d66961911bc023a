"""The queue's own tables, in the PostgreSQL database of the store, and the bucket in which all replicas count calls."""

from __future__ import annotations

import os
import zlib
from typing import Any

from sync.store.errors import StoreError
from sync.store.opening import MIGRATE

LOCK = 0x6F6B7271
"""PostgreSQL's advisory lock while the tables are made: replicas may start at once."""


def plain(url: str) -> str:
    """As libpq reads it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def prepare(url: str, *, by_command: bool = False) -> bool:
    """Create the queue's tables if they don't exist. Returns whether they were created. Raises StoreError."""
    import psycopg
    from procrastinate.schema import SchemaManager

    try:
        with psycopg.connect(plain(url), connect_timeout=10) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            found = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
            if found is not None and found[0] is not None:
                return False
            if not by_command and os.environ.get(MIGRATE, "").strip().lower() in ("off", "0", "false", "no"):
                raise StoreError("The queue has no tables yet. Run `okrsync migrate`.")
            connection.execute(SchemaManager.get_schema())
    except psycopg.Error as error:
        raise unusable(error) from None
    return True


def unusable(error: Exception) -> StoreError:
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return StoreError(f"The queue can't be used: {said}. Look at `queue:` in okrsync.yaml.", temporary=True)


def shared_bucket(pool: Any) -> Any:
    """For `connectors.pacing.share`: one bucket for each connection, by the name of its workspace too."""
    from pyrate_limiter import PostgresBucket
    from structlog.contextvars import get_contextvars

    def bucket(connection: str, rates: list[Any]) -> Any:
        whose = f"{get_contextvars().get('workspace', '')} {connection}"
        return PostgresBucket(pool, f"okrsync_{zlib.crc32(whose.encode()):08x}", rates)

    return bucket
