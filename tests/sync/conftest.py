"""A store on SQLite and on PostgreSQL, and a workspace over memory connectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from config.load import Workspace, load
from connectors.memory.pull import MemoryConnector
from connectors.memory.spec import MemoryOptions
from mapping.model import Key
from sync.store.store import Store

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
OKRS = """
cycle: 2026-Q4
metrics:
  won: {memory: won, connection: crm, unit: USD}
  matched: {memory: matched, connection: crm}
  contacts: {memory: contacts, connection: crm}
  again: {memory: contacts, connection: crm}
objectives:
  - id: o
    title: O
    key_results:
      - {id: sales, title: Sales, start: $12M, target: $15M, value: won}
      - {id: ratio, title: Ratio, start: 80%, target: 90%, value: matched / contacts}
      - {id: size, title: Size, start: 0, target: 200, value: again}
      - {id: visits, title: Visits, start: 0, target: 1000, value: {memory: visits, connection: web}}
"""
WORKER = "connections:\n  crm: {type: memory}\n  web: {type: memory}\n"


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        opened = Store.open(f"sqlite:///{tmp_path}/store.sqlite")
    else:
        url = request.getfixturevalue("postgres")
        empty(url)
        opened = Store.open(url)
    yield opened
    opened.close()


def q4(key_result: str) -> Key:
    return Key(key_result, "2026-Q4")


def empty(url: str) -> None:
    from sqlalchemy import create_engine, text

    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okrsync.yaml").write_text(WORKER)
    (tmp_path / "okrs" / "a.yaml").write_text(OKRS)
    return load(tmp_path)


@pytest.fixture
def tools() -> dict[str, MemoryConnector]:
    values: dict[str, dict[str, Any]] = {
        "crm": {"won": Decimal(13_000_000), "matched": Decimal(83), "contacts": Decimal(100)},
        "web": {"visits": Decimal(400)},
    }
    return {name: connector(name, made) for name, made in values.items()}


def connector(name: str, values: dict[str, Any], clock: Callable[[], datetime] = lambda: AT) -> MemoryConnector:
    made = MemoryConnector(name, MemoryOptions(), clock=clock)
    made.values.update(values)
    return made
