"""Each Graph query over data that anyone can add up, and how requests travel."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from connectors.errors import BadAnswer, BadQuery, NotFound
from connectors.graph.pull import GraphConnector
from connectors.graph.queries import UsageReport
from connectors.graph.spec import SPEC, GraphOptions
from connectors.graph.usage import report_value
from mapping.reading import Reading
from mapping.units import PERCENT
from sandbox.data import Cell, Data, SharePointList, Workbook
from sandbox.graph import GraphTenant
from sandbox.server import Server
from tests.connectors.contract import NOW, FakeTime

BOOK = {"drive": "b!x", "item": "01A"}
OTHER = {"drive": "b!x", "item": "02B"}
USAGE = (
    "Report Refresh Date,Office 365,Exchange,Report Date,Report Period\n"
    "2026-11-22,80,,2026-11-20,7\n2026-11-22,91,12,2026-11-21,7\n2026-11-22,85,3,2026-11-19,7\n"
)
REAL = Path(__file__).parents[3] / "shared" / "data" / "graph"
SALES = {
    "Amount": [Cell(value=10), Cell(value=Decimal("2.5")), Cell(value=None), Cell(value=7)],
    "Share": [Cell(value=Decimal("0.5"), number_format="0%") for _ in range(4)],
    "Note": [Cell(value="a") for _ in range(4)],
}


def task(number: int, percent: int, bucket: str = "b1") -> dict[str, Any]:
    return {"id": f"t{number}", "planId": "p1", "bucketId": bucket, "percentComplete": percent}


DATA = Data(
    workbooks={
        ("b!x", "01A"): Workbook(
            name="KPIs.xlsx",
            sheets={
                "KPIs": {
                    "B4": Cell(value=Decimal("157.25")),
                    "B5": Cell(value=timedelta(hours=3), number_format="[h]:mm:ss"),
                    "B6": Cell(value="#DIV/0!", error=True),
                    "B7": Cell(value="=1+1"),
                    "ZZ4000": Cell(value=4),
                },
                "Other": {"A1": Cell(value=1), "A2": Cell(value=Decimal("0.42"), number_format="0%")},
            },
            names={"Visits": "KPIs!$B$4"},
            tables={"Sales": SALES},
        ),
        ("b!x", "02B"): Workbook(name="Two.xlsx", sheets={"S": {"A1": Cell(value=8)}, "T": {"A1": Cell(value=9)}}),
    },
    lists={
        ("s", "Numbers"): SharePointList(
            columns={"Amount": "number", "Status": "text"},
            items=[{"Amount": Decimal(n), "Status": "Done"} for n in (4, 1, 10)] + [{"Status": "Open"}],
            indexed=frozenset({"Status"}),
        )
    },
    plans={"p1": [task(1, 100), task(2, 50), task(3, 0, "b2"), task(4, 100, "b2")], "empty": []},
    users=[{"id": f"u{n}", "accountEnabled": n != 2} for n in range(5)],
    groups={"g1": ["u1", "u2", "u3"]},
    reports={"getOffice365ActiveUserCounts": USAGE},
    analytics={
        "s": {"access": {"actionCount": 120, "actorCount": 40}, "incompleteData": {"wasThrottled": True}},
        "01A": {"access": {"actionCount": 9, "actorCount": 2}},
        "quiet": {"access": None},
    },
    courses={
        "lp": [
            {"id": "1", "learningContentId": "c1", "status": "completed", "completionPercentage": 100},
            {"id": "2", "learningContentId": "c1", "status": "inProgress", "completionPercentage": 50},
            {"id": "3", "learningContentId": "c2", "status": "notStarted", "completionPercentage": 0},
        ]
    },
    scores=[{"currentScore": Decimal("62.5"), "maxScore": 100, "createdDateTime": "2026-11-23T00:00:00Z"}],
)


@pytest.fixture(autouse=True)
def fake_time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr("connectors.wire.time", fake)
    return fake


@pytest.fixture
def graph() -> GraphTenant:
    return GraphTenant(DATA, page_size=2)


@pytest.fixture
def server(graph: GraphTenant) -> Iterator[Server]:
    with Server(graph) as running:
        yield running


def connect(server: Server, **options: Any) -> GraphConnector:
    way_in = {"tenant": "contoso", "client_id": "okrsync", "client_secret": "sandbox-secret"}
    given = {"url": server.url, "login_url": server.url, **(way_in if "tenant" not in options else {}), **options}
    given = {key: value for key, value in given.items() if value is not None}
    return GraphConnector("m365", GraphOptions.model_validate(given), clock=lambda: NOW)


def ask(connector: GraphConnector, *forms: Any) -> list[Any]:
    queries = [TypeAdapter(SPEC.queries).validate_python(form) for form in forms]
    found = dict(connector.read(queries))
    return [found[query] for query in queries]


def excel(address: str, **more: Any) -> dict[str, Any]:
    return {"excel": {**BOOK, "range": address, **more}}


def table(column: str, measure: str) -> dict[str, Any]:
    return {"excel": {**BOOK, "table": "Sales", "column": column, "measure": measure}}


def listed(**question: Any) -> dict[str, Any]:
    return {"list": {"site": "s", "list": "Numbers", **question}}


def plan(**question: Any) -> dict[str, Any]:
    return {"planner": {"plan": "p1", **question}}


def learning(**question: Any) -> dict[str, Any]:
    return {"learning": {"provider": "lp", **question}}


def usage(column: str) -> dict[str, Any]:
    return {"report": {"function": "getOffice365ActiveUserCounts", "column": column}}


@pytest.mark.parametrize(
    ("form", "value", "unit"),
    [
        (table("Amount", "sum"), "19.5", None),
        (table("Amount", "avg"), "6.5", None),
        (table("Amount", "last"), "7", None),
        (table("Amount", "count"), "3", None),
        (table("Share", "avg"), "0.5", PERCENT),
        (table("Note", "count"), "4", None),
        (excel("KPIs!ZZ4000"), "4", None),
        (listed(count=True), "4", None),
        (listed(avg="Amount"), "5", None),
        (listed(min="Amount"), "1", None),
        (listed(max="Amount", filter="fields/Status eq 'Done'"), "10", None),
        (plan(), "0.5", PERCENT),
        (plan(in_progress="50%"), "0.625", PERCENT),
        (plan(measure="done", bucket="b2"), "1", None),
        (plan(measure="open"), "2", None),
        (plan(measure="count"), "4", None),
        ({"count": "users"}, "5", None),
        ({"count": "/users", "filter": "accountEnabled eq true"}, "4", None),
        ({"count": "groups/g1/members"}, "3", None),
        ({"site_analytics": {"site": "s"}}, "40", None),
        ({"site_analytics": {**BOOK, "measure": "actions", "period": "last_seven_days"}}, "9", None),
        (learning(), "1", None),
        (learning(measure="percent_done", course="c1"), "0.5", PERCENT),
        (learning(measure="avg"), "0.5", PERCENT),
        (learning(measure="count"), "3", None),
        (usage("Office 365"), "91", None),
        ({"get": "/security/secureScores?$top=1", "select": "value[0].currentScore", "pages": False}, "62.5", None),
        ({"get": "/planner/plans/p1/tasks", "select": "length(value[?percentComplete == `100`])"}, "2", None),
        ({"get": "/planner/plans/p1/tasks", "select": "length(value)", "pages": False}, "2", None),
    ],
)
def test_each_query(server: Server, form: Any, value: str, unit: Any) -> None:
    (reading,) = ask(connect(server), form)

    assert isinstance(reading, Reading), repr(reading)
    assert reading.value == Decimal(value)
    assert reading.unit == unit


def test_all_of_them_at_once_in_few_calls(server: Server) -> None:
    forms = [
        *(listed(**{name: "Amount"}) for name in ("sum", "avg", "min", "max")),
        plan(),
        plan(measure="done"),
        {"count": "users"},
        {"count": "groups/g1/members"},
        {"site_analytics": {"site": "s"}},
        {"site_analytics": {"site": "s", "measure": "actions"}},
    ]

    found = ask(connect(server), *forms)

    assert all(isinstance(one, Reading) for one in found), found
    batches = [json.loads(call.body)["requests"] for call in server.calls if call.path.endswith("$batch")]
    assert [len(one) for one in batches] == [5]


@pytest.mark.parametrize(
    "form",
    [
        {"planner": {"plan": "empty"}},
        listed(avg="Amount", filter="fields/Status eq 'Open'"),
        {"site_analytics": {"site": "quiet"}},
        learning(measure="percent_done", course="c9"),
        {"get": "/organization", "select": "value[0].seats"},
    ],
)
def test_nothing_is_no_value(server: Server, form: Any) -> None:
    (reading,) = ask(connect(server), form)

    assert isinstance(reading, Reading), repr(reading)
    assert reading.value is None


@pytest.mark.parametrize(
    ("form", "expected", "words"),
    [
        (table("Note", "sum"), BadAnswer, "contains 'a' instead of a number"),
        (table("Cost", "sum"), NotFound, "doesn't exist"),
        (usage("Teams"), BadQuery, "no column 'Teams'"),
        ({"report": {"function": "getNothing", "column": "x"}}, NotFound, "getNothing"),
        ({"count": "devices"}, NotFound, "segment"),
        ({"get": "/users/$count", "select": "@"}, BadAnswer, "unexpected format"),
        ({"get": "/organization", "select": "value[0].displayName"}, BadQuery, "to_number"),
        ({"planner": {"plan": "p2", "bucket": "b2"}}, NotFound, "not in plan p2"),
        ({"learning": {"provider": "nobody"}}, NotFound, "provider"),
    ],
)
def test_what_is_wrong_is_said(server: Server, form: Any, expected: type[Exception], words: str) -> None:
    (error,) = ask(connect(server), form)

    assert isinstance(error, expected), repr(error)
    assert words in error.message
    assert error.scope == "query"


def test_a_report_is_of_its_own_day_and_an_empty_cell_of_it_counts(server: Server) -> None:
    total, mail = ask(connect(server), usage("Office 365"), usage("Exchange"))

    assert total.evidence.as_of == datetime(2026, 11, 21, tzinfo=UTC)
    assert total.lags
    assert mail.value == 12


def test_the_token_stays_at_home(server: Server) -> None:
    ask(connect(server), usage("Office 365"))

    download = [call for call in server.calls if "/download/" in call.path]
    assert [call.status for call in download] == [200]


def test_incomplete_analytics_say_so(server: Server) -> None:
    (reading,) = ask(connect(server), {"site_analytics": {"site": "s"}})

    assert "not complete" in reading.evidence.note


@pytest.mark.skipif(not REAL.exists(), reason="no real reports beside this clone")
@pytest.mark.parametrize(
    ("file", "column", "value", "day"),
    [
        ("tenant__report__report-activeusercounts", "Office 365", None, None),
        ("viva__engage__engage-report-activitycounts", "Liked", None, None),
        ("outlook__report__report-mailactivitycounts", "Send", None, None),
    ],
)
def test_real_usage_reports(file: str, column: str, value: Any, day: Any) -> None:
    import csv

    content = (REAL / f"{file}.csv").read_bytes()
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    newest = max(rows, key=lambda row: row["Report Date"])
    asked = UsageReport(function="getSomething", column=column)

    found, at = report_value(asked, content, "m365")

    assert found == (Decimal(newest[column]) if newest[column] else None)
    assert at.isoformat() == newest["Report Date"]


@pytest.mark.skipif(not REAL.exists(), reason="no real reports beside this clone")
def test_a_real_report_of_details_is_refused() -> None:
    content = (REAL / "tenant__report__report-activeuserdetail.csv").read_bytes()
    column = content.decode("utf-8-sig").splitlines()[0].split(",")[-1]

    try:
        found, _ = report_value(UsageReport(function="getDetail", column=column), content, "m365")
    except (BadQuery, BadAnswer):
        return
    assert found is None or len(content.splitlines()) == 2


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"excel": {**BOOK, "range": "B4"}}, "names its sheet"),
        ({"excel": {**BOOK, "table": "T", "column": "C"}}, "table, column and measure"),
        ({"excel": {**BOOK, "name": "N", "range": "A!B4"}}, "one of range, name, table"),
        (listed(sum="A", avg="A"), "write one of count"),
        ({"site_analytics": {"drive": "d"}}, "site, or drive and item"),
        ({"get": "/x", "select": "a["}, "not a valid JMESPath"),
        ({"report": {"function": "drop table", "column": "x"}}, "function"),
    ],
)
def test_a_wrong_form_is_refused_at_once(form: Any, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        TypeAdapter(SPEC.queries).validate_python(form)
