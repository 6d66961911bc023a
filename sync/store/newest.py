"""What is current: the newest row of each key result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, func, select


def newest(connection: Connection, table: Table) -> Iterable[Mapping[str, Any]]:
    last = select(func.max(table.c.id)).group_by(table.c.key_result)
    rows = connection.execute(select(table).where(table.c.id.in_(last))).mappings()
    return [dict(row) for row in rows]
