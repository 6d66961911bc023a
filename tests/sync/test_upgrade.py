"""A store of every earlier version is brought up to date with nothing lost and nothing held anew."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from cli.main import run
from config.load import load
from sandbox.company import sample_company
from sandbox.run import running
from sync.history import history
from sync.overview import overview
from sync.owner import owner_of
from sync.store.errors import StoreError
from sync.store.schema import HEAD
from sync.store.store import Store
from sync.store.tables import metadata
from tests.sync.conftest import empty, q4
from tests.sync.old_stores import STORES, VERSIONS, put, rows

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/s.sqlite"
    found: str = request.getfixturevalue("postgres")
    empty(found)
    return found


@pytest.fixture(scope="module")
def tools() -> Iterator[dict[str, str]]:
    with running(sample_company(), clock=lambda: NOW) as environment:
        yield environment


@pytest.fixture
def folder(tmp_path: Path, url: str, tools: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in tools.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("OKRSYNC_STORE", url)
    shutil.copytree(STORES / "workspace", tmp_path / "acme")
    return tmp_path / "acme"


@pytest.mark.parametrize("version", VERSIONS)
def test_an_upgrade_loses_nothing(version: str, url: str, folder: Path) -> None:
    put(version, url)

    assert run(["-c", str(folder), "migrate"], clock=lambda: NOW) == 0

    engine = create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        for table in ("runs", "readings", "check_ins", "outcomes", "candidates", "actions", "closings", "rebuilt"):
            assert connection.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar() == len(rows(version, table)), (
                table
            )
    engine.dispose()
    workspace = load(folder)
    store = Store.read(url, owner_of(workspace))
    for key, made in store.last_check_ins().items():
        old = [row for row in rows(version, "check_ins") if row["key_result"] == key.id][-1]
        assert key.cycle == workspace.bindings[key.id].key_result.period.name
        assert (made.value.amount, str(made.value.unit)) == (Decimal(old["value"]), old["unit"])
        assert (made.by, made.definition) == (old.get("by"), old["definition"])
    counted = Counter(row["key_result"] for row in rows(version, "check_ins"))
    assert {key: len(store.history(workspace.bindings[key].key_result.key)) for key in counted} == counted
    store.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_an_upgrade_holds_nothing_anew_and_writes_nothing_twice(version: str, url: str, folder: Path) -> None:
    put(version, url)
    _as_it_was_configured(version, folder)
    held = {row["key_result"] for row in _newest(rows(version, "candidates")) if row["state"] == "held"}
    known = {row["key_result"]: row["value"] for row in _newest(rows(version, "check_ins"))}

    run(["-c", str(folder), "sync"], clock=lambda: NOW)

    workspace = load(folder)
    store = Store.read(url, owner_of(workspace))
    seen = overview(workspace, store, NOW)
    views = [view for one in seen.objectives for view in (*one.key_results, *one.initiatives)]
    assert {view.key_result.id for view in views if view.beside and view.beside.state == "held"} == held
    changed = {key.id for key, made in store.last_check_ins().items() if made.value.amount != Decimal(known[key.id])}
    again = {key.id for key, made in store.last_check_ins().items() if made.at == NOW}
    assert again <= changed, "the same value was recorded once more"
    store.close()

    assert run(["-c", str(folder), "show"], clock=lambda: NOW) == 0


def test_what_people_said_stands_after_an_upgrade(url: str, folder: Path) -> None:
    put("0002", url)
    _as_it_was_configured("0002", folder)
    run(["-c", str(folder), "sync"], clock=lambda: NOW)

    store = Store.read(url, owner_of(load(folder)))
    assert store.people.pinned()[q4("office-hours")].by == "bob"
    assert store.last_check_ins()[q4("office-hours")].value.amount == 700
    assert {key.id: (key.cycle, one.outcome) for key, one in store.people.closings().items()} == {
        "q3-deals": ("2026-Q3", "closed"),
        "q3-people": ("2026-Q3", "closed"),
    }
    told = [event.action.action for event in history(store, q4("unified-data"), UTC) if event.action]
    assert told == ["accepted", "rejected"]
    assert store.last_check_ins()[q4("unified-data")].value.amount == Decimal("0.8316"), "the rejected one counts"
    assert len(store.past.rebuilt(q4("qualified-leads"))) == 3
    store.close()


def test_a_meaning_that_changes_after_the_upgrade_is_held(url: str, folder: Path) -> None:
    put("0001", url)
    run(["-c", str(folder), "sync"], clock=lambda: NOW)
    file = folder / "okrs" / "business-operations.yaml"
    file.write_text(file.read_text().replace("value: matched / contacts", "value: matched / contacts * 0.98"))

    run(["-c", str(folder), "sync"], clock=lambda: NOW)

    store = Store.read(url, owner_of(load(folder)))
    assert store.people.candidates()[q4("unified-data")].state == "held"
    store.close()


def test_reading_never_migrates(url: str, folder: Path) -> None:
    put("0002", url)

    assert run(["-c", str(folder), "show"], clock=lambda: NOW) == 2

    with pytest.raises(StoreError, match=rf"has the schema 0002, and this okrsync needs {HEAD}. Run `okrsync migrate`"):
        Store.read(url)


def test_migrations_can_be_left_to_the_command(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put("0002", url)
    monkeypatch.setenv("OKRSYNC_MIGRATE", "off")

    assert run(["-c", str(folder), "sync"], clock=lambda: NOW) == 2
    assert run(["-c", str(folder), "migrate"], clock=lambda: NOW) == 0
    assert run(["-c", str(folder), "show"], clock=lambda: NOW) == 0


def _as_it_was_configured(version: str, folder: Path) -> None:
    """The last sync of the second store was with another query."""
    if version == "0002":
        file = folder / "okrs" / "marketing.yaml"
        file.write_text(file.read_text().replace("Status = 'Completed'", "Status != 'Planned'"))


def _newest(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({row["key_result"]: row for row in found}.values())
