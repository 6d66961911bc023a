"""None, zero, and whom Jira answered; fields that hold an object with a number inside."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

import pytest

from connectors.errors import AccessDenied, BadAnswer, BadCredentials, BadQuery
from connectors.jira.pull import JiraConnector
from connectors.jira.spec import JiraOptions
from connectors.jira.values import numbers
from mapping.reading import Reading
from mapping.units import DURATION, PERCENT
from sandbox.data import Data
from sandbox.jira import JiraSite
from sandbox.server import Server
from tests.connectors.contract import NOW
from tests.connectors.test_jira_measures import DONE, JQL, SPRINTS, ask, issue, resolved


def connect(server: Server, **options: Any) -> JiraConnector:
    given = {"url": server.url, "email": "okrsync@example.com", "token": "sandbox-token", **options}
    return JiraConnector("app", JiraOptions.model_validate(given), clock=lambda: NOW)


def answered(issues: list[Any], *forms: Any) -> list[Any]:
    with Server(JiraSite(Data(jira=issues), page_size=2)) as server:
        return ask(connect(server), *forms)


def done(number: int, points: str | None, sprint: int, **fields: Any) -> Any:
    return issue(number, DONE, points, closedSprints=[SPRINTS[sprint - 1]], **resolved(sprint * 7 - 3), **fields)


SUB_TASK = {"id": "5", "name": "Sub-task", "subtask": True}


def test_a_velocity_without_estimates_is_none() -> None:
    (reading,) = answered([done(1, None, 1), done(2, None, 2), issue(3, DONE, "5")], {"velocity": 7})

    assert reading.value is None
    assert "2 of them are left out: no issue done there has an estimate" in reading.evidence.note


def test_a_sprint_that_completed_nothing_is_zero_and_one_without_estimates_is_left_out() -> None:
    nothing_done = issue(1, {**DONE, "statusCategory": {"key": "new", "name": "To Do"}}, "8", closedSprints=SPRINTS[:1])

    (reading,) = answered([nothing_done, done(2, "6", 2), done(3, None, 3)], {"velocity": 7})

    assert reading.value == 3


def test_sub_tasks_do_not_count_for_velocity() -> None:
    (reading,) = answered([done(1, "5", 1), done(2, "3", 1, issuetype=SUB_TASK)], {"velocity": 7})

    assert (reading.value, reading.evidence.rows) == (5, 1)


def test_a_sum_over_issues_without_a_value_is_none() -> None:
    nothing, unestimated = answered(
        [issue(1, DONE, None), issue(2, DONE, "1")],
        {"sum": "Story Points", "jql": "created > 2027-01-01"},
        {"sum": "Story Points", "jql": "key = APP-1"},
    )

    assert (nothing.value, unestimated.value) == (0, None)


SLA = {
    "id": "1",
    "name": "Time to resolution",
    "completedCycles": [
        {"elapsedTime": {"millis": 7_200_000, "friendly": "2h"}, "breached": False},
        {"elapsedTime": {"millis": 3_600_000, "friendly": "1h"}, "breached": True},
    ],
}
OBJECTS = {
    "customfield_10101": SLA,
    "customfield_10102": {"rating": 4},
    "votes": {"self": "x", "votes": 3, "hasVoted": False},
    "watches": {"watchCount": 2, "isWatching": False},
    "progress": {"progress": 1800, "total": 7200, "percent": 25},
    "workratio": 50,
}


@pytest.mark.parametrize("unrated", [{"rating": None}, None])
def test_a_request_that_nobody_rated_has_no_rating(unrated: Any) -> None:
    found = numbers({"1": {"sat": {"rating": 4}}, "2": {"sat": unrated}}, "sat", "jira")

    assert found.of == {"1": (4,)}


@pytest.mark.parametrize(
    ("field", "value", "unit"),
    [
        ("customfield_10101", "5400", DURATION),
        ("customfield_10102", "4", None),
        ("votes", "3", None),
        ("watches", "2", None),
        ("progress", "0.25", PERCENT),
        ("workratio", "0.5", PERCENT),
    ],
)
def test_a_number_inside_an_object_is_read(field: str, value: str, unit: Any) -> None:
    bare = {
        "customfield_10101": {"completedCycles": [], "ongoingCycle": {"breached": False}},
        "customfield_10102": None,
        "progress": {"progress": 0, "total": 0},
        "workratio": -1,
    }
    fields = [{"id": name, "name": name, "schema": {"type": "any"}} for name in OBJECTS]
    rows = [issue(1, DONE, None, **OBJECTS), issue(2, DONE, None, **bare)]
    with Server(JiraSite(Data(jira=rows, jira_fields=fields))) as server:
        (reading,) = ask(connect(server), {"avg": field, "jql": JQL})

    assert isinstance(reading, Reading), reading
    assert (reading.value, reading.unit) == (Decimal(value), unit)
    assert "1 of 2 issues are left out" in str(reading.evidence.note)


def test_other_objects_are_no_numbers() -> None:
    fields = [{"id": "customfield_1", "name": "Owner", "schema": {"type": "user"}}]
    with Server(
        JiraSite(Data(jira=[issue(1, DONE, None, customfield_1={"accountId": "x"})], jira_fields=fields))
    ) as on:
        (error,) = ask(connect(on), {"avg": "Owner", "jql": JQL})

    assert isinstance(error, BadAnswer)
    assert error.fix == "Name a number field."


class TestResolutions:
    FORM: ClassVar[dict[str, Any]] = {"percent_done": JQL, "exclude_resolutions": ["Duplicat"]}

    def test_a_misspelt_one_is_told(self) -> None:
        error, other = answered([issue(1, DONE, "1", **resolved(3))], self.FORM, {"count": JQL})

        assert isinstance(error, BadQuery)
        assert error.fix == "Did you mean 'Duplicate'?"
        assert other.value == 1

    def test_one_that_no_issue_has_is_not_misspelt(self) -> None:
        (reading,) = answered([issue(1, DONE, "1", **resolved(3))], {**self.FORM, "exclude_resolutions": ["duplicate"]})

        assert reading.value == 1

    def test_what_the_issues_have_is_not_asked_for(self) -> None:
        with Server(JiraSite(Data(jira=[issue(1, DONE, "1", **resolved(3))]))) as server:
            ask(connect(server), {**self.FORM, "exclude_resolutions": ["Done"]})

            assert not any("resolution" in call.path for call in server.calls)


class TestNothing:
    """An answer of no issue is believed once it is sure who got it."""

    FORM: ClassVar[dict[str, Any]] = {"count": "created > 2027-01-01"}

    @pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
    def test_a_token_that_ends_during_the_read_is_not_zero(self, deployment: str) -> None:
        site = JiraSite(Data(jira=[issue(1, DONE, "1")]), deployment=deployment, signs=False)
        way_in = {"email": None, "deployment": deployment} if deployment == "datacenter" else {}
        with Server(site) as server:
            connector = connect(server, **way_in)
            connector.check()
            site.expire_token()

            (error,) = ask(connector, self.FORM)

        assert isinstance(error, BadCredentials)

    def test_without_a_sign_the_account_is_asked_again_once(self) -> None:
        with Server(JiraSite(Data(jira=[issue(1, DONE, "1")]), signs=False)) as server:
            readings = ask(connect(server), self.FORM, {"count": "created > 2028-01-01"})

            assert [reading.value for reading in readings] == [0, 0]
            assert sum(call.path.endswith("/myself") for call in server.calls) == 2

    def test_with_a_sign_it_is_not(self) -> None:
        with Server(JiraSite(Data(jira=[issue(1, DONE, "1")]))) as server:
            ask(connect(server), self.FORM)

            assert sum(call.path.endswith("/myself") for call in server.calls) == 1

    def test_an_account_that_sees_nothing_has_no_zero(self) -> None:
        site = JiraSite(Data())
        site.hide_projects()
        with Server(site) as server:
            (error,) = ask(connect(server), self.FORM)

        assert isinstance(error, AccessDenied)
        assert "shows no project at all" in error.message
        assert "Browse projects" in error.fix

    def test_where_permissions_are_hidden_the_account_is_enough(self) -> None:
        with Server(JiraSite(Data(jira=[issue(1, DONE, "1")]))) as server:
            server.faults.fail(path="/mypermissions", status=403, body="{}", times=-1)

            (reading,) = ask(connect(server), self.FORM)

        assert reading.value == 0

    @pytest.mark.parametrize("user", ["anonymous", "okrsync"])
    def test_the_name_in_the_answer_is_read(self, user: str) -> None:
        with Server(JiraSite(Data(jira=[issue(1, DONE, "1")]), signs=False)) as server:
            body, headers = '{"issues": [], "isLast": true}', {"X-AUSERNAME": user}
            server.faults.fail(path="/search/", status=200, body=body, headers=headers)

            (outcome,) = ask(connect(server), {"count": JQL})

        assert isinstance(outcome, BadCredentials if user == "anonymous" else Reading)
