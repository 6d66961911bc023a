"""What a query may cost, and how it is ended: answers without end, sessions that hang, mistakes of one query."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import BadAnswer, BadQuery, ConnectorError, Unreachable
from connectors.sql.spec import SqlQuery
from tests.connectors.test_sql_faults import (
    COUNT,
    ENDLESS,
    Open,
    Postgres,
    ask,
    database,
    opened,
    server,
    value,
)
from tests.sweep import dice, sweep

__all__ = ["database", "opened", "server"]

MISTAKES = [
    "SELECT sum(amount) FROM nothing",
    "SELECT sum(betrag) FROM deals",
    "SELECT nosuch(amount) FROM deals",
    "SELECT sum(amount FROM deals",
    "SELECT (",
    "SELECT id FROM deals a, deals b",
    "SELECT abs(1, 2)",
    "SELECT count(*) FROM deals WHERE sum(amount) > 1",
    "SELECT sum(id) FROM (SELECT 9223372036854775807 AS id UNION ALL SELECT 1)",
    "SELECT id FROM deals ORDER BY 7",
    "SELECT 1 UNION SELECT 1, 2",
    "SELECT (SELECT 1, 2)",
    "SELECT (1, 2)",
    "SELECT id FROM deals HAVING id > 1",
    "SELECT 1 @",
    "WITH a AS (SELECT * FROM a) SELECT * FROM a",
    "SELECT json_extract('{', '$.a')",
    "SELECT id FROM deals ORDER BY id COLLATE klingon",
    "SELECT hex(zeroblob(20000000))",
    "SELECT CAST(x'ff' AS text)",
    f"SELECT {'(' * 2000}1{')' * 2000}",
    f"SELECT 1{'+1' * 5000}",
    f"SELECT {', '.join(['1'] * 3000)}",
]  # fmt: skip
WORDS = [
    *(
        "SELECT",
        "WITH",
        "FROM deals",
        "WHERE",
        "GROUP BY",
        "ORDER BY",
        "HAVING",
        "UNION ALL",
        "JOIN",
        "ON",
        "LIMIT",
        "AS",
    ),
    *(
        "id",
        "amount",
        "name",
        "*",
        "1",
        "0",
        "9223372036854775807",
        "1e400",
        "''",
        "'x'",
        "NULL",
        "x'00'",
        "a",
        "é",
        "\0",
    ),
    *("sum(", "count(", "CAST(", "(", ")", ",", "+", "-", "/", "||", "LIKE", "GLOB", "IN", "EXISTS", "NOT", "COLLATE"),
    *("CASE", "WHEN", "THEN", "END", "--", "/*", "*/", '"', "'", ";", "%", "%s", "?", ":a", "$1", "{", "}"),
]


@pytest.fixture
def file(tmp_path: Path) -> str:
    with sqlite3.connect(tmp_path / "figures.sqlite") as made:
        made.execute("CREATE TABLE deals (id INTEGER, amount NUMERIC, name TEXT)")
        made.execute("INSERT INTO deals VALUES (1, 0.1, 'acme'), (2, 20, NULL), (3, NULL, x'ff')")
    return f"sqlite:///{tmp_path}/figures.sqlite"


@pytest.mark.parametrize("query", MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_in_one_query_is_its_own(file: str, opened: Open, query: str) -> None:
    wrong, right = ask(opened(file), query, COUNT)

    assert type(wrong) is BadQuery, repr(wrong)
    assert (wrong.scope, wrong.temporary) == ("query", False)
    assert value(right) == 3


@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_nonsense_costs_itself_alone(where: str, request: pytest.FixtureRequest, opened: Open) -> None:
    address = request.getfixturevalue("file") if where == "sqlite" else request.getfixturevalue("database").url()
    connection, chance = opened(address, timeout=5), dice(where)
    for _ in range(sweep(8, 3_000)):
        nonsense = {"SELECT " + " ".join(chance.choices(WORDS, k=chance.randint(1, 12))) for _ in range(5)}
        queries = [*_valid(nonsense), SqlQuery(query=COUNT)]

        found = dict(connection.read(queries))

        for query in queries[:-1]:
            outcome = found[query]
            assert not isinstance(outcome, ConnectorError) or outcome.scope == "query", (query, outcome)
        assert value(found[queries[-1]]) == 3


def _valid(texts: set[str]) -> list[SqlQuery]:
    made = []
    for one in texts:
        try:
            made.append(SqlQuery(query=one))
        except ValueError:
            continue
    return made


@pytest.mark.parametrize("sign", ["/*", "'", '"', "''", "--", "/* '"])
def test_a_query_is_looked_through_once(sign: str) -> None:
    begun = time.monotonic()

    SqlQuery(query="SELECT 1 " + sign * (90_000 // len(sign)))

    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    ("text", "kind"), [("nothing of the kind " * 100, BadAnswer), ("SQLite format 3\0" + "x" * 5000, BadAnswer)]
)
def test_a_file_that_is_no_database_concerns_every_query(
    tmp_path: Path, opened: Open, text: str, kind: type[ConnectorError]
) -> None:
    (tmp_path / "notes").write_text(text)

    for error in ask(opened(f"sqlite:///{tmp_path}/notes"), COUNT, f"{COUNT} -- again"):
        assert isinstance(error, kind), repr(error)
        assert error.scope == "connection"


def test_a_file_that_is_locked_is_tried_again_later(tmp_path: Path, file: str, opened: Open) -> None:
    with sqlite3.connect(tmp_path / "figures.sqlite") as other:
        other.execute("BEGIN EXCLUSIVE")

        (error,) = ask(opened(file, timeout=0.3), COUNT)

    assert isinstance(error, Unreachable), repr(error)
    assert error.temporary


def test_no_server_at_a_socket_is_no_bad_query(tmp_path: Path, opened: Open) -> None:
    for error in ask(opened(f"postgresql+psycopg://okr@/x?host={tmp_path}"), COUNT, ENDLESS):
        assert type(error) is Unreachable, repr(error)
        assert error.scope == "connection"


def test_a_stopped_sqlite_query_ends_at_once(file: str, opened: Open) -> None:
    connection = opened(file, timeout=60, concurrency=2)
    threading.Timer(0.2, connection.stop).start()
    begun = time.monotonic()

    for error in ask(connection, ENDLESS, f"{ENDLESS} -- again", f"{ENDLESS} -- and again"):
        assert isinstance(error, Unreachable), repr(error)
        assert "reached its deadline" in error.message
    assert time.monotonic() - begun < 4


class TestPostgres:
    def test_of_an_endless_answer_no_more_is_fetched_than_says_so(self, database: Postgres, opened: Open) -> None:
        (error,) = ask(opened(database.url(), timeout=20), "SELECT generate_series(1, 2000000000)")

        assert isinstance(error, BadQuery), repr(error)
        assert "several rows" in error.message

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("SELECT repeat('x', 10000000) AS fat;", "'xxxxxxx"),
            ("SELECT repeat('x', 10000000) -- fat", "'xxxxxxx"),
            ("SELECT 1, repeat('x', 10000000)", "2 columns"),
            ("SELECT array_fill(1, ARRAY[1000000])", "'{1,1,1,1"),
            ("SELECT true", "'true'"),
            ("SELECT 'NaN'::float8", "NaN"),
        ],
    )
    def test_what_is_no_number_is_not_fetched(self, database: Postgres, opened: Open, query: str, words: str) -> None:
        (error,) = ask(opened(database.url(), timeout=20), query)

        assert isinstance(error, BadQuery), repr(error)
        assert words in error.message

    @pytest.mark.parametrize("query", ["SELECT repeat('9', 5000)::numeric", "SELECT 1e-900::numeric(1000, 900)"])
    def test_a_number_beyond_all_bounds(self, database: Postgres, opened: Open, query: str) -> None:
        (error,) = ask(opened(database.url()), query)

        assert isinstance(error, BadAnswer), repr(error)
        assert error.scope == "query"

    def test_numbers_of_every_type(self, database: Postgres, opened: Open) -> None:
        types = ("int2", "int4", "int8", "float4", "float8", "numeric", "oid")

        found = ask(opened(database.url()), *(f"SELECT 7::{one}" for one in types))

        assert [value(one) for one in found] == [Decimal(7)] * len(types)

    def test_a_session_is_as_new_for_the_next_query(self, database: Postgres, opened: Open) -> None:
        connection = opened(database.url(), concurrency=1)
        locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"

        ask(connection, "SELECT count(pg_advisory_lock(7))", "SELECT count(pg_advisory_lock(8)) / 0")
        sessions = ask(connection, *(f"SELECT pg_backend_pid() + 0 * {n}" for n in range(3)))

        assert database.admin(locks) == 0
        assert len({value(one) for one in sessions}) == 1

    def test_a_backend_that_stands_still_is_left_at_its_time(
        self, database: Postgres, opened: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("connectors.sql.client.CONNECT_SECONDS", 0.2)
        connection = opened(database.url(), timeout=0.5, concurrency=1)
        with standing_still(database, connection):
            begun = time.monotonic()

            stuck, other = ask(connection, COUNT, f"{COUNT} WHERE 1 = 1")

            assert time.monotonic() - begun < 5
        assert isinstance(stuck, Unreachable), repr(stuck)
        assert (stuck.scope, stuck.timed_out) == ("query", True)
        assert value(other) == 3

    def test_a_backend_that_stands_still_does_not_hold_a_stop(self, database: Postgres, opened: Open) -> None:
        connection = opened(database.url(), concurrency=1)
        with standing_still(database, connection):
            threading.Timer(0.2, connection.stop).start()
            begun = time.monotonic()

            found = ask(connection, COUNT, f"{COUNT} WHERE 1 = 1")

            assert time.monotonic() - begun < 5
        assert all(isinstance(one, Unreachable) and "reached its deadline" in one.message for one in found), found

    def test_a_stopped_query_does_not_go_on_at_the_server(self, database: Postgres, opened: Open) -> None:
        connection = opened(database.url())
        threading.Timer(0.3, connection.stop).start()

        (error,) = ask(connection, "SELECT count(*) FROM (SELECT pg_sleep(50)) AS s")

        assert isinstance(error, Unreachable), repr(error)
        until = time.monotonic() + 5
        while (left := database.admin(RUNNING)) and time.monotonic() < until:
            time.sleep(0.05)
        assert left == 0


RUNNING = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'okr_reader' AND state = 'active'"


@contextmanager
def standing_still(database: Postgres, connection: Any) -> Iterator[None]:
    """The session that the next query will be asked in does not answer any more."""
    pid = int(value(ask(connection, "SELECT pg_backend_pid()")[0]) or 0)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
