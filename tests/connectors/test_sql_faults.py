"""What databases do to a connection, on a PostgreSQL that asks for passwords and on SQLite files."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import create_engine

from connectors.base import Reader
from connectors.errors import AccessDenied, BadCredentials, BadQuery, ConnectorError, Unreachable
from connectors.sql.spec import SPEC, SqlOptions, SqlQuery
from mapping.reading import Reading
from tests.connectors.contract import CANARY

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
NOBODY = 65534
COUNT = "SELECT count(*) FROM deals"
SUM = "SELECT sum(amount) FROM deals"
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
WRITES = "WITH gone AS (DELETE FROM deals RETURNING 1) SELECT count(*) FROM gone"
HIDDEN = [
    pytest.param("SELECT $$'$$; COMMIT; DELETE FROM deals; SELECT 1 --'", id="dollar-quotes"),
    pytest.param("SELECT E'\\''; COMMIT; DELETE FROM deals; SELECT 1 --'", id="backslash"),
    pytest.param("SELECT 1 /* /* */ ' */; COMMIT; DELETE FROM deals; SELECT 1 --'", id="nested-comment"),
]
Open = Callable[..., Reader[Any]]


@pytest.fixture
def opened() -> Iterator[Open]:
    made: list[Reader[Any]] = []

    def open_(url: str, **options: Any) -> Reader[Any]:
        connection = SPEC.load()("dwh", SqlOptions.model_validate({"url": url, **options}), clock=lambda: NOW)
        made.append(connection)
        return connection

    yield open_
    for connection in made:
        connection.close()


def ask(connection: Reader[Any], *queries: str) -> list[Any]:
    made = [SqlQuery(query=query) for query in queries]
    found = dict(connection.read(made))
    assert set(found) == set(made)
    return [found[query] for query in made]


def value(outcome: Any) -> Decimal | None:
    assert isinstance(outcome, Reading), repr(outcome)
    return outcome.value


def hidden(error: ConnectorError, *more: str) -> None:
    assert CANARY not in "".join([str(error), repr(error), error.fix, *more])


class Postgres:
    """A server on a port, with passwords; the suite's shared one trusts everybody and listens on no port."""

    def __init__(self, folder: Path, binaries: Path, as_user: list[str]) -> None:
        self.folder, self.binaries, self.as_user = folder, binaries, as_user
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])

    def run(self, *command: str | Path) -> None:
        subprocess.run([*self.as_user, *map(str, command)], check=True, capture_output=True, cwd=self.folder)

    def make(self) -> None:
        password = self.folder / "password"
        password.write_text("admin")
        password.chmod(0o644)
        auth = ("-A", "scram-sha-256", f"--pwfile={password}")
        self.run(self.binaries / "initdb", "-D", self.folder / "data", "-U", "postgres", "-N", *auth)

    def start(self) -> None:
        options = f"-k {self.folder} -p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = self.folder / "log"
        self.run(self.binaries / "pg_ctl", "-D", self.folder / "data", "-o", options, "-l", log, "-w", "start")

    def stop(self) -> None:
        self.run(self.binaries / "pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")

    def url(self, user: str = "okr_reader", password: str = CANARY) -> str:
        return f"postgresql+psycopg://{user}:{password}@127.0.0.1:{self.port}/postgres"

    def admin(self, *statements: str) -> Any:
        """The last statement's scalar, if it has one."""
        engine = create_engine(self.url("postgres", "admin"))
        try:
            with engine.begin() as connection:
                for statement in statements:
                    found = connection.exec_driver_sql(statement)
                return found.scalar() if found.returns_rows else None
        finally:
            engine.dispose()


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("PostgreSQL is not installed")
    # Not under pytest's own folder, which another user may not enter.
    folder, as_user = Path(tempfile.mkdtemp(prefix="okrsync-pg-")), []
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("PostgreSQL refuses to run as root, and there is no setpriv")
        as_user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        os.chown(folder, NOBODY, NOBODY)
    made = Postgres(folder, found[-1].parent, as_user)
    made.make()
    made.start()
    made.admin(f"CREATE ROLE okr_reader LOGIN PASSWORD '{CANARY}'", f"CREATE ROLE okr_writer LOGIN PASSWORD '{CANARY}'")
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(server: Postgres) -> Postgres:
    server.admin(
        "DROP TABLE IF EXISTS deals, secrets",
        "DROP SEQUENCE IF EXISTS numbers",
        "CREATE TABLE deals (id int, name text, amount numeric(12, 2))",
        "CREATE TABLE secrets (id int)",
        "CREATE SEQUENCE numbers",
        "INSERT INTO deals VALUES (1, 'acme', 10.25), (2, 'anvil', 20), (3, 'bolt', NULL)",
        "GRANT SELECT ON deals TO okr_reader",
        # Rights that no operator should give: they show that the session refuses, not the rights.
        "GRANT ALL ON deals, numbers TO okr_writer",
    )
    return server


