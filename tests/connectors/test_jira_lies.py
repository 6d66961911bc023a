"""One lie in one answer costs at most the query it was told to, and never becomes anything but our own error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import pytest
from pydantic import TypeAdapter

from connectors.errors import BadAnswer, ConnectorError
from connectors.jira.pull import JiraConnector
from connectors.jira.spec import SPEC, JiraOptions
from mapping.reading import Reading
from sandbox.data import Data
from sandbox.jira import JiraSite
from sandbox.server import Request, Server
from tests.connectors.contract import NOW
from tests.connectors.lies import Liar, Lie, lies
from tests.connectors.test_jira_histories import DOING, DONE, NEW, change, logged
from tests.connectors.test_jira_measures import SPRINTS, issue, resolved
from tests.sweep import dice, sweep

ISSUES = [
    issue(1, DONE, "3", change(2, NEW, DOING), change(3, DOING, DONE), closedSprints=SPRINTS[:1], **resolved(3)),
    issue(2, DONE, "5", change(2, NEW, DONE), closedSprints=SPRINTS[:1], **resolved(4)),
    issue(3, DOING, None, customfield_10101={"completedCycles": [{"elapsedTime": {"millis": 5}}]}),
    logged(4, *[(f"2026-10-{day:02d}T10:00:00.000+0200", 60) for day in (1, 2, 3)]),
]
TARGET = "project = APP AND created >= 1000"
OTHER = {"count": "project = APP"}
"""Asked beside each query that is lied to, of an endpoint or a JQL that is not."""
WORKLOG = {"worklog": TARGET, "from": "1790812800000", "to": "1798761599999"}
CASES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "search": ("cloud", "/search/jql", {"sum": "Story Points", "jql": TARGET}),
    "search for a count": ("cloud", "/search/jql", {"count": TARGET}),
    "search for a share": ("cloud", "/search/jql", {"percent_done": TARGET, "exclude_resolutions": ["Duplicate"]}),
    "search for times": ("cloud", "/search/jql", {"cycle_time": TARGET, "from": "created"}),
    "search for objects": ("cloud", "/search/jql", {"avg": "Field 10101", "jql": TARGET}),
    "search for work": ("cloud", "/search/jql", WORKLOG),
    "estimate": ("cloud", "/search/approximate-count", {"count": TARGET}),
    "fields": ("cloud", "/field", {"sum": "Story Points", "jql": TARGET}),
    "statuses": ("cloud", "/status", {"cycle_time": TARGET}),
    "resolutions": ("cloud", "/resolution", {"percent_done": TARGET, "exclude_resolutions": ["Duplicate"]}),
    "histories": ("cloud", "/changelog/bulkfetch", {"time_in_status": TARGET}),
    "worklogs": ("cloud", "/worklog", WORKLOG),
    "permissions": ("cloud", "/mypermissions", {"count": f"{TARGET} AND created > 2030-01-01"}),
    "board": ("cloud", "/board/7/configuration", {"velocity": 7}),
    "sprints": ("cloud", "/board/7/sprint", {"velocity": 7}),
    "issues of a sprint": ("cloud", "/issue", {"velocity": 7}),
    "search of Data Center": ("datacenter", "/search", {"sum": "Story Points", "jql": TARGET}),
    "histories of Data Center": ("datacenter", "/search", {"cycle_time": TARGET}),
}
MOST = sweep(20, 10_000)


@contextmanager
def lying(deployment: str, path: str, **options: Any) -> Iterator[tuple[Liar, JiraConnector]]:
    is_shared = path in ("/search", "/search/jql", "/search/approximate-count")

    def concerns(request: Request) -> bool:
        return request.path.endswith(path) and (not is_shared or b"created >= 1000" in request.body)

    liar = Liar(JiraSite(Data(jira=ISSUES), page_size=2, deployment=deployment), concerns)
    with Server(liar) as server:
        way_in = {"email": "okrsync@example.com"} if deployment == "cloud" else {"deployment": deployment}
        given = {"url": server.url, "token": "sandbox-token", "timeout": 5, **way_in, **options}
        with closing(JiraConnector("app", JiraOptions.model_validate(given), clock=lambda: NOW)) as connector:
            yield liar, connector


def ask(connector: JiraConnector, *forms: Any) -> list[Any]:
    queries = [TypeAdapter(SPEC.queries).validate_python(form) for form in forms]
    found = list(connector.read(queries))
    assert len(found) == len(queries)
    return [dict(found)[query] for query in queries]


@pytest.mark.parametrize("case", CASES)
def test_a_lie_costs_one_query(case: str) -> None:
    deployment, path, form = CASES[case]
    exact = {"exact_count_limit": 0} if case == "estimate" else {}
    with lying(deployment, path, **exact) as (liar, connector):
        truth, _ = ask(connector, form, OTHER)
        assert isinstance(truth, Reading), truth
        assert liar.seen is not None

        for lie in lies(liar.seen, dice(f"lies/{case}"), MOST):
            liar.lie = lie
            outcome, other = ask(connector, form, OTHER)

            assert isinstance(outcome, Reading | ConnectorError), lie
            if isinstance(outcome, ConnectorError):
                assert outcome.scope == "query", (lie, outcome)
                assert outcome.fix
            assert isinstance(other, Reading), (lie, other)
            assert other.value == 4, lie
        assert liar.told


@pytest.mark.parametrize("path", ["/myself", "/serverInfo", "/jql/parse", "/field"])
def test_a_lie_to_check_and_validate_is_our_own_error(path: str) -> None:
    queries = [TypeAdapter(SPEC.queries).validate_python(form) for form in ({"count": TARGET}, OTHER)]
    with lying("cloud", path) as (liar, connector):
        connector.check()
        dict(connector.validate(queries))
        for lie in lies(liar.seen, dice(f"lies/{path}"), MOST):
            liar.lie = lie
            connector._client._me = None
            with suppress(ConnectorError):
                connector.check()
            assert [query for query, _ in connector.validate(queries)] == queries, lie


@pytest.mark.parametrize(
    ("case", "lie"),
    [
        ("estimate", Lie(("count",), "minus one")),
        ("estimate", Lie(("count",), "2^63")),
        ("estimate", Lie(("count",), "a fraction")),
        ("search", Lie(("nextPageToken",), "true")),
        ("search", Lie(("nextPageToken",), "list of a number")),
        ("search", Lie(("nextPageToken",), "null")),
        ("search", Lie(("nextPageToken",), "NaN")),
        ("search", Lie(("isLast",), "text")),
        ("search", Lie(("issues", 0, "fields", "customfield_10016"), "tiny")),
        ("search", Lie(("issues", 0, "fields", "customfield_10016"), "5,000 decimals")),
        ("search", Lie(("issues", 0, "fields", "customfield_10016"), "infinite")),
        ("search", Lie(("issues", 0, "fields"), "gone")),
        ("search for times", Lie(("issues", 0, "fields", "created"), "no zone")),
        ("search for times", Lie(("issues", 0, "fields", "created"), "year 1")),
        ("search for a share", Lie(("issues", 0, "fields", "status", "statusCategory", "key"), "text")),
        ("issues of a sprint", Lie(("issues", 0, "fields", "issuetype"), "gone")),
        ("sprints", Lie(("values", 0, "id"), "path")),
        ("worklogs", Lie(("worklogs", 0, "timeSpentSeconds"), "minus one")),
        ("search of Data Center", Lie(("total",), "minus one")),
    ],
)
def test_what_is_no_value_is_a_bad_answer(case: str, lie: Lie) -> None:
    deployment, path, form = CASES[case]
    with lying(deployment, path, **({"exact_count_limit": 0} if case == "estimate" else {})) as (liar, connector):
        liar.lie = lie

        (outcome,) = ask(connector, form)

    assert isinstance(outcome, BadAnswer), outcome
    assert outcome.scope == "query"


def test_pages_without_anything_new_end() -> None:
    """Each has a token of its own, so that no page is the same."""

    class Endless(JiraSite):
        asked = 0

        def _search(self, request: Request) -> dict[str, Any]:
            self.asked += 1
            return {"issues": [{"id": "1"}], "nextPageToken": f"t{self.asked}", "isLast": False}

    site = Endless(Data(jira=ISSUES))
    with Server(site) as server:
        given = {"url": server.url, "email": "okrsync@example.com", "token": "sandbox-token"}
        connector = JiraConnector("app", JiraOptions.model_validate(given), clock=lambda: NOW)

        (error,) = ask(connector, OTHER)

    assert isinstance(error, BadAnswer)
    assert "without anything new" in error.message
    assert site.asked < 6
