"""The Jira stand-in: JQL evaluated and refused as Jira would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from sandbox.data import Data
from sandbox.jira import JiraSite
from sandbox.server import Server

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
AUTH = ("okrsync@example.com", "sandbox-token")


def issue(n: int) -> dict[str, Any]:
    category = [("new", "To Do"), ("indeterminate", "In Progress"), ("done", "Done")][n % 3]
    return {
        "id": str(100 + n),
        "key": f"{'AB'[n % 2]}-{n}",
        "fields": {
            "summary": f"Crash number {n}" if n % 4 == 0 else "Slow page",
            "project": {"id": str(n % 2), "key": "AB"[n % 2], "name": f"Project {'AB'[n % 2]}"},
            "status": {
                "id": str(n % 3),
                "name": category[1],
                "statusCategory": {"key": category[0], "name": category[1]},
            },
            "resolution": {"id": "1", "name": "Fixed"} if n % 3 == 2 else None,
            "priority": {"id": "2", "name": "High"} if n % 5 else None,
            "labels": [["red", "big"], ["red"], []][n % 3],
            "created": f"2026-{9 + n % 3:02d}-{1 + n:02d}T23:30:00.000+0000",
            "customfield_10016": Decimal(n) / 2 if n % 2 else None,
        },
    }


ISSUES = [issue(n) for n in range(24)]


def site(**options: Any) -> JiraSite:
    return JiraSite(Data(jira=ISSUES), clock=lambda: NOW, **options)


SITE = site(page_size=7)


def count(jql: str, where: JiraSite = SITE) -> int:
    return where._tables.count(*where._bounded(jql))


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Server(SITE) as server:
        yield server.url


@pytest.mark.parametrize(
    ("jql", "expected"),
    [
        ("project = A", 12),
        ("project = 'Project A' AND statusCategory = Done", 4),
        ("project in (A, B) AND statusCategory != Done", 16),
        ("resolution = Unresolved", 16),
        ("resolution is not EMPTY", 8),
        ("resolution != Fixed", 0),
        ("NOT resolution = Fixed", 0),
        ("labels = red", 16),
        ("labels in (big, red) AND labels != big", 8),
        ("labels is EMPTY", 8),
        ("priority = High OR project = A AND statusCategory = Done", 20),
        ("(priority = High OR project = A) AND statusCategory = Done", 7),
        ('summary ~ "crash"', 6),
        ('"Story Points" >= 5', 7),
        ("cf[10016] is EMPTY", 12),
        ("created >= 2026-11-01", 8),
        ("created >= startOfMonth()", 8),
        ("created >= -7d", 3),
        ("created >= 1793491200000", 8),
        ("key in (A-2, B-3)", 2),
        ("issuekey = A-2 ORDER BY created DESC, priority", 1),
        ("project = A or not (project = A or project = B)", 12),
    ],
)
def test_answers(jql: str, expected: int) -> None:
    assert count(jql) == expected


def test_date_texts_are_read_in_the_accounts_zone() -> None:
    """11:30 p.m. UTC is the next day in Berlin."""
    assert count("created < 2026-09-05") == 2
    assert count("created < 2026-09-05", site(time_zone="Europe/Berlin")) == 1
    assert count("created < 1788566400000", site(time_zone="Europe/Berlin")) == 2


@pytest.mark.parametrize(
    ("jql", "words"),
    [
        ("", "Unbounded JQL"),
        ("ORDER BY created", "Unbounded JQL"),
        ("project = C", "The value 'C' does not exist for the field 'project'."),
        ("status = Closed", "The value 'Closed' does not exist for the field 'status'."),
        ("sprnt = 5", "Field 'sprnt' does not exist"),
        ("project = A AND", "Error in the JQL Query"),
        ("project == A", "Error in the JQL Query"),
        ("project = A LIMIT 5", "Error in the JQL Query"),
        ("created > yesterday", "Date value 'yesterday'"),
        ("created > nextWeek()", "Unable to find JQL function 'nextWeek()'"),
        ("project > A", "The operator '>' is not supported"),
        ('"Story Points" = many', "not a number"),
    ],
)
def test_refusals(url: str, jql: str, words: str) -> None:
    answer = requests.post(f"{url}/rest/api/3/search/jql", json={"jql": jql}, auth=AUTH, timeout=5)

    assert answer.status_code == 400
    assert words in answer.json()["errorMessages"][0]


def test_pages(url: str) -> None:
    body: dict[str, Any] = {"jql": "project in (A, B)", "fields": ["created"], "maxResults": 100}
    seen: list[str] = []
    for _ in range(10):
        page = requests.post(f"{url}/rest/api/3/search/jql", json=body, auth=AUTH, timeout=5).json()
        assert "total" not in page
        assert set(page["issues"][0]["fields"]) == {"created"}
        seen += [found["key"] for found in page["issues"]]
        if "nextPageToken" not in page:
            break
        body["nextPageToken"] = page["nextPageToken"]

    assert sorted(seen) == sorted(found["key"] for found in ISSUES)


def test_who_is_not_signed_in(url: str) -> None:
    assert requests.get(f"{url}/rest/api/3/myself", timeout=5).status_code == 401
    assert requests.get(f"{url}/rest/api/3/myself", auth=AUTH, timeout=5).json()["timeZone"] == "UTC"


def test_the_old_search_is_gone_from_the_cloud(url: str) -> None:
    assert requests.get(f"{url}/rest/api/3/search", auth=AUTH, timeout=5).status_code == 410


def test_unknown_properties_are_refused(url: str) -> None:
    body = {"jql": "project = A", "startAt": 0}
    assert requests.post(f"{url}/rest/api/3/search/jql", json=body, auth=AUTH, timeout=5).status_code == 400


def test_data_center_pages_by_position() -> None:
    with Server(site(deployment="datacenter", page_size=10)) as server:
        headers = {"Authorization": "Bearer sandbox-token"}
        page = requests.get(
            f"{server.url}/rest/api/2/search", params={"jql": "project = A", "startAt": 10}, headers=headers, timeout=5
        ).json()

    assert (page["total"], len(page["issues"])) == (12, 2)


def test_an_expired_token_is_anonymous() -> None:
    expired = site()
    expired.expire_token()
    with Server(expired) as server:
        search = requests.post(f"{server.url}/rest/api/3/search/jql", json={"jql": "project = A"}, auth=AUTH, timeout=5)
        me = requests.get(f"{server.url}/rest/api/3/myself", auth=AUTH, timeout=5)

    assert (search.status_code, search.json()["issues"]) == (200, [])
    assert search.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
    assert me.status_code == 401


clauses = st.one_of(
    st.tuples(st.just("project"), st.sampled_from(["=", "!="]), st.sampled_from(["A", "B"])),
    st.tuples(st.just("resolution"), st.sampled_from(["=", "!="]), st.just("Fixed")),
    st.tuples(st.just("labels"), st.sampled_from(["=", "!="]), st.sampled_from(["red", "big"])),
    st.tuples(st.just("statusCategory"), st.sampled_from(["=", "!="]), st.sampled_from(["Done", "'To Do'"])),
)
conditions = st.recursive(
    clauses,
    lambda inner: st.tuples(st.sampled_from(["AND", "OR"]), inner, inner) | st.tuples(st.just("NOT"), inner),
    max_leaves=5,
)


def written(condition: Any) -> str:
    if condition[0] == "NOT":
        return f"NOT ({written(condition[1])})"
    if condition[0] in ("AND", "OR"):
        return f"({written(condition[1])} {condition[0]} {written(condition[2])})"
    return " ".join(condition)


def holds(condition: Any, fields: dict[str, Any], negated: bool = False) -> bool:
    if condition[0] == "NOT":
        return holds(condition[1], fields, not negated)
    if condition[0] in ("AND", "OR"):
        both = [holds(part, fields, negated) for part in condition[1:]]
        return all(both) if (condition[0] == "AND") != negated else any(both)
    name, op, value = condition
    found = {
        "project": [fields["project"]["key"]],
        "resolution": [fields["resolution"]["name"]] if fields["resolution"] else [],
        "labels": fields["labels"],
        "statusCategory": [fields["status"]["statusCategory"]["name"]],
    }[name]
    equal = (op == "=") != negated
    return value.strip("'") in found if equal else bool(found) and value.strip("'") not in found


@given(conditions)
def test_filters_agree_with_a_naive_reading(condition: Any) -> None:
    assert count(written(condition)) == sum(holds(condition, found["fields"]) for found in ISSUES)
