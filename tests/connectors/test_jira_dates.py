"""Dates in JQL, as `check --connect` judges them by the types of the fields, and as the stand-in reads them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from pydantic import TypeAdapter

from config.placeholders import render
from connectors.errors import BadQuery
from connectors.jira.jql import Compared, compared, split
from connectors.jira.pull import JiraConnector
from connectors.jira.spec import SPEC, JiraOptions
from mapping.day import UTC, zone_of
from mapping.model import parse_cycle
from mapping.reading import Reading
from sandbox.data import Data
from sandbox.jira import JiraSite
from sandbox.server import Server
from tests.connectors.contract import NOW
from tests.connectors.test_jira_measures import NEW, issue

ZONES = ["UTC", "Asia/Seoul", "Europe/Berlin", "America/New_York", "America/St_Johns"]
FIELDS = [
    {"id": "created", "name": "Created", "clauseNames": ["created", "createdDate"], "schema": {"type": "datetime"}},
    {"id": "duedate", "name": "Due date", "clauseNames": ["due", "duedate"], "schema": {"type": "date"}},
    {
        "id": "customfield_10050",
        "name": "Target start",
        "custom": True,
        "clauseNames": ["cf[10050]", "Target start"],
        "schema": {"type": "date"},
    },
    {"id": "customfield_10016", "name": "Story Points", "custom": True, "schema": {"type": "number"}},
]


def connect(server: Server, zone: str, deployment: str = "cloud") -> JiraConnector:
    way_in = {"email": "okrsync@example.com"} if deployment == "cloud" else {"deployment": deployment}
    options = JiraOptions.model_validate({"url": server.url, "token": "sandbox-token", **way_in})
    return JiraConnector("app", options, clock=lambda: NOW, zone=zone_of(zone))


def rendered(jql: str, zone: str) -> Any:
    query = TypeAdapter(SPEC.queries).validate_python({"count": jql})
    at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    return render(query, SPEC, parse_cycle("2026-Q4"), at, zone_of(zone))


def judged(jql: str, *, ours: str = "UTC", theirs: str = "UTC", deployment: str = "cloud") -> Any:
    data = Data(jira=[issue(1, NEW, None)], jira_fields=FIELDS)
    with Server(JiraSite(data, time_zone=theirs, deployment=deployment)) as server:
        ((_, error),) = connect(server, ours, deployment).validate([rendered(jql, ours)])
        return error


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
@pytest.mark.parametrize(
    ("jql", "words"),
    [
        ("due >= {cycle.start}", ["due contains days", "{cycle.start:date}"]),
        ("duedate <= {cycle.end:time}", ["duedate contains days"]),
        ("cf[10050] >= {cycle.start}", ["cf[10050] contains days"]),
        ('"Target start" >= {cycle.start}', ["Target start contains days"]),
        ("created <= {cycle.end:date}", ["first moment of that day", "{cycle.end:time}"]),
        ('created > "1790812800000"', ["minutes"]),
        ("due >= {cycle.start:date}", None),
        ("created >= {cycle.start} AND created <= {cycle.end}", None),
        ("created >= {cycle.start:date}", None),
        ('"Story Points" >= 1790812800000', None),
        ("due >= -7d", None),
    ],
)
def test_what_does_not_fit_the_field_is_told(jql: str, words: list[str] | None, deployment: str) -> None:
    error = judged(jql, deployment=deployment)

    assert isinstance(error, BadQuery if words else type(None)), error
    assert all(word in error.message + error.fix for word in words or [])


def test_a_day_of_times_needs_the_accounts_zone() -> None:
    error = judged("created >= {cycle.start:date}", ours="Asia/Seoul", theirs="America/New_York")

    assert "in the account's time zone, America/New_York, not in Asia/Seoul" in error.message
    assert "{cycle.start:time}" in error.fix
    assert judged("due >= {cycle.start:date}", ours="Asia/Seoul", theirs="America/New_York") is None


@pytest.mark.parametrize("ours", ZONES)
@pytest.mark.parametrize("theirs", ZONES)
def test_a_cycle_is_the_workspaces_whatever_the_accounts_zone(ours: str, theirs: str) -> None:
    """An issue a second before the quarter's first midnight, one on it; the same with days."""
    midnight = datetime(2026, 10, 1, tzinfo=zone_of(ours))
    at = [datetime.fromtimestamp(midnight.timestamp() + shift, UTC).isoformat() for shift in (-1, 0)]
    days = ["2026-09-30", "2026-10-01"]
    issues = [issue(n, NEW, None, created=at[n - 1], duedate=days[n - 1]) for n in (1, 2)]
    with Server(JiraSite(Data(jira=issues), time_zone=theirs)) as server:
        connector = connect(server, ours)
        queries = [rendered(jql, ours) for jql in ("created >= {cycle.start}", "due >= {cycle.start:date}")]

        found = dict(connector.read(queries))

    readings = [found[query] for query in queries]
    assert all(isinstance(one, Reading) for one in readings)
    assert [one.value for one in readings] == [1, 1]


@pytest.mark.parametrize(
    ("jql", "condition", "order"),
    [
        ("project = A", "project = A", ""),
        ("project = A order  BY created DESC", "project = A", "order  BY created DESC"),
        ('summary ~ "order by x" ORDER BY rank', 'summary ~ "order by x"', "ORDER BY rank"),
        ("summary ~ 'it\\'s order by' AND a = b", "summary ~ 'it\\'s order by' AND a = b", ""),
        ("ORDER BY created", "", "ORDER BY created"),
        ("reorder = by", "reorder = by", ""),
        ("a = 'unfinished order by x", "a = 'unfinished", "order by x"),
    ],
)
def test_where_the_order_begins(jql: str, condition: str, order: str) -> None:
    assert split(jql) == (condition, order)


def test_what_is_compared() -> None:
    jql = 'due >= 2026-10-01 AND cf[10050] < "17" OR "Target\\" start" != -3 AND a ~ 5 AND b in (1) AND created <= -7d'

    assert list(compared(jql)) == [
        Compared("due", ">=", "2026-10-01", is_quoted=False),
        Compared("cf[10050]", "<", "17", is_quoted=True),
        Compared('Target" start', "!=", "-3", is_quoted=False),
    ]


@pytest.mark.parametrize("piece", ['"', "'", "\\", '"\\', "order ", "order by ", "a = ", "(", "cf[", "=", " ", "9"])
def test_no_text_takes_long(piece: str) -> None:
    """A pattern that goes back over it would not end within the test's time."""
    jql = piece * (20_000 // len(piece))

    split(jql)
    list(compared(jql))
