"""What SQLite files do to a connection, and addresses that lead nowhere."""

from __future__ import annotations

import sqlite3
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.errors import BadQuery, ConnectorError, Unreachable
from connectors.sql.spec import SqlOptions
from tests.connectors.contract import CANARY
from tests.connectors.test_sql_faults import COUNT, ENDLESS, SUM, Open, ask, hidden, opened, value

__all__ = ["opened"]


class TestSqlite:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        return self.make(tmp_path / "figures.sqlite")

    def make(self, file: Path) -> Path:
        made = sqlite3.connect(file)
        with made:
            made.execute("CREATE TABLE deals (id INTEGER, amount NUMERIC)")
            made.execute("INSERT INTO deals VALUES (1, 0.1), (2, 20)")
        made.close()
        return file

    def rows(self, file: Path) -> Any:
        made = sqlite3.connect(file)
        try:
            return made.execute(COUNT).fetchone()[0]
        finally:
            made.close()

    def test_the_database_itself_refuses_a_write(self, file: Path, opened: Open) -> None:
        before = file.read_bytes()
        (error,) = ask(opened(f"sqlite:///{file}"), "WITH x AS (SELECT 1) DELETE FROM deals")

        assert isinstance(error, BadQuery), repr(error)
        assert "readonly" in error.message
        assert self.rows(file) == 2
        assert file.read_bytes() == before

    def test_an_address_can_not_ask_for_more(self, file: Path, opened: Open) -> None:
        connection = opened(f"sqlite:///{file}?mode=rwc")

        (error,) = ask(connection, "WITH x AS (SELECT 1) DELETE FROM deals")

        assert isinstance(error, BadQuery), repr(error)
        assert self.rows(file) == 2

    def test_a_slow_query_costs_its_neighbours_nothing(self, file: Path, opened: Open) -> None:
        connection = opened(f"sqlite:///{file}", timeout=0.3, concurrency=2)

        slow, quick = ask(connection, ENDLESS, COUNT)

        assert isinstance(slow, Unreachable), repr(slow)
        assert slow.scope == "query"
        assert "timeout" in slow.fix
        assert value(quick) == 2
        assert value(ask(connection, SUM)[0]) == Decimal("20.1")

    def test_a_file_that_went_and_came_back(self, file: Path, opened: Open, tmp_path: Path) -> None:
        away = file.rename(tmp_path / "away")
        connection = opened(f"sqlite:///{file}")

        (lost,) = ask(connection, COUNT)
        away.rename(file)

        assert isinstance(lost, Unreachable), repr(lost)
        assert lost.scope == "connection"
        assert value(ask(connection, COUNT)[0]) == 2

    def test_no_database_at_all(self, tmp_path: Path, opened: Open) -> None:
        file = tmp_path / "notes.txt"
        file.write_text("nothing of the kind " * 100)

        (error,) = ask(opened(f"sqlite:///{file}"), COUNT)

        assert isinstance(error, ConnectorError), repr(error)

    def test_a_percent_sign_is_the_querys_own(self, file: Path, opened: Open) -> None:
        assert value(ask(opened(f"sqlite:///{file}"), f"{COUNT} WHERE amount LIKE '2%'")[0]) == 1

    def test_what_is_not_finite_is_no_number(self, file: Path, opened: Open) -> None:
        assert isinstance(ask(opened(f"sqlite:///{file}"), "SELECT 9e999")[0], BadQuery)

    @pytest.mark.parametrize("name", ["a#b.sqlite", "a b.sqlite"])
    def test_signs_of_a_uri_in_a_files_name(self, tmp_path: Path, opened: Open, name: str) -> None:
        file = self.make(tmp_path / name)

        (outcome,) = ask(opened(f"sqlite:///{file}"), COUNT)

        assert [path.name for path in tmp_path.iterdir()] == [name]
        assert value(outcome) == 2


@pytest.mark.parametrize("scheme", ["postgresql+psycopg", "mysql", "nosuch"])
def test_opening_does_nothing_and_errors_hide_the_address(scheme: str, opened: Open) -> None:
    connection = opened(f"{scheme}://okr:{CANARY}@127.0.0.1:1/x", timeout=2)
    assert CANARY not in repr(connection) + repr(connection.options)

    (error,) = ask(connection, COUNT)

    assert isinstance(error, Unreachable), repr(error)
    assert error.scope == "connection"
    hidden(error)


@pytest.mark.parametrize("url", [f"postgresql://u:{CANARY}@h:port/x", f"{CANARY} is not an address"])
def test_an_address_that_is_none_is_not_shown(url: str) -> None:
    with pytest.raises(ValidationError) as raised:
        SqlOptions.model_validate({"url": url})

    assert CANARY not in str(raised.value)


def test_postgres_is_read_by_the_driver_that_keeps_to_one_statement() -> None:
    with pytest.raises(ValidationError, match="psycopg"):
        SqlOptions.model_validate({"url": "postgresql+psycopg2://u@h/x"})


def test_without_its_driver_the_fix_names_the_extra(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)

    (error,) = ask(opened("postgresql://okr@127.0.0.1:1/x"), COUNT)

    assert isinstance(error, Unreachable)
    assert "pip install 'okrsync[postgres]'" in error.fix
