"""Dates in SQL are bound parameters: quoted or not, of whatever column, the same number comes out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from config.placeholders import render
from connectors.sql.pull import SqlConnector
from connectors.sql.spec import SPEC, SqlOptions, SqlQuery
from mapping.day import zone_of
from mapping.model import parse_cycle
from mapping.reading import Reading

SEOUL = zone_of("Asia/Seoul")
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
# What was closed on 30 September, on the first and last day of the quarter, and after it.
DAYS = ("2026-09-30", "2026-10-01", "2026-12-31", "2027-01-01")
TIMES = ("2026-09-30 14:59:59", "2026-09-30 15:00:00", "2026-12-31 14:59:59", "2026-12-31 15:00:00")
ROWS = [(1_000_000, DAYS[0], TIMES[0]), (500, DAYS[1], TIMES[1]), (3000, DAYS[2], TIMES[2]), (7, DAYS[3], TIMES[3])]
SUM = "SELECT sum(amount) FROM deals WHERE"


@pytest.fixture(params=["sqlite", "postgres"])
def connection(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlConnector]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/deals.sqlite"
        with sqlite3.connect(tmp_path / "deals.sqlite") as made:
            made.execute("CREATE TABLE deals (amount int, closed text, at text)")
            made.executemany("INSERT INTO deals VALUES (?, ?, ?)", ROWS)
    else:
        url = request.getfixturevalue("postgres")
        with create_engine(url).begin() as admin:
            admin.exec_driver_sql("DROP TABLE IF EXISTS deals")
            admin.exec_driver_sql("CREATE TABLE deals (amount int, closed date, at timestamptz)")
            for amount, day, at in ROWS:
                admin.exec_driver_sql(f"INSERT INTO deals VALUES ({amount}, '{day}', '{at}+00')")
    connector = SqlConnector("dwh", SqlOptions.model_validate({"url": url}), clock=lambda: NOW, zone=SEOUL)
    yield connector
    connector.close()


def value(connection: SqlConnector, query: str) -> Decimal | None:
    asked = render(SqlQuery(query=query), SPEC, parse_cycle("2026-Q4"), NOW, SEOUL)
    assert [error for _, error in connection.validate([asked])] == [None]  # type: ignore[list-item]
    ((_, found),) = connection.read([asked])  # type: ignore[list-item]
    assert isinstance(found, Reading), found
    return found.value


@pytest.mark.parametrize(
    "where",
    [
        "closed >= {cycle.start} AND closed <= {cycle.end}",
        "closed >= '{cycle.start}' AND closed <= '{cycle.end}'",
        "closed BETWEEN '{cycle.start:date}' AND {cycle.end:date}",
        "at >= {cycle.start:time} AND at <= {cycle.end:time}",
        "at >= '{cycle.start:time}' AND at <= '{cycle.end:time}'",
        "closed >= {cycle.start} AND 'a%b' LIKE 'a%%' AND '{2}' <> '%s?:x' /* {cycle.start} ? */ AND closed <= {cycle.end} -- it's ? {as_of}",
    ],
)
def test_what_lies_in_the_cycle(connection: SqlConnector, where: str) -> None:
    assert value(connection, f"{SUM} {where}") == 3500


def test_up_to_now(connection: SqlConnector) -> None:
    assert value(connection, f"{SUM} closed >= {{cycle.start}} AND closed <= {{as_of}}") == 500
    assert value(connection, f"{SUM} at >= {{cycle.start:time}} AND at <= {{as_of:time}}") == 500


@pytest.mark.parametrize("connection", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    "where",
    [
        "closed >= DATE '{cycle.start}' AND closed <= date '{cycle.end}'",
        "at >= timestamp with time zone '{cycle.start:time}' AND at <= timestamptz '{cycle.end:time}'",
        "closed >= '{cycle.start}'::date AND closed <= {cycle.end}::date",
        "closed >= {cycle.start} AND closed < {cycle.end} + 1",
    ],
)
def test_types_of_postgresql(connection: SqlConnector, where: str) -> None:
    assert value(connection, f"{SUM} {where}") == 3500


def test_the_evidence_can_be_run_as_it_is(connection: SqlConnector) -> None:
    asked = render(SqlQuery(query=f"{SUM} closed >= {{cycle.start}}"), SPEC, parse_cycle("2026-Q4"), NOW, SEOUL)
    ((_, found),) = connection.read([asked])  # type: ignore[list-item]

    assert isinstance(found, Reading)
    assert found.evidence.query == f"{SUM} closed >= '2026-10-01'"
    assert value(connection, found.evidence.query) == found.value == 3507
