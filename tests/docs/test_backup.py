"""Backups as docs/how-to/back-up.md makes them hold every row, and okrsync goes on with what was restored."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from sync.store.opening import Owner, migrate_store
from sync.store.store import Store
from tests.sync.conftest import empty
from tests.sync.old_stores import VERSIONS, put
from tests.sync.test_copy import contents


def call(*words: object) -> None:
    if not shutil.which(str(words[0])):
        pytest.skip(f"there is no {words[0]} on this machine")
    subprocess.run([str(word) for word in words], check=True, capture_output=True)


def filled(url: str) -> None:
    put(VERSIONS[-1], url)
    migrate_store(url, Owner(workspace="acme"))


def goes_on(url: str) -> bool:
    store = Store.open(url, Owner(workspace="acme"))
    at = next(iter(store.last_check_ins().values())).at
    told = store.info.tell("number", "goes on", at)
    store.close()
    return told is not None


def test_sqlite_while_the_store_is_open(tmp_path: Path) -> None:
    url, copy = f"sqlite:///{tmp_path}/okrsync.sqlite", tmp_path / "backup.sqlite"
    filled(url)
    store = Store.open(url, Owner(workspace="acme"))

    call("sqlite3", tmp_path / "okrsync.sqlite", f".backup {copy}")

    store.close()
    before = contents(url)
    for file in tmp_path.glob("okrsync.sqlite*"):
        file.unlink()
    copy.replace(tmp_path / "okrsync.sqlite")
    assert sum(map(len, before.values())) > 100
    assert contents(url) == before
    assert goes_on(url)


def test_postgres(tmp_path: Path, postgres: str) -> None:
    empty(postgres)
    filled(postgres)
    address, dump = postgres.replace("+psycopg", ""), tmp_path / "okrsync.dump"
    before = contents(postgres)

    call("pg_dump", "--format=custom", f"--file={dump}", address)
    empty(postgres)
    call("pg_restore", "--no-owner", f"--dbname={address}", dump)

    assert sum(map(len, before.values())) > 100
    assert contents(postgres) == before
    assert goes_on(postgres)
