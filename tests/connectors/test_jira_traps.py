"""What the jira library and Jira itself do to the unwary, by the facts we keep of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

from connectors.errors import BadAnswer, BadCredentials, BadQuery
from connectors.jira.pull import JiraConnector
from connectors.jira.spec import SPEC, JiraOptions
from mapping.reading import Reading
from mapping.units import DURATION, PERCENT
from sandbox.data import Data
from sandbox.jira import JiraSite
from sandbox.server import Server
from tests.connectors.contract import NOW, FakeTime
from tests.connectors.test_jira import issue

ISSUES = [issue(number) for number in range(1, 8)]
SECRET = "sandbox-token"


@pytest.fixture(autouse=True)
def fake_time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr("connectors.wire.time", fake)
    return fake


@pytest.fixture
def site() -> JiraSite:
    return JiraSite(Data(jira=ISSUES), page_size=3)


@pytest.fixture
def server(site: JiraSite) -> Iterator[Server]:
    with Server(site) as running:
        yield running


def connect(server: Server, **options: Any) -> JiraConnector:
    given = {"url": server.url, "email": "okrsync@example.com", "token": SECRET, **options}
    return JiraConnector("support", JiraOptions.model_validate(given), clock=lambda: NOW)


def ask(connector: JiraConnector, *forms: Any) -> list[Any]:
    queries = [TypeAdapter(SPEC.queries).validate_python(form) for form in forms]
    found = dict(connector.read(queries))
    return [found[query] for query in queries]


ALL = {"count": "project = SUP"}


def test_an_expired_token_is_not_an_empty_result(server: Server, site: JiraSite) -> None:
    connector = connect(server)
    assert ask(connector, ALL)[0].value == 7
    site.expire_token()

    (error,) = ask(connector, ALL)
    (fresh,) = ask(connect(server), ALL)

    assert isinstance(error, BadCredentials)
    assert isinstance(fresh, BadCredentials)
    assert "id.atlassian.com" in error.fix


def test_the_account_is_asked_once(server: Server) -> None:
    connector = connect(server)
    ask(connector, ALL)
    ask(connector, ALL)

    assert sum(call.path.endswith("/myself") for call in server.calls) == 1


def test_queries_on_one_jql_share_one_pass(server: Server) -> None:
    jql = "project = SUP AND key in (SUP-1, SUP-2)"
    found = ask(
        connect(server),
        {"count": jql},
        {"sum": "Story Points", "jql": jql},
        {"sum": "timespent", "jql": jql},
        {"percent_done": jql},
        {"percent_done": jql, "by": "customfield_10016"},
    )

    assert [reading.value for reading in found] == [
        2,
        Decimal("1.5"),
        10800,
        Decimal("0.5"),
        Decimal(1) / Decimal("1.5"),
    ]
    assert [reading.unit for reading in found] == [None, None, DURATION, PERCENT, PERCENT]
    assert sum("/search/" in call.path for call in server.calls) == 1


def test_a_count_is_exact_up_to_the_limit_and_an_estimate_beyond(server: Server) -> None:
    (exact,) = ask(connect(server), ALL)
    (estimate,) = ask(connect(server, exact_count_limit=0), ALL)

    assert (exact.value, exact.evidence.note) == (7, None)
    assert estimate.value == 7
    assert "estimate" in estimate.evidence.note


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/search/approximate-count", "{}"),
        ("/search/approximate-count", '{"count": null}'),
        ("/search/approximate-count", '{"count": true}'),
        ("/search/jql", "{}"),
        ("/search/jql", '{"issues": null}'),
        ("/search/jql", '{"issues": [1]}'),
        ("/search/jql", "null"),
    ],
)
def test_an_answer_without_its_content_is_no_zero(server: Server, path: str, body: str) -> None:
    server.faults.fail(path=path, status=200, body=body or "null")

    (error,) = ask(connect(server, exact_count_limit=0 if "count" in path else 100), ALL)

    assert isinstance(error, BadAnswer)


def test_a_repeated_page_stops(server: Server) -> None:
    page = json.dumps({"issues": [{"id": "1"}], "nextPageToken": "again"})
    server.faults.fail(path="/search/jql", status=200, body=page, times=3)

    (error,) = ask(connect(server), ALL)

    assert isinstance(error, BadAnswer)
    assert "same page twice" in error.message


def test_an_issue_on_two_pages_counts_once(server: Server) -> None:
    first = {"issues": [{"id": "1"}, {"id": "2"}], "nextPageToken": "t"}
    second = {"issues": [{"id": "2"}, {"id": "3"}]}
    for page in (first, second):
        server.faults.fail(path="/search/jql", status=200, body=json.dumps(page))

    (reading,) = ask(connect(server), ALL)

    assert reading.value == 3


@pytest.mark.parametrize("value", ["1.5", "Tue, 24 Nov 2026 09:00:30 GMT"])
def test_any_retry_after_is_understood(server: Server, value: str) -> None:
    server.faults.fail(path="/search/", status=429, headers={"Retry-After": value})

    assert isinstance(ask(connect(server), ALL)[0], Reading)


def test_a_quota_pause_is_not_cut_short(server: Server) -> None:
    server.faults.fail(path="/search/", status=429, headers={"Retry-After": "1847"}, times=-1)

    (error,) = ask(connect(server), ALL)

    assert error.retry_after == 1847
    assert sum("/search/" in call.path for call in server.calls) == 1


@pytest.mark.parametrize("status", [500, 502, 504])
def test_what_the_library_would_not_repeat_is_repeated(server: Server, status: int) -> None:
    server.faults.fail(path="/search/", status=status, times=2)

    assert isinstance(ask(connect(server), ALL)[0], Reading)


def test_a_count_or_a_sum_over_no_issues_is_zero_and_everything_else_no_value(server: Server) -> None:
    nothing = "project = SUP AND created > 2027-01-01"
    forms = [{"count": nothing}, {"sum": "Story Points", "jql": nothing}]
    none = [{"avg": "Story Points", "jql": nothing}, {"max": "Story Points", "jql": nothing}, {"percent_done": nothing}]

    found = ask(connect(server), *forms, *none)

    assert [reading.value for reading in found] == [0, 0, None, None, None]


def test_an_ambiguous_field_lists_its_candidates() -> None:
    fields = [
        {"id": "customfield_1", "name": "Story Points", "custom": True, "schema": {"type": "number"}},
        {"id": "customfield_2", "name": "Story points", "custom": True, "schema": {"type": "number"}},
    ]
    with Server(JiraSite(Data(jira=ISSUES, jira_fields=fields))) as server:
        (error,) = ask(connect(server), {"sum": "story points", "jql": "project = SUP"})

    assert isinstance(error, BadQuery)
    assert "customfield_1, customfield_2" in error.message


def test_an_unknown_field_names_its_neighbours_and_spares_the_rest(server: Server) -> None:
    error, reading = ask(connect(server), {"sum": "Story Point", "jql": "project = SUP"}, ALL)

    assert isinstance(error, BadQuery)
    assert "Story Points" in error.fix
    assert reading.value == 7


def test_text_in_a_number_field() -> None:
    issues = [issue(1, customfield_10016="many")]
    with Server(JiraSite(Data(jira=issues))) as server:
        (error,) = ask(connect(server), {"sum": "customfield_10016", "jql": "project = SUP"})

    assert isinstance(error, BadAnswer)
    assert "'many'" in error.message


def test_both_kinds_of_messages_are_shown(server: Server) -> None:
    body = json.dumps({"errorMessages": ["first"], "errors": {"jql": "second"}})
    server.faults.fail(path="/search/", status=400, body=body)

    (error,) = ask(connect(server), ALL)

    assert "first jql: second" in error.message


def test_an_unbounded_query_is_refused_in_jiras_words(server: Server) -> None:
    (error,) = ask(connect(server), {"count": "ORDER BY created"})

    assert isinstance(error, BadQuery)
    assert "Unbounded" in error.message


def test_a_removed_api_is_not_asked_again(server: Server) -> None:
    server.faults.fail(path="/search/", status=410, body='{"errorMessages": ["The requested API has been removed."]}')

    (error,) = ask(connect(server), ALL)

    assert isinstance(error, BadQuery)
    assert sum("/search/" in call.path for call in server.calls) == 1


def test_a_captcha(server: Server) -> None:
    headers = {"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=x"}
    server.faults.fail(path="/myself", status=403, headers=headers)

    (error,) = ask(connect(server), ALL)

    assert isinstance(error, BadCredentials)
    assert "browser" in error.fix


def test_access_denied_names_the_permission(server: Server) -> None:
    server.faults.fail(path="/search/", status=403, body="{}")

    assert "Browse projects" in ask(connect(server), ALL)[0].fix


def test_validation_by_the_parser(server: Server) -> None:
    forms = [ALL, {"count": "project = NOPE"}, {"sum": "Nope", "jql": "project = SUP"}]
    queries = [TypeAdapter(SPEC.queries).validate_python(form) for form in forms]

    found = dict(connect(server).validate(queries))

    assert found[queries[0]] is None
    assert "does not exist for the field 'project'" in str(found[queries[1]])
    assert "no field 'Nope'" in str(found[queries[2]])
    assert not any("/search/" in call.path for call in server.calls)


def test_the_link_opens_the_same_issues(server: Server) -> None:
    (reading,) = ask(connect(server), ALL)

    assert reading.evidence.link == f"{server.url}/issues/?jql=project%20%3D%20SUP"
    assert reading.evidence.rows == 7
