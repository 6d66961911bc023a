"""How long issues took and where they were, by their histories; the work that was logged."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from config.placeholders import render
from connectors.errors import BadQuery
from connectors.jira.pull import JiraConnector
from connectors.jira.spec import SPEC, JiraOptions
from mapping.day import UTC
from mapping.model import parse_cycle
from mapping.units import DURATION
from sandbox.data import Data
from sandbox.jira import JiraSite
from sandbox.server import Server
from tests.connectors.contract import NOW
from tests.connectors.test_jira_measures import DOING, DONE, JQL, NEW, issue, resolved

DAY = 86_400
GONE = {"id": "77", "name": "In Development"}


def change(day: int, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    item = {
        "field": "status",
        "fieldId": "status",
        "from": before["id"],
        "fromString": before["name"],
        "to": after["id"],
        "toString": after["name"],
    }
    at = f"2026-10-{day:02d}T08:00:00.000+0000"
    return {"id": str(day), "created": at, "author": {"accountId": "a1"}, "items": [item]}


OTHERS = [issue(90, NEW, None), issue(91, DOING, None)]
"""So that the site has these statuses."""


@pytest.fixture(params=["cloud", "datacenter"])
def deployment(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def answered(deployment: str, issues: list[Any], *forms: Any) -> list[Any]:
    with Server(JiraSite(Data(jira=[*issues, *OTHERS]), page_size=2, deployment=deployment)) as server:
        way_in = {"email": "okrsync@example.com"} if deployment == "cloud" else {"deployment": deployment}
        options = JiraOptions.model_validate({"url": server.url, "token": "sandbox-token", **way_in})
        connector = JiraConnector("app", options, clock=lambda: NOW)
        period, at = parse_cycle("2026-Q4"), datetime(2026, 11, 24, 9, tzinfo=UTC)
        queries = [render(TypeAdapter(SPEC.queries).validate_python(form), SPEC, period, at, UTC) for form in forms]
        found = dict(connector.read(queries))
        return [found[query] for query in queries]


def test_an_issue_made_in_progress_began_when_it_was_made(deployment: str) -> None:
    moved = issue(1, DONE, None, change(6, DOING, DONE), **resolved(6))
    never_moved = issue(2, DONE, None, **resolved(9))

    (reading,) = answered(deployment, [moved, never_moved], {"cycle_time": JQL})

    assert (reading.value, reading.unit) == (5 * DAY, DURATION)
    assert "3 of 4 issues are left out" in reading.evidence.note


def test_an_issue_made_done_was_never_in_progress(deployment: str) -> None:
    (reading,) = answered(deployment, [issue(1, DONE, None, **resolved(2))], {"cycle_time": JQL})

    assert reading.value is None


def test_a_status_that_is_gone_is_told(deployment: str) -> None:
    through = issue(1, DONE, None, change(3, NEW, GONE), change(5, GONE, DOING), change(8, DOING, DONE), **resolved(8))
    plain = issue(2, DONE, None, change(3, NEW, DOING), change(5, DOING, DONE), **resolved(5))

    (reading,) = answered(deployment, [through, plain], {"cycle_time": JQL})

    assert reading.value == 2 * DAY
    assert "a status that no longer exists, so that nobody can tell (In Development)" in reading.evidence.note


def test_a_status_that_is_gone_is_known_by_the_name_that_another_has(deployment: str) -> None:
    namesake = {"id": "78", "name": "in review"}
    through = issue(1, DONE, None, change(3, NEW, namesake), change(8, namesake, DONE), **resolved(8))

    (reading,) = answered(deployment, [through], {"cycle_time": JQL})

    assert reading.value == 5 * DAY


TWICE = issue(
    1,
    DONE,
    None,
    change(2, NEW, DOING),
    change(4, DOING, NEW),
    change(5, NEW, DOING),
    change(8, DOING, DONE),
    **resolved(8),
)
STILL = issue(2, DOING, None, change(3, NEW, DOING))


@pytest.mark.parametrize(
    ("statuses", "days"),
    [(None, 5), (["In Review"], 5), (["in review", "OPEN"], 7), (["3"], 5), (["Open"], 2)],
)
def test_time_in_status(deployment: str, statuses: list[str] | None, days: int) -> None:
    form: dict[str, Any] = {"time_in_status": "key in (APP-1, APP-2)", "statistic": "p99"}
    form |= {"statuses": statuses} if statuses else {}

    (reading,) = answered(deployment, [TWICE, STILL], form)

    assert (reading.value, reading.unit) == (days * DAY, DURATION)
    assert reading.evidence.rows == 2
    assert (reading.evidence.note is None) == (statuses == ["Open"])


def test_a_status_that_never_was_is_told(deployment: str) -> None:
    error, other = answered(deployment, [TWICE], {"time_in_status": JQL, "statuses": ["In Reviw"]}, {"cycle_time": JQL})

    assert isinstance(error, BadQuery)
    assert error.fix == "Did you mean 'In Review'?"
    assert other.value == 6 * DAY


def test_a_status_of_the_past_may_be_named(deployment: str) -> None:
    through = issue(1, DONE, None, change(3, NEW, GONE), change(5, GONE, DONE), **resolved(5))

    (reading,) = answered(deployment, [through], {"time_in_status": JQL, "statuses": ["In Development"]})

    assert reading.value == 2 * DAY


def logged(number: int, *entries: tuple[str, int]) -> Any:
    rows = [
        {
            "id": str(number * 1000 + index),
            "started": started,
            "timeSpentSeconds": seconds,
            "author": {"accountId": "a"},
        }
        for index, (started, seconds) in enumerate(entries)
    ]
    return issue(number, DOING, None, worklog={"worklogs": rows})


class TestWorklog:
    EDGES = logged(
        1,
        ("2026-09-30T23:59:59.000+0000", 1),
        ("2026-10-01T00:00:00.000+0000", 3600),
        ("2026-12-31T23:59:59.000+0000", 1800),
        ("2027-01-01T00:00:00.000+0000", 2),
    )

    def test_only_what_was_worked_in_the_cycle_counts(self, deployment: str) -> None:
        (reading,) = answered(deployment, [self.EDGES], {"worklog": JQL})

        assert (reading.value, reading.unit, reading.evidence.rows) == (5400, DURATION, 2)

    def test_all_of_them_are_read(self, deployment: str) -> None:
        many = logged(2, *[(f"2026-10-{day:02d}T10:00:00.000+0200", 60) for day in range(1, 29)])

        (reading,) = answered(deployment, [self.EDGES, many], {"worklog": f"{JQL} ORDER BY created"})

        assert reading.value == 5400 + 28 * 60

    def test_a_period_of_its_own(self, deployment: str) -> None:
        (reading,) = answered(deployment, [self.EDGES], {"worklog": JQL, "to": "{as_of}"})

        assert reading.value == 3600

    def test_no_work_is_zero(self, deployment: str) -> None:
        (reading,) = answered(deployment, [issue(1, DOING, None)], {"worklog": JQL})

        assert reading.value == 0

    def test_days_are_refused_at_load(self) -> None:
        with pytest.raises(ValidationError, match="without :date"):
            TypeAdapter(SPEC.queries).validate_python({"worklog": JQL, "from": "{cycle.start:date}"})

    def test_what_is_no_moment_is_a_bad_query(self, deployment: str) -> None:
        (error,) = answered(deployment, [self.EDGES], {"worklog": JQL, "from": "yesterday"})

        assert isinstance(error, BadQuery)
        assert "{cycle.start}" in error.fix
