"""When each key result was asked last, for passes that did not ask all of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete

from sync.store.tables import asked

ALL = ""
"""Stands for all key results; no id is empty."""
MANY = 500
"""So many names fit into a query of any database."""


def tell_asked(connection: Connection, only: Collection[str], at: datetime) -> None:
    """Of these, or of all where none is named."""
    names = sorted(only) or [ALL]
    for part in (names[n : n + MANY] for n in range(0, len(names), MANY)):
        connection.execute(delete(asked).where(asked.c.key_result.in_(part)))
        connection.execute(asked.insert(), [{"key_result": name, "at": at} for name in part])
