"""Atlassian's own OpenAPI over each request of the Jira connector and each answer of the stand-in."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from pydantic import TypeAdapter

from connectors.base import Update
from connectors.errors import ConnectorError
from connectors.jira.pull import JiraConnector
from connectors.jira.spec import SPEC, JiraOptions
from mapping.reading import Reading
from sandbox.data import Data
from sandbox.jira import JiraSite
from sandbox.jira.fields import Fields
from sandbox.jira.jql import JqlError
from sandbox.server import Request, Response, Server
from tests.connectors.contract import NOW
from tests.connectors.test_jira import PUBLISHED
from tests.connectors.test_jira_lies import ISSUES, WORKLOG
from tests.connectors.test_jira_measures import JQL
from tests.specs.judge import Recorded, Spec

FORMS: list[dict[str, Any]] = [
    {"count": JQL},
    {"count": "project = APP AND created > 2030-01-01"},
    {"count": "project = NOWHERE"},
    {"sum": "Story Points", "jql": JQL},
    {"avg": "Field 10101", "jql": JQL},
    {"percent_done": JQL, "exclude_resolutions": ["Duplicate"], "by": "Story Points"},
    {"cycle_time": JQL},
    {"time_in_status": f"{JQL} AND status = Closed"},
    WORKLOG,
    {"velocity": 7},
    {"velocity": 99},
]


@cache
def document(name: str) -> Spec:
    return Spec(name)


def problems(name: str, traffic: list[tuple[Request, Response]]) -> list[str]:
    """Each only once."""
    spec = document(name)
    return list(dict.fromkeys(line for request, response in traffic for line in spec.problems(request, response)))


def seen(*, exact_count_limit: int = 10_000, token: str = "sandbox-token") -> list[tuple[Request, Response]]:
    recorded = Recorded(JiraSite(Data(jira=ISSUES), page_size=2))
    with Server(recorded) as server:
        given = {"url": server.url, "email": "okrsync@example.com", "token": token}
        options = JiraOptions.model_validate({**given, "exact_count_limit": exact_count_limit})
        connector = JiraConnector("app", options, clock=lambda: NOW)
        queries = [TypeAdapter(SPEC.queries).validate_python(form) for form in FORMS]
        with suppress(ConnectorError):
            connector.check()
        found = dict(connector.read(queries))
        list(connector.validate(queries))
        with suppress(ConnectorError):
            for kind in connector.kinds:
                list(connector.find(kind.name, "", ""))
                list(connector.find(kind.name, "a", ""))
        connector.close()
    if token == "sandbox-token":
        assert sum(isinstance(outcome, Reading) for outcome in found.values()) == len(FORMS) - 2
    return recorded.traffic


def test_what_is_published_is_as_atlassian_says() -> None:
    data = Data(jira=ISSUES)
    recorded = Recorded(JiraSite(replace(data, jira_fields=[*Fields([], ISSUES).described, *PUBLISHED])))
    with Server(recorded) as server:
        given = {"url": server.url, "email": "okrsync@example.com", "token": "sandbox-token"}
        connector = JiraConnector("app", JiraOptions.model_validate(given), clock=lambda: NOW)
        fields: dict[str, Any] = {
            "KR value": Decimal("83.2"), "KR status": "at risk", "KR note": "two\nlines", "KR day": NOW.date(),
            "KR time": NOW, "KR labels": "at risk", "KR text": "on track",
        }  # fmt: skip
        form = {"issue": ISSUES[0]["key"], "fields": dict.fromkeys(fields, "value")}
        place = TypeAdapter(SPEC.destination).validate_python(form)
        update = Update(destination=place, fields=tuple(fields.items()), key="k1", day=NOW.date())
        wrong = replace(update, fields=(("KR status", "green"),), key="k2")
        outcomes = [outcome for one in (update, wrong) for _, outcome in connector.publish([one])]
        assert dict(connector.check_destinations([place])) == {place: None}

    assert [type(outcome).__name__ for outcome in outcomes] == ["Receipt", "BadQuery"]
    assert problems("jira-platform-v3.json.gz", recorded.traffic) == []
    asked = {(request.method, request.path.partition("/issue/")[2]) for request, _ in recorded.traffic}
    assert {("GET", ISSUES[0]["key"]), ("PUT", ISSUES[0]["key"]), ("GET", f"{ISSUES[0]['key']}/editmeta")} <= asked


@pytest.mark.parametrize("options", [{}, {"exact_count_limit": 0}, {"token": "wrong"}], ids=str)
def test_each_request_and_each_answer_is_as_atlassian_says(options: dict[str, Any]) -> None:
    exchanges = seen(**options)
    agile = [one for one in exchanges if "/agile/" in one[0].path]
    platform = [one for one in exchanges if "/agile/" not in one[0].path]

    assert problems("jira-platform-v3.json.gz", platform) == []
    assert problems("jira-software.json.gz", agile) == []
    assert platform
    assert bool(agile) == ("token" not in options)


def test_every_operation_of_the_connector_was_judged() -> None:
    asked = {request.path.removeprefix("/rest/api/3/").removeprefix("/rest/agile/1.0/") for request, _ in seen()}

    assert asked >= {
        "myself", "serverInfo", "field", "status", "resolution", "mypermissions", "search/jql", "jql/parse",
        "changelog/bulkfetch", "issue/4/worklog", "board/7/configuration", "board/7/sprint", "board/7/sprint/1/issue",
        "board", "filter/search", "project/search",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "body", "answer", "words"),
    [
        ("POST", "search/jql", {"jql": "a = b", "startAt": 0}, {"issues": []}, "startAt"),
        ("POST", "search/jql", {"jql": 5}, {"issues": []}, "is not of type 'string'"),
        ("POST", "search/jql", {"jql": "a = b"}, {"issues": [{"id": 1}]}, "is not of type 'string'"),
        ("POST", "changelog/bulkfetch", {"issueIdsOrKeys": []}, {}, "[] should be non-empty"),
        ("GET", "no/such/thing", None, {}, "is not described"),
    ],
)
def test_the_judge_is_no_rubber_stamp(method: str, path: str, body: Any, answer: Any, words: str) -> None:
    headers = {"content-type": "application/json"} if body else {}
    raw = json.dumps(body).encode() if body else b""
    request = Request(method=method, path=f"/rest/api/3/{path}", query={}, headers=headers, body=raw)

    (complaint,) = problems("jira-platform-v3.json.gz", [(request, Response.of(answer))])

    assert words in complaint


def test_refusals_are_in_the_words_of_atlassians_examples() -> None:
    """The examples of POST jql/parse: what is refused there is refused here, with the same text."""
    operation = document("jira-platform-v3.json.gz").document["paths"]["/rest/api/3/jql/parse"]["post"]
    example = operation["responses"]["200"]["content"]["application/json"]["example"]
    judged = json.loads(example) if isinstance(example, str) else example
    site = JiraSite(Data(jira=ISSUES))
    refused = {
        one["query"]: (one.get("errors") or one.get("warnings"))[0]
        for one in judged["queries"]
        if len(one) == 2 and "structure" not in one
    }

    said = {}
    for query in refused:
        with pytest.raises(JqlError) as caught:
            site._translated(query)
        said[query] = str(caught.value)

    assert said == refused
    assert len(refused) == 5
