"""The schema, its migrations, and what a killed process leaves."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from sync.clock import utc_now
from sync.store.errors import StoreError
from sync.store.info import SERVES, write_info
from sync.store.opening import open_for_writing
from sync.store.schema import HEAD, migrate
from sync.store.store import Store
from sync.store.tables import metadata
from tests.sync.conftest import empty


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/s.sqlite"
    found: str = request.getfixturevalue("postgres")
    empty(found)
    return found


def test_migrations_lead_to_the_tables(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        migrate(connection)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    engine.dispose()

    assert differences == []
    assert version == HEAD


def test_a_new_store_is_ready(url: str) -> None:
    engine = open_for_writing(url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()

    assert names == {*metadata.tables, "alembic_version"}
    open_for_writing(url).dispose()


def test_a_store_of_a_newer_version_is_refused(url: str) -> None:
    become_newer(url, serves="9999")

    with pytest.raises(StoreError, match="newer okrsync"):
        open_for_writing(url)


def test_a_store_of_the_next_version_serves_this_one(url: str) -> None:
    become_newer(url, serves=HEAD)

    open_for_writing(url).dispose()


def become_newer(url: str, serves: str) -> None:
    engine = open_for_writing(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        write_info(connection, SERVES, serves, utc_now())
    engine.dispose()


@pytest.mark.parametrize("address", ["nonsense", "sqlite:////proc/nope/x.sqlite", "mysql://u:geheim@127.0.0.1/x"])
def test_a_store_that_can_not_be_opened(address: str) -> None:
    with pytest.raises(StoreError) as raised:
        Store.open(address)

    assert "geheim" not in str(raised.value)


def test_killed_in_the_middle_of_writing(tmp_path: Path) -> None:
    """A process is killed while its transaction is open; the next one finds the store whole and goes on."""
    script = """
import os, signal, sys
from sync.store.opening import open_for_writing
from sync.store.writing import for_writing
from sync.store.tables import runs
from sync.clock import utc_now
engine = open_for_writing(sys.argv[1])
values = dict(reason="one-shot", version="1", key_results=1, check_ins=0, failed=0)
values |= dict.fromkeys(("asked_at", "started_at", "finished_at"), utc_now())
with for_writing(engine).begin() as connection:
    connection.execute(runs.insert().values(**values, run_id="1"))
with for_writing(engine).begin() as connection:
    connection.execute(runs.insert().values(**values, run_id="2"))
    os.kill(os.getpid(), signal.SIGKILL)
"""
    file = tmp_path / "s.sqlite"
    killed = subprocess.run([sys.executable, "-c", script, f"sqlite:///{file}"], check=False, env={**os.environ})

    assert killed.returncode == -signal.SIGKILL
    store = Store.open(f"sqlite:///{file}")
    assert store.last_run() is not None
    store.close()
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT COUNT(*) FROM runs").fetchone() == (1,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_without_its_driver_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)

    for opened in (Store.open, Store.read):
        with pytest.raises(StoreError, match=r"pip install 'okrsync\[postgres\]'"):
            opened("postgresql://okrsync@127.0.0.1:1/okrsync")
