"""What each Jira query gives over issues that anyone can count."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from connectors.errors import BadAnswer, BadQuery, NotFound
from connectors.jira.datacenter import ordered
from connectors.jira.pull import JiraConnector
from connectors.jira.spec import SPEC, JiraOptions
from connectors.jira.times import percentile
from mapping.reading import Reading
from mapping.units import DURATION, NUMBER, PERCENT
from sandbox.data import Data
from sandbox.jira import JiraSite
from sandbox.server import Server
from tests.connectors.contract import NOW

NEW = {"id": "1", "name": "Open", "statusCategory": {"key": "new", "name": "To Do"}}
DOING = {"id": "3", "name": "In Review", "statusCategory": {"key": "indeterminate", "name": "In Progress"}}
DONE = {"id": "6", "name": "Closed", "statusCategory": {"key": "done", "name": "Done"}}
SPRINTS = [
    {
        "id": number,
        "name": f"Sprint {number}",
        "state": "closed",
        "originBoardId": 7,
        "startDate": f"2026-10-{number * 7 - 6:02d}T08:00:00.000Z",
        "completeDate": f"2026-10-{number * 7:02d}T08:00:00.000Z",
    }
    for number in (1, 2, 3)
]


def change(at: str, to: dict[str, Any]) -> dict[str, Any]:
    item = {"field": "status", "fieldId": "status", "from": "1", "to": to["id"], "toString": to["name"]}
    return {"id": at, "created": at, "items": [item]}


def issue(number: int, status: dict[str, Any], points: str | None, *changes: dict[str, Any], **fields: Any) -> Any:
    base = {
        "project": {"id": "1", "key": "APP", "name": "App"},
        "status": status,
        "issuetype": {"id": "1", "name": "Task", "subtask": False},
        "resolution": None,
        "created": "2026-10-01T08:00:00.000+0000",
        "resolutiondate": None,
        "customfield_10016": None if points is None else Decimal(points),
        "timespent": number * 3600,
    }
    return {
        "id": str(number),
        "key": f"APP-{number}",
        "fields": base | fields,
        "changelog": {"histories": list(changes)},
    }


def resolved(day: int, name: str = "Done") -> dict[str, Any]:
    return {"resolution": {"id": "1", "name": name}, "resolutiondate": f"2026-10-{day:02d}T08:00:00.000+0000"}


ISSUES = [
    issue(1, DONE, "3", change("2026-10-02T08:00:00.000+0000", DOING), closedSprints=[SPRINTS[0]], **resolved(3)),
    issue(
        2,
        DONE,
        "5",
        change("2026-10-09T08:00:00.000+0000", DOING),
        change("2026-10-10T08:00:00.000+0000", NEW),
        change("2026-10-11T08:00:00.000+0000", DOING),
        closedSprints=[SPRINTS[1]],
        **resolved(12),
    ),
    issue(3, DONE, "2", closedSprints=[SPRINTS[1], SPRINTS[2]], **resolved(16, "Won't Do")),
    issue(4, DOING, "8", change("2026-10-20T08:00:00.000+0000", DOING), closedSprints=[SPRINTS[2]]),
    issue(5, NEW, None),
]
JQL = "project = APP"


@pytest.fixture(params=["cloud", "datacenter"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with Server(JiraSite(Data(jira=ISSUES), page_size=2, deployment=request.param)) as running:
        yield running


@pytest.fixture
def connector(server: Server) -> JiraConnector:
    site = server.application
    assert isinstance(site, JiraSite)
    cloud = site._cloud
    way_in = {"email": "okrsync@example.com"} if cloud else {"deployment": "datacenter"}
    options = JiraOptions.model_validate({"url": server.url, "token": "sandbox-token", **way_in})
    return JiraConnector("app", options, clock=lambda: NOW)


def ask(connector: JiraConnector, *forms: Any) -> list[Any]:
    queries = [TypeAdapter(SPEC.queries).validate_python(form) for form in forms]
    found = dict(connector.read(queries))
    return [found[query] for query in queries]


DAY = 86_400


@pytest.mark.parametrize(
    ("form", "value", "unit"),
    [
        ({"sum": "Story Points", "jql": JQL}, "18", None),
        ({"avg": "Story Points", "jql": JQL}, "4.5", None),
        ({"median": "Story Points", "jql": JQL}, "4", None),
        ({"min": "customfield_10016", "jql": JQL}, "2", None),
        ({"max": "Story Points", "jql": JQL}, "8", None),
        ({"avg": "timespent", "jql": JQL}, "10800", DURATION),
        ({"percent_done": JQL}, "0.6", PERCENT),
        ({"percent_done": JQL, "in_progress": "50%"}, "0.7", PERCENT),
        ({"percent_done": JQL, "exclude_resolutions": ["won't do"]}, "0.5", PERCENT),
        ({"percent_done": JQL, "by": "Story Points", "exclude_resolutions": ["Won't Do"]}, "0.5", PERCENT),
        ({"cycle_time": JQL, "from": "created", "statistic": "mean"}, str(28 * DAY / 3), DURATION),
        ({"cycle_time": JQL, "from": "created"}, str(11 * DAY), DURATION),
        ({"cycle_time": JQL, "statistic": "mean"}, str(2 * DAY), DURATION),
        ({"cycle_time": JQL, "statistic": "p50"}, str(2 * DAY), DURATION),
        ({"velocity": 7}, str(Decimal(10) / 3), None),
        ({"velocity": 7, "sprints": 2}, "3.5", None),
    ],
)
def test_each_measure(connector: JiraConnector, form: Any, value: str, unit: Any) -> None:
    (reading,) = ask(connector, form)

    assert isinstance(reading, Reading), reading
    assert reading.value is not None
    assert abs(reading.value - Decimal(value)) < Decimal("0.001")
    assert (reading.unit or NUMBER) == (unit or NUMBER)


@pytest.mark.parametrize(
    "form",
    [
        {"avg": "Story Points", "jql": "key = APP-5"},
        {"median": "Story Points", "jql": "key = APP-5"},
        {"percent_done": "project = APP AND created > 2027-01-01"},
        {"cycle_time": "key = APP-4"},
        {"cycle_time": "key = APP-3"},
    ],
)
def test_nothing_to_measure_is_no_value(connector: JiraConnector, form: Any) -> None:
    (reading,) = ask(connector, form)

    assert isinstance(reading, Reading), reading
    assert reading.value is None


def test_what_was_left_out_is_said(connector: JiraConnector) -> None:
    points, times = ask(connector, {"sum": "Story Points", "jql": JQL}, {"cycle_time": JQL})

    assert points.evidence.note == "1 of 5 issues are left out: without Story Points."
    assert "3 of 5 issues are left out" in times.evidence.note


def test_all_measures_of_one_jql_share_one_pass(connector: JiraConnector, server: Server) -> None:
    ask(
        connector,
        {"count": JQL},
        {"sum": "Story Points", "jql": JQL},
        {"max": "timespent", "jql": JQL},
        {"percent_done": JQL},
        {"cycle_time": JQL, "from": "created"},
    )

    assert sum("/search" in call.path for call in server.calls) == 3


def test_a_board_that_is_not_there_is_not_found(connector: JiraConnector) -> None:
    (error,) = ask(connector, {"velocity": 99})

    assert isinstance(error, NotFound)
    assert error.scope == "query"


def test_an_ambiguous_name_lists_the_candidates() -> None:
    fields = [
        {"id": f"customfield_{n}", "name": "Story Points", "custom": True, "schema": {"type": "number"}} for n in (1, 2)
    ]
    with Server(JiraSite(Data(jira=ISSUES, jira_fields=fields))) as server:
        options = {"url": server.url, "email": "okrsync@example.com", "token": "sandbox-token"}
        connector = JiraConnector("app", JiraOptions.model_validate(options), clock=lambda: NOW)

        error, count = ask(connector, {"sum": "story points", "jql": JQL}, {"count": JQL})

    assert isinstance(error, BadQuery)
    assert "customfield_1, customfield_2" in error.message
    assert count.value == 5


def test_validation_judges_every_form(connector: JiraConnector) -> None:
    forms = [{"percent_done": "project = NOWHERE"}, {"velocity": 99}, {"velocity": 7}, {"avg": "Betrag", "jql": JQL}]
    queries = [TypeAdapter(SPEC.queries).validate_python(form) for form in forms]

    judged = dict(connector.validate(queries))

    assert [type(judged[query]).__name__ for query in queries] == ["BadQuery", "NotFound", "NoneType", "BadQuery"]


def test_data_center_pages_that_shift_are_not_trusted() -> None:
    site = JiraSite(Data(jira=ISSUES), page_size=2, deployment="datacenter")
    with Server(site) as server:
        body = '{"startAt": 2, "maxResults": 2, "total": 2, "issues": [{"id": "1", "key": "APP-1", "fields": {}}]}'
        options = {"url": server.url, "deployment": "datacenter", "token": "sandbox-token"}
        connector = JiraConnector("app", JiraOptions.model_validate(options), clock=lambda: NOW)
        connector.check()
        server.faults.fail(path="/search", status=200, body=body, times=-1)

        (error,) = ask(connector, {"sum": "timespent", "jql": JQL})

    assert isinstance(error, BadAnswer)
    assert "issues changed while they were read" in error.message


@pytest.mark.parametrize(
    ("jql", "expected"),
    [
        ("project = A", "project = A ORDER BY key"),
        ("project = A order by created DESC", "project = A ORDER BY key"),
        ('summary ~ "order by" ORDER BY rank', 'summary ~ "order by" ORDER BY key'),
    ],
)
def test_data_center_reads_in_an_order_that_holds_still(jql: str, expected: str) -> None:
    assert ordered(jql) == expected


def test_percentiles_are_interpolated() -> None:
    values = [Decimal(n) for n in (10, 20, 30, 40)]

    assert percentile(values, 50) == 25
    assert percentile(values, 85) == Decimal("35.5")
    assert percentile([Decimal(7)], 99) == 7


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"url": "https://a.atlassian.net", "token": "t"}, "email"),
        ({"url": "https://a.atlassian.net", "client_id": "c", "client_secret": "s"}, "api.atlassian.com/ex/jira"),
        ({"url": "https://jira.acme.com", "deployment": "datacenter", "email": "a@b.c", "token": "t"}, "takes only"),
        ({"url": "https://api.atlassian.com/ex/jira/1", "email": "a@b.c", "token": "t"}, "site"),
    ],
)
def test_a_wrong_way_in_is_refused_at_once(options: dict[str, str], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        JiraOptions.model_validate(options)
