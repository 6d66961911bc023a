"""What Jira's webhooks touch, and which JQL that can concern."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.base import EVERYTHING, Bell, Call, Delivery, Forged
from connectors.jira.projects import projects_of
from connectors.jira.queries import Count, Velocity
from connectors.jira.spec import JiraOptions
from connectors.memories import Forgetful
from connectors.standard_webhooks import bell_of
from tests.connectors.contract import CANARY, NOW
from tests.connectors.test_jira import SPEC, jira_call, signed_by_jira

REAL = Path(__file__).parents[3] / "shared" / "data" / "jira-webhooks"
TOKEN = "a-token-of-automation"


@pytest.fixture
def bell() -> Bell:
    options = JiraOptions(
        url="https://acme.atlassian.net", email="a@b.c", token=CANARY, hook_secret=CANARY, hook_token=TOKEN
    )
    return bell_of(SPEC, options, Forgetful(lambda: NOW))


@pytest.fixture
def touched(bell: Bell) -> Callable[[Call], frozenset[str]]:
    def ring(call: Call) -> frozenset[str]:
        delivery = bell.ring(call, NOW)
        assert isinstance(delivery, Delivery)
        return delivery.touched

    return ring


@pytest.mark.skipif(not REAL.is_dir(), reason="the bodies that Jira sent are not here (../shared/data/jira-webhooks)")
def test_bodies_that_jira_sent(bell: Bell) -> None:
    files = sorted(REAL.glob("*.json"))
    assert len(files) == 27
    for file in files:
        body = file.read_bytes()
        event = json.loads(body)
        then = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
        delivery = bell.ring(signed_by_jira(body), then + timedelta(seconds=1))

        assert isinstance(delivery, Delivery)
        if "issue" not in event:
            assert delivery.touched == {EVERYTHING}, file.name
            continue
        project = event["issue"]["fields"]["project"]
        for name in (project["key"], project["id"], f'"{project["name"]}"'):
            assert bell.concerns(Count(count=f"project = {name} AND created > -9d"), delivery.touched), file.name
        assert not bell.concerns(Count(count="project = ELSEWHERE"), delivery.touched), file.name


@pytest.mark.parametrize(
    ("jql", "projects"),
    [
        ("project = SUP", {"sup"}),
        ("project = 'Customer \\'s' and status = Done", {"customer 's"}),
        ("PROJECT in (SUP, \"Two Words\", 10001) ORDER BY created", {"sup", "two words", "10001"}),
        ("status = Done AND (project = A OR project = B)", {"a", "b"}),
        ("project = A OR status = Done", None),
        ("project = A OR project = B AND status = Done", {"a", "b"}),
        ("NOT project = A", None),
        ("project = A AND NOT status = Done", {"a"}),
        ("!(project = A)", None),
        ("project != A AND project = B", {"b"}),
        ("project not in (A, B)", None),
        ("project is not EMPTY", None),
        ("project was A", None),
        ("key in (SUP-1, OPS-22)", {"sup", "ops"}),
        ("issuekey = SUP-1", {"sup"}),
        ("id = 10001", None),
        ("key > SUP-1", None),
        ("parent = SUP-12", None),
        ("\"Epic Link\" = SUP-12 AND project = OPS", {"ops"}),
        ("filter = 10021", None),
        ("project in projectsLeadByUser()", None),
        ("project = A AND issue in linkedIssues(B-1)", None),
        ("project = A AND issueFunction in parentsOf(\"project = B\")", None),
        ("project = A AND created >= startOfMonth(-1) AND assignee in (currentUser(), ada)", {"a"}),
        ("project = A AND status changed FROM Open TO (Done, Closed) BY ada DURING (\"2026-10-01\", now())", {"a"}),
        ("project = A AND status was not in (Done) BEFORE \"2026-10-01\"", {"a"}),
        ("project = A AND cf[10016] > 3 && sprint in openSprints()", {"a"}),
        ("project = A AND summary ~ \"project = B OR\"", {"a"}),
        ("project = A AND (", None),
        ("nonsense", None),
        ("", None),
        ("(" * 200 + "project = A" + ")" * 200, None),
    ],
)  # fmt: skip
def test_projects_of_a_jql(jql: str, projects: set[str] | None) -> None:
    assert projects_of(jql) == projects


def test_a_move_touches_both_projects(touched: Callable[[Call], frozenset[str]], bell: Bell) -> None:
    items = [
        {"field": "project", "from": "7", "fromString": "Old", "to": "1", "toString": "Project SUP"},
        {"field": "Key", "fromString": "OLD-4", "toString": "SUP-1"},
    ]
    words = touched(jira_call(NOW, "jira:issue_updated", changelog={"id": "1", "items": items}))

    assert words == {f"project:{name}" for name in ("1", "sup", "project sup", "7", "old")}
    assert touched(jira_call(NOW, "jira:issue_updated", changelog={"items": items[:1]})) == {EVERYTHING}


@pytest.mark.parametrize("event", ["sprint_closed", "worklog_created", "issuelink_created", "jira:version_released"])
def test_what_names_no_project_concerns_all(touched: Callable[[Call], frozenset[str]], event: str) -> None:
    assert touched(jira_call(NOW, event)) == {EVERYTHING}


def test_a_velocity_is_concerned_by_every_issue(bell: Bell) -> None:
    assert bell.concerns(Velocity(velocity=1), frozenset({"project:sup"}))
    assert not bell.concerns(Velocity(velocity=1), frozenset())


def test_a_retry_is_known_by_its_identifier_and_by_its_body(bell: Bell) -> None:
    first, again = jira_call(NOW, "jira:issue_updated"), jira_call(NOW, "jira:issue_updated")
    other = Call(body=again.body, headers={**again.headers, "x-atlassian-webhook-identifier": "forged-1"})
    made, same, replayed = (bell.ring(call, NOW + timedelta(minutes=75)) for call in (first, again, other))

    assert isinstance(made, Delivery)
    assert isinstance(same, Delivery)
    assert isinstance(replayed, Delivery)
    assert (made.id, made.others) == (same.id, same.others)
    assert set(made.others) & set(replayed.others)
    assert not made.repeats


def test_automation_sends_a_token_and_an_issue(touched: Callable[[Call], frozenset[str]], bell: Bell) -> None:
    def automation(body: Any, token: str = TOKEN) -> Call:
        return Call(body=json.dumps(body).encode(), headers={"x-okrsync-token": token})

    issue = {"key": "SUP-1", "fields": {"project": {"id": "1", "key": "SUP", "name": "Support"}}}
    words = {"project:1", "project:sup", "project:support"}
    assert touched(automation(issue)) == words
    assert touched(automation({"issue": issue})) == words
    assert touched(automation({"touched": ["project:ops"]})) == {"project:ops"}
    assert touched(automation("a text")) == {EVERYTHING}
    delivery = bell.ring(automation(issue), NOW)
    assert isinstance(delivery, Delivery)
    assert delivery.repeats
    for wrong in ("", "a-token-of-automatioN", CANARY):
        with pytest.raises(Forged):
            bell.ring(automation(issue, wrong), NOW)


def test_asking_again_can_be_set() -> None:
    options = {"url": "https://a.atlassian.net", "email": "a@b.c", "token": CANARY}

    def delay(**more: Any) -> timedelta | None:
        return bell_of(SPEC, JiraOptions(**options, **more), Forgetful(lambda: NOW)).asks_again

    assert delay() == timedelta(seconds=60)
    assert delay(ask_again=5) == timedelta(seconds=5)
    assert delay(ask_again=0) is None
