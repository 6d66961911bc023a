"""SharePoint lists: columns by any name, the latest of many kinds, days of the site, and few requests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter

from connectors.base import Moment
from connectors.errors import BadAnswer, BadQuery
from connectors.graph.pull import GraphConnector
from connectors.graph.queries import ListColumn
from connectors.graph.spec import SPEC, GraphOptions, write_moment
from connectors.graph.tallies import ListTally
from mapping.day import end_of, start_of
from sandbox.data import Data, SharePointList
from sandbox.graph import GraphTenant
from sandbox.server import Server
from tests.connectors.contract import NOW
from tests.connectors.test_graph_queries import fake_time

__all__ = ["fake_time"]

COLUMNS = {"Attended_x0020_people": "number", "Due": "dateOnly", "At": "dateTime", "Day": "text", "Cost": "number"}
ITEMS = [
    {"Attended_x0020_people": n, "Due": day, "At": f"{day}T05:00:00Z", "Day": day, "Title": "t"}
    for n, day in ((1, "2026-09-30"), (2, "2026-10-01"), (4, "2026-10-02"), (8, "2026-12-31"), (16, "2027-01-01"))
]


def made(zone: str) -> SharePointList:
    shown = {"Attended_x0020_people": "Attended people", "Due": "Due date"}
    return SharePointList(columns=COLUMNS, items=ITEMS, shown=shown, zone=zone, indexed=frozenset({"Day"}))


@pytest.fixture
def server() -> Iterator[Server]:
    zones = ("UTC", "Europe/Berlin", "Asia/Seoul", "America/New_York", "America/St_Johns")
    data = Data(lists={("s", zone): made(zone) for zone in zones})
    with Server(GraphTenant(data, page_size=2)) as running:
        yield running


def connect(server: Server, zone: str = "UTC", **more: Any) -> GraphConnector:
    way_in = {"tenant": "contoso", "client_id": "okrsync", "client_secret": "sandbox-secret"}
    options = GraphOptions.model_validate({**way_in, "url": server.url, "login_url": server.url})
    return GraphConnector("m365", options, clock=lambda: NOW, zone=ZoneInfo(zone), **more)


def query(zone: str = "UTC", **question: Any) -> Any:
    return TypeAdapter(SPEC.queries).validate_python({"list": {"site": "s", "list": zone, **question}})


def ask(connector: GraphConnector, *queries: Any) -> list[Any]:
    found = dict(connector.read(queries))
    return [found[one] for one in queries]


def calls(server: Server) -> list[str]:
    return [call.path for call in server.calls if "/v1.0/" in call.path]


def test_columns_by_the_name_that_people_see(server: Server) -> None:
    by_shown, by_own = query(sum="Attended people"), query(max="Attended_x0020_people")

    first = ask(connect(server), by_shown, by_own)

    assert [one.value for one in first] == [31, 16]


def test_a_shown_name_is_remembered(server: Server) -> None:
    connector = connect(server)
    ask(connector, query(sum="attended people"), query(sum="Attended people"))
    before = len(calls(server))

    (again,) = ask(connector, query(sum="Attended people"))

    assert again.value == 31
    assert len(calls(server)) - before == 3  # pages


def test_columns_of_one_list_travel_together(server: Server) -> None:
    asked = [query(sum="Attended_x0020_people"), query(avg="Cost"), query(latest="Attended_x0020_people", by="Due")]
    asked += [query(count=True), query(min="Attended_x0020_people")]

    found = ask(connect(server), *asked)

    assert [one.value for one in found] == [31, None, 16, 5, 1]
    assert sum(path.endswith("/items") for path in calls(server)) == 3


def test_one_unknown_column_costs_its_own_query(server: Server) -> None:
    found = ask(connect(server), query(sum="Attended_x0020_people"), query(sum="Nowhere"), query(count=True))

    assert [getattr(one, "value", type(one)) for one in found] == [31, BadQuery, 5]
    assert "Cost" in found[1].fix


def test_a_column_without_index_is_filtered_on(server: Server) -> None:
    (found,) = ask(connect(server), query(count=True, filter="fields/Attended_x0020_people gt 3"))

    assert found.value == 3


ZONES = ["UTC", "Europe/Berlin", "Asia/Seoul", "America/New_York", "America/St_Johns"]


def in_cycle(zone: str, form: Any = None, column: str = "Due") -> str:
    first, last = date(2026, 10, 1), date(2026, 12, 31)
    start = write_moment(Moment(day=first, at=start_of(first, ZoneInfo(zone)), form=form))
    end = write_moment(Moment(day=last, at=end_of(last, ZoneInfo(zone)), form=form))
    return f"fields/{column} ge '{start}' and fields/{column} le '{end}'"


@pytest.mark.parametrize("zone", ZONES)
def test_the_days_of_a_cycle_are_those_of_the_site(server: Server, zone: str) -> None:
    asked = query(zone, sum="Attended_x0020_people", filter=in_cycle(zone))

    (found,) = ask(connect(server, zone), asked)

    assert found.value == 2 + 4 + 8
    assert dict(connect(server, zone).validate([asked])) == {asked: None}


@pytest.mark.parametrize(
    ("column", "form", "words"),
    [
        ("Due", "date", "fields/Due contains days, each written as the moment"),
        ("At", "date", "fields/At contains instants"),
        ("Day", "time", "fields/Day contains texts"),
        ("Due", "time", None),
        ("At", None, None),
        ("Day", "date", None),
    ],
)
def test_check_tells_the_form_of_date_that_a_column_needs(
    server: Server, column: str, form: str | None, words: str | None
) -> None:
    asked = query(count=True, filter=in_cycle("UTC", form, column))

    error = dict(connect(server).validate([asked, query(count=True)]))[asked]

    assert (error is None) if words is None else (isinstance(error, BadQuery) and words in error.message)


def test_check_tells_that_the_site_is_in_another_zone(server: Server) -> None:
    asked = query("Europe/Berlin", count=True, filter=in_cycle("Asia/Seoul"))

    error = dict(connect(server, "Asia/Seoul").validate([asked]))[asked]

    assert isinstance(error, BadQuery)
    assert "begin at 07:00 of Asia/Seoul" in error.message


def latest(*rows: Any, by: str = "By") -> Any:
    tally = ListTally(ListColumn(site="s", list="l", latest="V", by=by), "m365", column="V", by=by)
    for ident, at, value in rows:
        tally.add({"id": ident, "fields": {"By": at, "V": value} if at is not None else {"V": value}})
    return tally.amount().value


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ([("1", 9, 1), ("2", 10, 2)], 2),
        ([("1", Decimal("9.5"), 1), ("2", 9, 2)], 1),
        ([("1", "2026-10-01T08:00:00.500Z", 1), ("2", "2026-10-01T08:00:00Z", 2)], 1),
        ([("1", "2026-10-01T23:00:00-05:00", 1), ("2", "2026-10-02T01:00:00Z", 2)], 1),
        ([("1", "2026-10-01", 1), ("2", "2026-09-30T22:00:00Z", 2)], 1),
        ([("1", "b", 1), ("2", "a", 2)], 1),
        ([("1", "9", 1), ("2", "10", 2)], 2),
        ([("1", "Sprint 9", 1), ("2", "Sprint 10", 2)], 2),
        ([("1", "2026 W9", 1), ("2", "2026 W10", 2), ("3", "2025 W52", 3)], 2),
        ([("1", "9", 1), ("2", "b", 2), ("3", "\u0663", 3)], 3),
        ([("9", "2026-10-01", 1), ("10", "2026-10-01", 2)], 2),
        ([("10", "2026-10-01", 2), ("9", "2026-10-01", 1)], 2),
        ([("1", None, 1), ("2", "", 2)], None),
        ([("1", 5, None), ("2", 4, 3)], None),
        ([], None),
    ],
)
def test_the_latest(rows: Any, value: Any) -> None:
    assert latest(*rows) == value


@pytest.mark.parametrize("by", [[1], {}, True, Decimal("1E-999999")])
def test_the_latest_by_what_has_no_order(by: Any) -> None:
    with pytest.raises(BadAnswer):
        latest(("1", by, 1))


def test_the_latest_by_a_mixed_column() -> None:
    with pytest.raises(BadAnswer, match="mixes"):
        latest(("1", 9, 1), ("2", "2026-10-01", 2))


def test_no_items_are_zero_and_items_without_a_value_none(server: Server) -> None:
    nobody = "fields/Day eq '1999-01-01'"

    found = ask(connect(server), query(sum="Cost", filter=nobody), query(sum="Cost"), query(avg="Cost", filter=nobody))

    assert [one.value for one in found] == [0, None, None]


def test_an_id_on_two_pages_counts_once() -> None:
    assert latest(("1", 1, 5), ("1", 1, 5)) == 5
