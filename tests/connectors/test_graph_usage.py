"""Usage reports: which row counts, which period they take, and lies in them. Other numbers of Graph beside."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from connectors.errors import BadAnswer, BadQuery, Throttled
from connectors.graph.queries import UsageReport
from connectors.graph.spec import SPEC
from connectors.graph.usage import report_request, report_value
from mapping.reading import Reading
from sandbox.data import Data
from sandbox.graph import GraphTenant
from sandbox.server import Server
from tests.connectors.test_graph_queries import REAL, ask, connect, fake_time, graph, server, usage

__all__ = ["fake_time", "graph", "server"]

SITES = (
    "Report Refresh Date,Site Type,Total,Active,Report Date,Report Period\n"
    "2026-11-22,SharePoint,100,7,2026-11-21,7\n2026-11-22,All,159,9,2026-11-21,7\n2026-11-22,OneDrive,59,2,2026-11-21,7\n"
    "2026-11-22,All,158,8,2026-11-20,7\n2026-11-22,Group,4,1,2026-11-20,7\n"
)


def value(text: str, **more: Any) -> Any:
    asked = UsageReport.model_validate({"function": "getSharePointSiteUsageSiteCounts", "column": "Total", **more})
    return report_value(asked, text.encode(), "m365")


def test_a_row_is_chosen_by_the_query() -> None:
    found, day = value(SITES, where={"Site Type": "All"})

    assert (found, str(day)) == (159, "2026-11-21")


def test_several_rows_of_a_day_are_no_answer() -> None:
    with pytest.raises(BadQuery, match="has 3 rows for 2026-11-21") as error:
        value(SITES)

    assert error.value.fix == "Choose one by `where: {Site Type: ...}`: SharePoint, All, OneDrive."


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"Site Type": "None"}, "All, Group, OneDrive, SharePoint"),
        ({"Kind": "All"}, "Write one of: Report Refresh Date"),
    ],
)
def test_rows_that_are_not_there(where: dict[str, str], words: str) -> None:
    with pytest.raises(BadQuery) as error:
        value(SITES, where=where)

    assert words in error.value.fix


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Report Refresh Date,Total,Report Date\n2026-11-22,-5,2026-11-21\n", "but a count can't be below 0"),
        ("Report Refresh Date,Total,Report Date\n2026-11-22,5,yesterday\n", "is not the day of a report"),
        ("Report Refresh Date,Total,Report Date\n2026-11-22,5\n", "do not fit its header"),
        ("Report Refresh Date,Total,Report Date\n2026-11-22,1,2,3,4\n", "do not fit its header"),
        ("Report Refresh Date,Total\n", "no rows"),
        ("<html></html>\n<p>\n", "is not a usage report"),
        ("Report Refresh Date,Total,x\n" + "1,2,3\n" * 1_000_000, "6,000,028 bytes"),
    ],
)
def test_lies_in_a_report(text: str, words: str) -> None:
    with pytest.raises(BadAnswer, match=words):
        value(text)


@pytest.mark.parametrize("number", ["1e5", "NaN", "1E-999999", "9" * 5000, "٣", "1_000", "0x10"])
def test_what_is_no_number_in_a_report(number: str) -> None:
    with pytest.raises(BadQuery, match="instead of a number"):
        value(f"Report Refresh Date,Total,Report Date\n2026-11-22,{number},2026-11-21\n")


@pytest.mark.parametrize("name", ["office365activationcounts", "office365activationsusercounts"])
def test_activations_take_no_period(name: str) -> None:
    function = {"c": "getOffice365ActivationCounts", "s": "getOffice365ActivationsUserCounts"}[name[19]]
    file = REAL / f"tenant__report__report-{name}.csv"
    if not file.exists():
        pytest.skip("no ../shared/data/graph here")
    column = file.read_text("utf-8-sig").splitlines()[0].split(",")[-1]
    with Server(GraphTenant(Data(reports={function: file.read_text("utf-8-sig")}))) as running:
        (found,) = ask(connect(running), {"report": {"function": function, "column": column}})

    assert found.value == Decimal(file.read_text("utf-8-sig").splitlines()[1].split(",")[-1])


@pytest.mark.parametrize(
    ("function", "period", "path"),
    [
        ("getOffice365ActivationCounts", None, "/reports/getOffice365ActivationCounts"),
        ("getTeamsTeamCounts", None, "/reports/getTeamsTeamCounts(period='D7')"),
        ("getTeamsTeamCounts", "D30", "/reports/getTeamsTeamCounts(period='D30')"),
        (
            "getMicrosoft365CopilotUserCountSummary",
            "ALL",
            "/copilot/reports/getMicrosoft365CopilotUserCountSummary(period='ALL')",
        ),
    ],
)
def test_periods(function: str, period: str | None, path: str) -> None:
    assert report_request(UsageReport(function=function, period=period, column="c")).path == path  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "form",
    [
        {"report": {"function": "getOffice365ActivationCounts", "period": "D7", "column": "c"}},
        {"report": {"function": "getTeamsTeamCounts", "period": "ALL", "column": "c"}},
        {"get": "/security/secureScores?$top=1", "select": "value[0].currentScore"},
        {"get": "/security/secureScores?%24Top=1", "select": "value[0].currentScore"},
    ],
)
def test_refused_at_load(form: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(SPEC.queries).validate_python(form)


def test_the_first_page_alone_is_one_call() -> None:
    scores = [{"id": str(n), "currentScore": n, "createdDateTime": "2026-11-23T00:00:00Z"} for n in range(90, 0, -1)]
    form = {"get": "/security/secureScores?$top=1", "select": "value[0].currentScore", "pages": False}
    with Server(GraphTenant(Data(scores=scores))) as running:
        (found,) = ask(connect(running), {**form, "as_of": "value[0].createdDateTime"})

        assert found.value == 90
        assert found.evidence.note == "only the first page"
        assert str(found.evidence.as_of) == "2026-11-23 00:00:00+00:00"
        assert sum("/v1.0/" in call.path for call in running.calls) == 1


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ('"2026-11-23"', "2026-11-23 00:00:00+00:00"),
        ('"2026-11-23T05:00:00+02:00"', "2026-11-23 05:00:00+02:00"),
        ("null", "2026-11-24 09:30:00+00:00"),
        ('"2026-11-23T05:00:00"', BadQuery),
        ('"0001-01-01T00:00:00Z"', BadAnswer),
        ('"soon"', BadAnswer),
        ("5", BadAnswer),
        ("[]", BadAnswer),
    ],
)
def test_as_of(server: Server, told: str, expected: Any) -> None:
    server.faults.fail(path="/organization", status=200, body=f'{{"n": 1, "at": {told}}}')

    (found,) = ask(connect(server), {"get": "/organization", "select": "n", "as_of": "at"})

    assert isinstance(found, expected) if isinstance(expected, type) else str(found.evidence.as_of) == expected


@pytest.mark.parametrize("count", ["-1", "1.5", "²", "9" * 30, "", "ten", "0x5"])
def test_counts_that_are_none(server: Server, count: str) -> None:
    server.faults.fail(path="/users/$count", status=200, body=count)

    assert isinstance(ask(connect(server), {"count": "users"})[0], BadAnswer)


@pytest.mark.parametrize(
    "access", ['{"actorCount": -1}', '{"actorCount": "5"}', '{"actorCount": 1e30}', "[5]", "7", "true"]
)
def test_analytics_that_lie(server: Server, access: str) -> None:
    server.faults.fail(path="/analytics/", status=200, body=f'{{"access": {access}}}')

    assert isinstance(ask(connect(server), {"site_analytics": {"site": "s"}})[0], BadAnswer)


@pytest.mark.parametrize("link", [5, [], {}, "", False, "https://[::1", "/v1.0/next", 0])
def test_a_next_page_that_is_no_address_is_not_the_last(server: Server, link: Any) -> None:
    page = {"value": [{"id": "1", "planId": "p1", "percentComplete": 100}], "@odata.nextLink": link}
    server.faults.fail(path="/tasks", status=200, body=json.dumps(page))

    assert isinstance(ask(connect(server), {"planner": {"plan": "p1"}})[0], BadAnswer)


@pytest.mark.parametrize("percent", [-1, 101, "50", None, True, 1e30])
def test_tasks_that_lie(server: Server, percent: Any) -> None:
    page = {"value": [{"id": "1", "planId": "p1", "percentComplete": percent}]}
    server.faults.fail(path="/tasks", status=200, body=json.dumps(page))

    assert isinstance(ask(connect(server), {"planner": {"plan": "p1"}})[0], BadAnswer)


def test_one_report_for_all_its_columns(server: Server) -> None:
    found = ask(connect(server), usage("Office 365"), usage("Exchange"))

    assert [one.value for one in found] == [91, 12]
    assert sum("/download/" in call.path for call in server.calls) == 1


def test_a_report_that_was_asked_too_often_costs_its_own_queries(server: Server) -> None:
    server.faults.fail(path="/reports/", status=429, headers={"Retry-After": "600"}, times=-1)

    report, users = ask(connect(server), usage("Office 365"), {"count": "users"})

    assert isinstance(report, Throttled)
    assert (report.scope, report.retry_after) == ("query", 600)
    assert isinstance(users, Reading)