class TestPostgres:
    def test_a_wrong_password(self, database: Postgres, opened: Open, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        connection = opened(database.url(password=f"{CANARY}-wrong"))

        for error in ask(connection, COUNT, SUM):
            assert isinstance(error, BadCredentials), repr(error)
            assert error.scope == "connection"
            assert error.fix
            hidden(error, caplog.text)
        with pytest.raises(BadCredentials) as raised:
            connection.check()
        hidden(raised.value)

    def test_no_such_user_or_database(self, database: Postgres, opened: Open) -> None:
        (user,) = ask(opened(database.url(user="nobody_here")), COUNT)
        (base,) = ask(opened(f"{database.url()}_no"), COUNT)

        assert isinstance(user, BadCredentials), repr(user)
        assert isinstance(base, ConnectorError), repr(base)
        hidden(base)

    def test_a_password_with_signs_that_an_address_escapes(self, database: Postgres, opened: Open) -> None:
        (error,) = ask(opened(database.url(password=f"{CANARY}%40%2Fa")), COUNT)

        assert isinstance(error, BadCredentials), repr(error)
        hidden(error)

    def test_lost_and_back(self, database: Postgres, opened: Open, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        connection = opened(database.url(), timeout=5)
        assert value(ask(connection, COUNT)[0]) == 3
        database.stop()
        try:
            lost = [ask(connection, COUNT)[0] for _ in range(2)]
        finally:
            database.start()

        for error in lost:
            assert isinstance(error, Unreachable), repr(error)
            assert error.scope == "connection"
            assert error.temporary
            hidden(error, caplog.text)
        assert value(ask(connection, COUNT)[0]) == 3

    def test_a_session_that_the_server_ended(self, database: Postgres, opened: Open) -> None:
        connection = opened(database.url())
        ask(connection, COUNT)
        database.admin("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'okr_reader'")

        (first,) = ask(connection, COUNT)
        (second,) = ask(connection, COUNT)

        assert isinstance(first, Reading | Unreachable), repr(first)
        assert value(second) == 3

    def test_a_slow_query_costs_its_neighbours_nothing(self, database: Postgres, opened: Open) -> None:
        connection = opened(database.url(), timeout=0.4, concurrency=2)
        begun = time.monotonic()

        slow, quick = ask(connection, "SELECT count(*) FROM (SELECT pg_sleep(30)) AS s", COUNT)

        assert time.monotonic() - begun < 5
        assert isinstance(slow, Unreachable), repr(slow)
        assert (slow.scope, slow.temporary) == ("query", True)
        assert "timeout" in slow.fix
        assert value(quick) == 3
        assert value(ask(connection, SUM)[0]) == Decimal("30.25")

    @pytest.mark.parametrize("query", [WRITES, "SELECT nextval('numbers')"])
    def test_the_database_itself_refuses_a_write(self, database: Postgres, opened: Open, query: str) -> None:
        (error,) = ask(opened(database.url("okr_writer")), query)

        assert isinstance(error, BadQuery), repr(error)
        assert "the query would write" in error.message
        assert database.admin(COUNT) == 3

    def test_a_query_can_not_lift_the_restraints(self, database: Postgres, opened: Open) -> None:
        connection = opened(database.url("okr_writer"), timeout=0.4, concurrency=1)
        for setting, wanted in (("transaction_read_only", "off"), ("statement_timeout", "0")):
            ask(connection, f"SELECT length(set_config('{setting}', '{wanted}', false))")

        refused, slow = (
            ask(connection, query)[0] for query in (WRITES, "SELECT count(*) FROM (SELECT pg_sleep(30)) AS s")
        )

        assert isinstance(refused, BadQuery), repr(refused)
        assert isinstance(slow, Unreachable), repr(slow)
        assert database.admin(COUNT) == 3

    def test_the_addresss_own_options_are_kept(self, database: Postgres, opened: Open) -> None:
        address = f"{database.url('okr_writer')}&options=-csearch_path%3Dnowhere"
        address = address if "?" in address else address.replace("&options", "?options", 1)

        (outcome,) = ask(opened(address), "SELECT count(*) FROM deals")

        assert isinstance(outcome, BadQuery), repr(outcome)

    @pytest.mark.parametrize("query", HIDDEN)
    @pytest.mark.parametrize("how", ["read", "validate"])
    def test_a_second_statement_that_hides_is_not_run(
        self, database: Postgres, opened: Open, query: str, how: str
    ) -> None:
        connection = opened(database.url("okr_writer"))
        with suppress(ValidationError):
            list(getattr(connection, how)([SqlQuery(query=query)]))

        assert database.admin(COUNT) == 3

    @pytest.mark.parametrize(("query", "answer"), [(f"{COUNT} WHERE name LIKE 'a%'", 2), ("SELECT 7 % 4", 3)])
    def test_a_percent_sign_is_the_querys_own(self, database: Postgres, opened: Open, query: str, answer: int) -> None:
        assert value(ask(opened(database.url()), query)[0]) == answer

    @pytest.mark.parametrize("query", ["SELECT 'NaN'::numeric", "SELECT 'Infinity'::float8", "SELECT 'NaN'::float8"])
    def test_what_is_not_finite_is_no_number(self, database: Postgres, opened: Open, query: str) -> None:
        assert isinstance(ask(opened(database.url()), query)[0], BadQuery)

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("SELECT count(*) FROM secrets", AccessDenied),
            ("SELECT count(*) FROM nothing", BadQuery),
            ("SELECT sum(betrag) FROM deals", BadQuery),
            ("SELECT sum(amount FROM deals", BadQuery),
            ("SELECT 1 / 0", BadQuery),
            ("SELECT true", BadQuery),
            ("SELECT CURRENT_DATE", BadQuery),
        ],
    )
    def test_what_concerns_one_query(
        self, database: Postgres, opened: Open, query: str, expected: type[ConnectorError]
    ) -> None:
        wrong, right = ask(opened(database.url()), query, COUNT)

        assert type(wrong) is expected, repr(wrong)
        assert wrong.scope == "query"
        assert wrong.fix
        assert value(right) == 3

    @pytest.mark.parametrize(
        ("query", "answer"), [("SELECT 0.1::float8", "0.1"), (SUM, "30.25"), ("SELECT NULL", None)]
    )
    def test_numbers_are_as_written(self, database: Postgres, opened: Open, query: str, answer: str | None) -> None:
        assert value(ask(opened(database.url()), query)[0]) == (None if answer is None else Decimal(answer))

    def test_validation_asks_for_a_plan_alone(self, database: Postgres, opened: Open) -> None:
        connection = opened(database.url("okr_writer"), timeout=5)
        slow, wrong = SqlQuery(query=ENDLESS), SqlQuery(query="SELECT sum(betrag) FROM deals")

        judged = dict(connection.validate([slow, wrong, SqlQuery(query=WRITES)]))

        assert judged[slow] is None
        assert isinstance(judged[wrong], BadQuery)
        assert database.admin(COUNT) == 3

    @pytest.mark.parametrize("query", ["SELECT 'many'", "SELECT now()", "SELECT true"])
    def test_validation_refuses_a_column_of_no_numbers(self, database: Postgres, opened: Open, query: str) -> None:
        judged = dict(opened(database.url()).validate([SqlQuery(query=query), SqlQuery(query=SUM)]))

        assert "does not contain numbers" in str(judged[SqlQuery(query=query)])
        assert judged[SqlQuery(query=SUM)] is None

    def test_no_more_sessions_than_concurrency_and_none_when_closed(self, database: Postgres, opened: Open) -> None:
        sessions = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'okr_reader'"
        connection = opened(database.url(), concurrency=2)

        seen = [value(outcome) for outcome in ask(connection, *(f"{sessions} AND {n} = {n}" for n in range(12)))]
        connection.close()

        assert max(number or Decimal(0) for number in seen) <= 2
        deadline = time.monotonic() + 5
        while database.admin(sessions) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert database.admin(sessions) == 0

    def test_as_many_at_once_as_concurrency(self, database: Postgres, opened: Open) -> None:
        connection = opened(database.url(), concurrency=4)
        begun = time.monotonic()

        ask(connection, *(f"SELECT count(*) + {n} FROM (SELECT pg_sleep(0.7)) AS s" for n in range(4)))

        assert time.monotonic() - begun < 2.4

    def test_check_says_user_database_and_version(self, database: Postgres, opened: Open) -> None:
        account = opened(database.url()).check()

        assert "okr_reader" in account.name
        assert "postgres" in account.name
        assert any(char.isdigit() for _, detail in account.details for char in detail)
        assert CANARY not in repr(account)
