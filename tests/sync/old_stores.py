"""Stores as earlier versions wrote them, on either database."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Boolean, DateTime, MetaData, create_engine, text

from sync.store.schema import migrate

STORES = Path(__file__).parent / "stores"
VERSIONS = sorted(file.stem for file in STORES.glob("*.sql"))


def put(version: str, url: str) -> None:
    """Write the old store to that address."""
    script = (STORES / f"{version}.sql").read_text()
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.executescript(script)
        return
    source = sqlite3.connect(":memory:")
    source.row_factory = sqlite3.Row
    source.executescript(script)
    engine = create_engine(url)
    with engine.begin() as connection:
        migrate(connection, version)
        tables = MetaData()
        tables.reflect(connection)
        for table in tables.sorted_tables:
            if table.name == "alembic_version":
                continue
            rows = [dict(row) for row in source.execute(f'SELECT * FROM "{table.name}"')]
            for row in rows:
                for column in table.c:
                    row[column.name] = _value(column.type, row[column.name])
            connection.execute(table.delete())
            if not rows:
                continue
            connection.execute(table.insert(), rows)
            if "id" in table.c:
                last = max(row["id"] for row in rows)
                connection.execute(text(f"SELECT setval('{table.name}_id_seq', {last})"))
    engine.dispose()


def _value(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    if isinstance(kind, JSON):
        return json.loads(value)
    return bool(value) if isinstance(kind, Boolean) else value


def rows(version: str, table: str) -> list[dict[str, Any]]:
    """What the old store held."""
    source = sqlite3.connect(":memory:")
    source.row_factory = sqlite3.Row
    source.executescript((STORES / f"{version}.sql").read_text())
    try:
        return [dict(row) for row in source.execute(f'SELECT * FROM "{table}" ORDER BY id')]
    except sqlite3.OperationalError:
        return []
