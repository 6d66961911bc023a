"""A store is copied exactly, to PostgreSQL and back, and only to where nothing is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from sync.store.copying import copy_store
from sync.store.errors import StoreError
from sync.store.opening import Owner, migrate_store
from sync.store.store import Store
from sync.store.tables import leases, metadata
from tests.sync.conftest import empty
from tests.sync.old_stores import VERSIONS, put


def contents(url: str) -> dict[str, list[Any]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in metadata.sorted_tables
            if table is not leases
        }
    engine.dispose()
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_there_and_back_again(version: str, tmp_path: Path, postgres: str) -> None:
    first, back = f"sqlite:///{tmp_path}/a.sqlite", f"sqlite:///{tmp_path}/b.sqlite"
    put(version, first)
    migrate_store(first, Owner(workspace="acme"))
    empty(postgres)

    counts = copy_store(first, postgres)
    copy_store(postgres, back)

    assert counts["check_ins"] > 30
    assert contents(first) == contents(postgres) == contents(back)
    store = Store.open(postgres, Owner(workspace="acme"))
    assert store.info.tell("number", "goes on", next(iter(store.last_check_ins().values())).at)
    store.close()


def test_only_to_where_nothing_is(tmp_path: Path) -> None:
    one, two = f"sqlite:///{tmp_path}/a.sqlite", f"sqlite:///{tmp_path}/b.sqlite"
    with pytest.raises(StoreError, match="nothing to copy"):
        copy_store(one, two)
    Store.open(one).close()
    Store.open(two).close()

    with pytest.raises(StoreError, match=r"There is a store at sqlite:///.*b.sqlite already"):
        copy_store(one, two)
    with pytest.raises(StoreError, match="to itself"):
        copy_store(one, one)
