"""What Jira's refusals for haste say, and what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from config.load import load
from connectors.errors import Throttled
from connectors.jira.limits import asked_pause, reason
from connectors.jira.pull import JiraConnector
from connectors.jira.spec import SPEC, JiraOptions
from mapping.reading import Reading
from sandbox.data import Data
from sandbox.jira import JiraSite
from sandbox.server import Server
from sync.connections import opened
from sync.questions import questions_for
from tests.connectors.contract import NOW, FakeTime
from tests.connectors.test_jira_measures import DONE, ISSUES, issue

SOON = datetime(2026, 3, 26, 15, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "5"}, 5),
        ({"X-RateLimit-Reset": "2026-03-26T16:00Z"}, 60),
        ({"X-RateLimit-Reset": "2026-03-26T16:00:30.000Z"}, 90),
        ({"X-RateLimit-Reset": "2026-03-26T16:00Z", "Retry-After": "5"}, 60),
        ({"X-RateLimit-Reset": "2026-03-26T15:00Z", "Retry-After": "5"}, 5),
        ({"X-RateLimit-Reset": "soon"}, None),
        ({"X-RateLimit-Reset": "0001-01-01T00:00:00+14:00"}, 0),
        ({"X-RateLimit-Reset": "9" * 5000}, None),
    ],
)
def test_the_pause_that_is_asked_for(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_pause(headers, SOON) == seconds


def test_the_reason_in_words() -> None:
    assert "one second" in reason({"RateLimit-Reason": "jira-burst-based"})
    assert reason({"RateLimit-Reason": "jira-cost-based"}) == "jira-cost-based"
    assert reason({}) == ""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(JiraSite(Data(jira=ISSUES), page_size=2)) as running:
        yield running


def connect(server: Server) -> JiraConnector:
    given = {"url": server.url, "email": "okrsync@example.com", "token": "sandbox-token"}
    return JiraConnector("app", JiraOptions.model_validate(given), clock=lambda: NOW)


def test_a_quota_that_is_used_up_ends_the_asking(server: Server) -> None:
    reset = (datetime.now(UTC) + timedelta(minutes=40)).strftime("%Y-%m-%dT%H:%MZ")
    headers = {"X-RateLimit-Reset": reset, "RateLimit-Reason": "jira-quota-tenant-based"}
    connector = connect(server)
    connector.check()
    server.faults.fail(path="/search/", status=429, headers=headers, times=-1)
    queries = [
        TypeAdapter(SPEC.queries).validate_python({"count": f"key = APP-1 AND created > {n}"}) for n in range(100)
    ]

    outcomes = [outcome for _, outcome in connector.read(queries)]

    assert len(outcomes) == 100
    assert all(isinstance(outcome, Throttled) for outcome in outcomes)
    assert any("hourly quota of this app on the site" in str(outcome) for outcome in outcomes)
    assert all(
        outcome.retry_after and outcome.retry_after > 2000 for outcome in outcomes if isinstance(outcome, Throttled)
    )
    assert sum("/search/" in call.path for call in server.calls) <= 10


def test_a_bare_429_that_stays_ends_the_asking(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeTime()
    monkeypatch.setattr("connectors.wire.time", fake)
    connector = connect(server)
    connector.check()
    server.faults.fail(path="/search/", status=429, times=-1)
    queries = [
        TypeAdapter(SPEC.queries).validate_python({"count": f"key = APP-1 AND created > {n}"}) for n in range(100)
    ]

    outcomes = [outcome for _, outcome in connector.read(queries)]

    assert all(isinstance(outcome, Throttled) for outcome in outcomes)
    assert sum("/search/" in call.path for call in server.calls) <= 16


def counts(number: int) -> list[Any]:
    made = TypeAdapter(SPEC.queries)
    return [made.validate_python({"count": f"key = APP-1 AND created > {n}"}) for n in range(number)]


def refused(server: Server) -> int:
    return sum(call.status == 429 for call in server.calls)


def test_what_jira_lets_through_is_all_that_is_sent() -> None:
    """By the site's own clock, while the connection keeps to its hundred a second by ours."""
    with Server(JiraSite(Data(jira=ISSUES))) as server:
        outcomes = [outcome for _, outcome in connect(server).read(counts(130))]

    assert all(isinstance(outcome, Reading) for outcome in outcomes)
    assert refused(server) == 0
    assert sum("/search/" in call.path for call in server.calls) == 130


def test_others_who_use_the_site_up_cost_time_and_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeTime()
    monkeypatch.setattr("connectors.wire.time", fake)
    site = JiraSite(Data(jira=ISSUES), share=0.1, ticks=fake.monotonic)
    with Server(site) as server:
        outcomes = [outcome for _, outcome in connect(server).read(counts(60))]

        assert all(isinstance(outcome, Reading) for outcome in outcomes)
        assert 0 < refused(server) <= 30
        assert sum("/search/" in call.path for call in server.calls) == 60 + refused(server)


@pytest.mark.parametrize(
    ("options", "most"),
    [
        ({"email": "a@b.c"}, 32),
        ({"email": "a@b.c", "concurrency": 4}, 4),
        ({"deployment": "datacenter"}, 10),
        ({"deployment": "datacenter", "concurrency": 20}, 20),
    ],
)
def test_a_company_that_runs_its_own_jira_says_how_much_it_bears(options: dict[str, Any], most: int) -> None:
    made = JiraOptions.model_validate({"url": "https://jira.acme.example", "token": "t", **options})

    assert made.most_in_flight == most


FILE = """
cycle: 2026-Q4
metrics:
  classic: {jira: {sum: Story Points, jql: "project = APP"}, default: 0}
  modern: {jira: {sum: Story point estimate, jql: "project = APP"}, default: 0}
objectives:
  - {id: o, title: O, key_results: [{id: kr, title: KR, start: 0, target: 20, value: classic + modern}]}
"""


def test_a_formula_over_two_fields_works_while_one_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIRA_TOKEN", "sandbox-token")
    fields = [
        {"id": "customfield_10016", "name": "Story Points", "custom": True, "schema": {"type": "number"}},
        {"id": "customfield_10020", "name": "Story point estimate", "custom": True, "schema": {"type": "number"}},
    ]
    with Server(JiraSite(Data(jira=[issue(1, DONE, "3"), issue(2, DONE, "5")], jira_fields=fields))) as server:
        (tmp_path / "okrs").mkdir()
        (tmp_path / "okrsync.yaml").write_text(
            f"connections:\n  jira: {{url: {server.url}, email: okrsync@example.com, token: '${{JIRA_TOKEN}}'}}\n"
        )
        (tmp_path / "okrs" / "q4.yaml").write_text(FILE)
        workspace = load(tmp_path)
        asked = questions_for(workspace, workspace.bindings.values(), NOW)
        with opened(workspace.connections, workspace.connections, lambda: NOW, workspace.time_zone) as connectors:
            found = dict(connectors["jira"].read(asked.by_connection["jira"]))

    binding = workspace.bindings["kr"]
    readings = {name: found[question[1]] for name, question in asked.of["kr"].items()}
    assert all(isinstance(reading, Reading) for reading in readings.values())
    known = {name: metric.known(readings[name]).value for name, metric in binding.metrics.items()}
    assert known == {"classic": 8, "modern": 0}
