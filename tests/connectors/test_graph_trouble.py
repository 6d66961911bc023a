"""What passes, what is gone around, and what stays: locked workbooks, lost sessions, challenged tokens, Entra down."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from connectors.errors import AccessDenied, BadAnswer, BadQuery, ConnectorError, NotFound, Throttled, Unreachable
from mapping.reading import Reading
from sandbox.graph import GraphTenant
from sandbox.server import Server
from tests.connectors.test_graph_queries import (
    BOOK,
    OTHER,
    ask,
    connect,
    excel,
    fake_time,
    graph,
    listed,
    server,
    table,
)  # fmt: skip

__all__ = ["fake_time", "graph", "server"]

USERS = {"count": "users"}
MANY = [excel("KPIs!B4"), excel("Other!A1"), {"excel": {**BOOK, "name": "Visits"}}, table("Amount", "sum")]
CLAIMS = '{"access_token": {"nbf": {"essential": true, "value": "1700000000"}}}'


@pytest.mark.parametrize("status", [403, 405, 409, 423, 429, 500, 503, 504])
def test_a_workbook_that_the_api_refuses_is_read_from_its_file(server: Server, graph: GraphTenant, status: int) -> None:
    graph.workbooks_refuse = status

    one = ask(connect(server), excel("KPIs!B4"), USERS)
    many = ask(connect(server), *MANY, listed(count=True))

    assert [reading.value for reading in one] == [157.25, 5]
    assert [reading.value for reading in many] == [157.25, 1, 157.25, 19.5, 4]
    assert "since the workbook API refused" in one[0].evidence.note


@pytest.mark.parametrize("status", [409, 423, 429, 500, 503, 504])
def test_a_workbook_that_stays_locked_is_no_lost_connection(server: Server, graph: GraphTenant, status: int) -> None:
    graph.workbooks_refuse = status

    found = ask(connect(server, excel_by="workbook"), excel("KPIs!B4"), USERS)
    chained = ask(connect(server, excel_by="workbook"), *MANY, USERS)

    assert [one.scope for one in (found[0], *chained[:4])] == ["query"] * 5
    assert all(isinstance(one, Unreachable | Throttled) for one in (found[0], *chained[:4]))
    assert found[1].value == chained[4].value == 5


def test_one_file_is_downloaded_once_for_all_that_was_refused(server: Server, graph: GraphTenant) -> None:
    graph.workbooks_refuse = 423

    ask(connect(server), *MANY, {"excel": {**OTHER, "range": "S!A1"}})

    assert sum("/download/" in call.path for call in server.calls) == 2


@pytest.mark.parametrize("status", [403, 423, 429, 500, 504])
def test_reads_do_without_a_session_that_is_refused(server: Server, graph: GraphTenant, status: int) -> None:
    graph.sessions_refuse = status

    found = ask(connect(server, excel_by="workbook"), *MANY)

    assert all(isinstance(one, Reading) for one in found), found


@pytest.mark.parametrize(
    ("ends", "sessions"), [("invalidSessionReCreatable", 2), ("invalidSessionAccessConflict", 1), ("invalidSession", 1)]
)
def test_a_lost_session_is_made_anew_or_done_without(
    server: Server, graph: GraphTenant, monkeypatch: pytest.MonkeyPatch, ends: str, sessions: int
) -> None:
    graph.session_ends = ends
    made = graph._session
    opened: list[Any] = []

    def session(request: Any) -> Any:
        answer = made(request)
        opened.append(answer)
        if len(opened) == 1:
            graph.expire_sessions()
        return answer

    monkeypatch.setattr(graph, "_session", session)

    found = ask(connect(server, excel_by="workbook"), *MANY)

    assert [getattr(one, "value", one) for one in found] == [157.25, 1, 157.25, 19.5]
    assert len(opened) == sessions


def test_sessions_that_always_end_are_given_up(
    server: Server, graph: GraphTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = graph._session
    monkeypatch.setattr(graph, "_session", lambda request: (made(request), graph.expire_sessions())[0])

    found = ask(connect(server, excel_by="workbook"), *MANY)

    assert {type(one) for one in found} == {Unreachable}
    assert {one.scope for one in found} == {"query"}
    assert len(server.calls) < 20


def test_a_file_that_is_too_large_is_not_downloaded(server: Server, graph: GraphTenant) -> None:
    book = graph._data.workbooks["b!x", "02B"]
    graph._data.workbooks["b!x", "03C"] = type(book)(name="Large.xlsx", sheets=book.sheets, size=300_000_000)

    (error,) = ask(connect(server, excel_by="download"), {"excel": {"drive": "b!x", "item": "03C", "range": "S!A1"}})

    assert isinstance(error, BadAnswer)
    assert "Large.xlsx has 300,000,000 bytes" in error.message
    assert not any("/download/" in call.path for call in server.calls)


def test_names_of_a_sheet(server: Server, graph: GraphTenant) -> None:
    book = graph._data.workbooks["b!x", "02B"]
    named = type(book)(name="N.xlsx", sheets=book.sheets, names={"T!Own": "T!$A$1"})
    graph._data.workbooks["b!x", "04D"] = named
    place = {"drive": "b!x", "item": "04D"}
    own, bare = {"excel": {**place, "name": "T!Own"}}, {"excel": {**place, "name": "Own"}}

    by_api, by_file = (ask(connect(server, excel_by=way), own, bare) for way in ("workbook", "download"))

    assert by_api[0].value == by_file[0].value == 9
    assert isinstance(by_api[1], NotFound)
    assert isinstance(by_file[1], NotFound)


@pytest.mark.parametrize("forms", [[USERS], [USERS, listed(count=True)]])
def test_claims_are_answered(server: Server, graph: GraphTenant, forms: list[Any]) -> None:
    connector = connect(server)
    ask(connector, *forms)
    graph.entra.demand(CLAIMS)

    found = ask(connector, *forms)

    assert all(isinstance(one, Reading) for one in found), found
    assert graph.entra.count == 2


@pytest.mark.parametrize("claims", ["", "no JSON", "[]", '{"access_token": 5}'])
def test_strange_claims_are_no_harm(server: Server, graph: GraphTenant, claims: str) -> None:
    connector = connect(server)
    ask(connector, USERS)
    graph.entra.tokens.clear()
    graph.entra.challenge = base64.b64encode(claims.encode()).decode()

    (found,) = ask(connector, USERS)

    assert getattr(found, "value", None) == 5


def test_the_last_token_is_used_while_entra_is_down(server: Server, graph: GraphTenant) -> None:
    graph.entra.lifetime = 250  # msal takes what has less than five minutes for spent.
    connector = connect(server)
    ask(connector, USERS)
    server.faults.fail(path="/oauth2/", status=503, times=-1)

    found = [ask(connector, USERS)[0] for _ in range(3)]

    assert [getattr(one, "value", one) for one in found] == [5, 5, 5]
    assert sum("/oauth2/" in call.path and call.status == 503 for call in server.calls) == 4


def test_a_token_that_is_spent_is_not(server: Server, graph: GraphTenant) -> None:
    graph.entra.lifetime = 0
    connector = connect(server)
    ask(connector, USERS)
    server.faults.fail(path="/oauth2/", status=503, times=-1)

    (error,) = ask(connector, USERS)

    assert isinstance(error, Unreachable)
    assert error.scope == "connection"


GOOD = {"access_token": "abc", "token_type": "Bearer", "expires_in": 3600}
LIES: list[Any] = [
    {**GOOD, "expires_in": [1]}, {**GOOD, "expires_in": "soon"}, {**GOOD, "expires_in": -5}, {**GOOD, "expires_in": 1e400},
    {**GOOD, "refresh_in": {}}, {**GOOD, "access_token": 5}, {**GOOD, "access_token": "a\nb"}, {**GOOD, "access_token": ""},
    {**GOOD, "scope": [1]}, {**GOOD, "scope": 5}, {**GOOD, "token_type": {}}, {**GOOD, "id_token": "x.y.z"},
    {**GOOD, "client_info": "???"}, {**GOOD, "ext_expires_in": True}, {"token_endpoint": "https://evil.example/token"},
    {"error": 5, "error_codes": 7}, {"error": "x", "error_codes": ["²"]}, [GOOD], "abc", None, 5,
]  # fmt: skip


@pytest.mark.parametrize("body", LIES)
@pytest.mark.parametrize("path", ["/oauth2/v2.0/token", "openid-configuration"])
@pytest.mark.parametrize("status", [200, 400])
def test_lies_of_entra_are_our_errors(server: Server, path: str, body: Any, status: int) -> None:
    server.faults.fail(path=path, status=status, body=json.dumps(body), times=-1)

    (found,) = ask(connect(server), USERS)

    assert getattr(found, "value", None) == 5 or found.scope == "connection"
    assert isinstance(found, Reading | ConnectorError)
    assert not any("evil" in call.path for call in server.calls)


@pytest.mark.parametrize(
    "inner", ["text", 5, [], None, {"innerError": {"innerError": "deep"}}, {"code": 7, "request-id": {}}]
)
def test_an_inner_error_of_any_kind(server: Server, inner: Any) -> None:
    body = json.dumps({"error": {"code": "accessDenied", "message": "no", "innerError": inner}})
    server.faults.fail(path="/users", status=403, body=body)

    (error,) = ask(connect(server), USERS)

    assert isinstance(error, AccessDenied)
    assert "accessDenied no" in error.message


@pytest.mark.parametrize("pause", [2, 1.5, True, None, [], "soon", "-5", "1e400", "9" * 400])
def test_a_pause_of_any_kind_in_a_batch(server: Server, graph: GraphTenant, pause: Any) -> None:
    graph.item_faults.append(("users", 429, {"Retry-After": pause}))

    found = ask(connect(server), USERS, listed(count=True))

    assert isinstance(found[0], Reading | Throttled)
    assert found[1].value == 4


@pytest.mark.parametrize(
    ("literal", "fix"),
    [("2026-10-01", "{cycle.start:time}, without quotes"), ("2026-10-01T00:00:00Z", None), ("5", "{cycle.start:time}")],
)
def test_a_filter_says_which_form_of_date_a_property_needs(graph: GraphTenant, literal: str, fix: str | None) -> None:
    graph._data.users[0]["createdDateTime"] = "2026-10-01T08:00:00Z"
    form = {"count": "users", "filter": f"createdDateTime ge {literal}"}
    with Server(graph) as server:
        (found,) = ask(connect(server), form)
    del graph._data.users[0]["createdDateTime"]

    assert isinstance(found, Reading) if fix is None else (isinstance(found, BadQuery) and fix in found.fix)


def test_a_property_that_is_a_day(server: Server) -> None:
    said = "Found operand types 'Edm.Date' and 'Edm.DateTimeOffset' for operator kind 'GreaterThanOrEqual'."
    server.faults.fail(path="/users", status=400, body=json.dumps({"error": {"code": "BadRequest", "message": said}}))

    (found,) = ask(connect(server), USERS)

    assert "{cycle.start:date}" in found.fix
