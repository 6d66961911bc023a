"""The contract over a SQLite file, and the faults that databases have, on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from connectors.errors import AccessDenied, BadCredentials, BadQuery, Unreachable
from connectors.sql.spec import SPEC, SqlQuery
from mapping.reading import Reading
from tests.connectors.contract import CANARY, ConnectorContract

ROWS = "INSERT INTO deals VALUES (1, 10.25), (2, 20), (3, NULL), (4, 5), (5, 7)"
SLOW = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


class TestSql(ConnectorContract):
    spec = SPEC

    @pytest.fixture
    def options(self, tmp_path: Path) -> dict[str, Any]:
        file = tmp_path / f"{CANARY}.sqlite"
        with sqlite3.connect(file) as made:
            made.execute("CREATE TABLE deals (id INTEGER, amount NUMERIC)")
            made.execute(ROWS)
        return {"url": f"sqlite:///{file}"}

    @pytest.fixture
    def good(self) -> tuple[Any, Decimal]:
        return "SELECT sum(amount) FROM deals", Decimal("42.25")

    @pytest.fixture
    def bad(self) -> Any:
        return "SELECT sum(betrag) FROM deals"

    @pytest.fixture
    def empty(self) -> Any:
        return {"query": "SELECT sum(amount) FROM deals WHERE id > 9"}

    @pytest.fixture
    def paged(self) -> tuple[Any, Decimal]:
        return "SELECT count(*) FROM deals", Decimal(5)

    @pytest.fixture
    def batch(self) -> tuple[list[Any], int]:
        return [f"SELECT count(*) FROM deals WHERE id > {n}" for n in range(12)], 0

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("SELECT id FROM deals", "several rows"),
            ("SELECT id FROM deals WHERE id = 9", "no row"),
            ("SELECT id, amount FROM deals WHERE id = 1", "2 columns"),
            ("SELECT 'many'", "not a number"),
            ("SELECT sum(amount FROM deals", "syntax"),
        ],
    )
    def test_what_is_not_one_number_is_refused(self, options: dict[str, Any], query: str, words: str) -> None:
        error = self.one(self.open(options), query)

        assert isinstance(error, BadQuery), repr(error)
        assert words in error.message

    def test_a_file_can_be_neither_changed_nor_made(self, options: dict[str, Any], tmp_path: Path) -> None:
        with self.open(options)._client._reading() as connection, pytest.raises(Exception, match="readonly"):
            connection.exec_driver_sql("DELETE FROM deals")
        missing = self.one(self.open({"url": f"sqlite:///{tmp_path}/none.sqlite"}), "SELECT 1")

        assert isinstance(missing, Unreachable), repr(missing)
        assert not (tmp_path / "none.sqlite").exists()

    def test_a_query_without_end_is_broken_off(self, options: dict[str, Any]) -> None:
        error = self.one(self.open({**options, "timeout": 0.2}), SLOW)

        assert isinstance(error, Unreachable)
        assert error.scope == "query"
        assert "0.2 seconds" in error.message

    def test_validation_runs_nothing(self, options: dict[str, Any], bad: Any) -> None:
        slow, wrong = self.query(SLOW), self.query(bad)

        judged = dict(self.open(options).validate([slow, wrong]))

        assert judged[slow] is None
        assert isinstance(judged[wrong], BadQuery)

    def test_validation_refuses_what_gives_several_columns(self, options: dict[str, Any]) -> None:
        several, commented = (
            self.query("SELECT 1 AS a, 2 AS a;"),
            self.query("SELECT count(*) FROM (SELECT 1) x -- one"),
        )

        judged = dict(self.open(options).validate([several, commented]))

        assert judged[commented] is None
        assert "2 columns" in str(judged[several])


@pytest.mark.parametrize(
    "query", ["DELETE FROM deals", "SELECT 1; DELETE FROM deals", "-- x\nUPDATE deals SET id = 1", "/* SELECT */ DROP"]
)
def test_what_does_not_begin_as_a_read_is_refused(query: str) -> None:
    with pytest.raises(ValidationError):
        SqlQuery(query=query)


@pytest.mark.parametrize("query", ["SELECT ';' ;", "with a AS (SELECT 1) SELECT * FROM a", "-- note; here\nSELECT 1"])
def test_reads_are_taken(query: str) -> None:
    assert SqlQuery(query=query).query == query


class TestPostgres:
    spec = SPEC
    open = ConnectorContract.open
    query = ConnectorContract.query
    one = ConnectorContract.one

    @pytest.fixture
    def address(self, postgres: str) -> str:
        with create_engine(postgres).begin() as admin:
            admin.exec_driver_sql("DROP TABLE IF EXISTS deals, secrets")
            admin.exec_driver_sql("CREATE TABLE deals (id int, amount numeric(12, 2))")
            admin.exec_driver_sql("CREATE TABLE secrets (id int)")
            admin.exec_driver_sql(ROWS)
            admin.exec_driver_sql(
                "DO $$ BEGIN CREATE ROLE okr_reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
            )
            admin.exec_driver_sql("GRANT SELECT ON deals TO okr_reader")
        return make_url(postgres).set(username="okr_reader").render_as_string(hide_password=False)

    def test_a_sum_is_exact(self, address: str) -> None:
        connection = self.open({"url": address})  # type: ignore[misc]
        reading = self.one(connection, "SELECT sum(amount) FROM deals")  # type: ignore[misc]

        assert isinstance(reading, Reading), repr(reading)
        assert reading.value == Decimal("42.25")
        assert "okr_reader" in connection.check().name
        connection.close()

    @pytest.mark.parametrize(
        ("query", "expected", "words"),
        [
            ("WITH gone AS (DELETE FROM deals RETURNING 1) SELECT count(*) FROM gone", BadQuery, "would write"),
            ("SELECT count(*) FROM secrets", AccessDenied, "permission denied"),
            ("SELECT count(*) FROM nothing", BadQuery, "nothing"),
            ("SELECT pg_sleep(5)::text", Unreachable, "0.3 seconds"),
            ("SELECT 'a'::text", BadQuery, "not a number"),
        ],
    )
    def test_faults(self, address: str, query: str, expected: type[Exception], words: str) -> None:
        connection = self.open({"url": address, "timeout": 0.3})  # type: ignore[misc]

        error = self.one(connection, query)  # type: ignore[misc]

        assert isinstance(error, expected), repr(error)
        assert words in str(error)
        assert error.scope == "query"
        connection.close()

    def test_nobody_there_and_the_password_stays_hidden(self) -> None:
        url = f"postgresql+psycopg://okr:{CANARY}@127.0.0.1:1/x"
        connection = self.open({"url": url, "timeout": 2})  # type: ignore[misc]

        error = self.one(connection, "SELECT 1")  # type: ignore[misc]

        assert isinstance(error, Unreachable)
        assert error.scope == "connection"
        assert CANARY not in str(error) + error.fix

    def test_a_user_that_is_not_there(self, address: str) -> None:
        url = make_url(address).set(username="nobody_here").render_as_string(hide_password=False)
        error = self.one(self.open({"url": url}), "SELECT 1")  # type: ignore[misc]

        assert isinstance(error, BadCredentials | Unreachable), repr(error)
        assert error.scope == "connection"
