"""What msal and Graph do to the unwary, by the facts we keep of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from connectors.errors import AccessDenied, BadAnswer, BadCredentials, BadQuery, NotFound, Throttled, Unreachable
from connectors.graph.pull import GraphConnector
from connectors.graph.spec import SPEC, GraphOptions
from mapping.reading import Reading
from mapping.units import DURATION, PERCENT
from sandbox.graph import GraphTenant
from sandbox.server import Server
from tests.connectors.contract import CANARY, NOW, FakeTime
from tests.connectors.test_graph import BOOK, LIST, tenant


@pytest.fixture(autouse=True)
def fake_time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr("connectors.wire.time", fake)
    return fake


@pytest.fixture
def graph() -> GraphTenant:
    return tenant()


@pytest.fixture
def server(graph: GraphTenant) -> Iterator[Server]:
    with Server(graph) as running:
        yield running


def connect(server: Server, **options: Any) -> GraphConnector:
    given = {
        "tenant": "contoso",
        "client_id": "okrsync",
        "client_secret": CANARY,
        "url": server.url,
        "login_url": server.url,
        **options,
    }
    return GraphConnector("m365", GraphOptions.model_validate(given), clock=lambda: NOW)


def ask(connector: GraphConnector, *forms: Any) -> list[Any]:
    queries = [TypeAdapter(SPEC.queries).validate_python(form) for form in forms]
    found = dict(connector.read(queries))
    return [found[query] for query in queries]


def cell(address: str) -> dict[str, Any]:
    return {"excel": {**BOOK, "range": f"KPI's 2026!{address}"}}


def listed(**question: Any) -> dict[str, Any]:
    return {"list": {**LIST, **question}}


def by_status(number: int) -> dict[str, Any]:
    return listed(count=True, filter=f"fields/Status eq 'S{number}'")


def test_cells(server: Server) -> None:
    found = ask(
        connect(server), cell("B1"), cell("B2"), cell("$B$5"), cell("B6"), {"excel": {**BOOK, "name": "Visits"}}
    )

    assert [reading.value for reading in found] == [Decimal("157.25"), Decimal("0.997"), 10800, None, Decimal("157.25")]
    assert [reading.unit for reading in found] == [None, PERCENT, DURATION, None, None]
    assert found[0].evidence.as_of == datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert found[0].evidence.link.endswith("/sites/shared/KPIs.xlsx")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("B3", "contains the error #DIV/0!"),
        ("B4", "contains 'soon' instead of a number"),
        ("B7", "contains 'True' instead of a number"),
    ],
)
def test_cells_that_hold_no_number(server: Server, address: str, words: str) -> None:
    (error,) = ask(connect(server), cell(address))

    assert isinstance(error, BadAnswer)
    assert words in error.message
    assert "KPIs.xlsx" in error.message


def test_lists(server: Server) -> None:
    done = "fields/Status eq 'Done'"
    found = ask(
        connect(server),
        listed(count=True),
        listed(count=True, filter=done),
        listed(sum="Amount"),
        listed(sum="Amount", filter=done),
        listed(latest="Amount"),
        listed(sum="Amount", filter="fields/Status eq 'Nowhere'"),
        listed(count=True, filter="fields/Status eq 'Nowhere'"),
        listed(latest="Amount", filter="fields/Status eq 'Nowhere'"),
    )

    assert [reading.value for reading in found] == [5, 3, Decimal("12.75"), Decimal("5.5"), 4, 0, 0, None]
    assert [reading.evidence.rows for reading in found] == [5, 3, 4, 2, 1, 0, 0, 0]


def test_a_text_column_is_no_sum(server: Server) -> None:
    (error,) = ask(connect(server), listed(sum="Status"))

    assert isinstance(error, BadAnswer)
    assert "'Done' instead of a number" in error.message


def test_a_column_that_is_not_there(server: Server) -> None:
    (error,) = ask(connect(server), listed(sum="Betrag"))

    assert isinstance(error, BadQuery)
    assert error.message == "list Numbers has no column 'Betrag'"
    assert "Amount" in error.fix


def test_twenty_a_batch(server: Server) -> None:
    ask(connect(server), *(by_status(n) for n in range(40)))

    assert [call.path for call in server.calls if "/v1.0" in call.path] == ["/v1.0/$batch"] * 2


def test_failed_items_are_asked_again_after_the_longest_pause(
    server: Server, graph: GraphTenant, fake_time: FakeTime
) -> None:
    graph.item_faults += [
        ("S1%27", 429, {"retry-after": "0.249"}),
        ("S1%27", 429, {"Retry-After": "2.128"}),
        ("S2%27", 503, {}),
    ]

    found = ask(connect(server), by_status(1), by_status(2), by_status(3))

    assert [reading.value for reading in found] == [0, 0, 0]
    assert max(fake_time.slept) == pytest.approx(2.128)
    again = [json.loads(call.body)["requests"] for call in server.calls if call.path.endswith("$batch")]
    assert [len(requests) for requests in again] == [3, 2, 1]


def test_an_item_that_stays_throttled(server: Server, graph: GraphTenant) -> None:
    graph.item_faults += [("S1%27", 429, {"Retry-After": "1"})] * 10

    throttled, fine = ask(connect(server), by_status(1), by_status(2))

    assert isinstance(throttled, Throttled)
    assert fine.value == 0


def test_an_item_that_is_refused_spares_its_neighbours(server: Server) -> None:
    found = ask(connect(server), cell("C1"), {"excel": {**BOOK, "item": "gone", "range": "A!A1"}}, listed(count=True))

    assert [type(one).__name__ for one in found] == ["Reading", "NotFound", "Reading"]
    assert isinstance(found[1], NotFound)


def test_one_sign_in_for_many_reads(server: Server, graph: GraphTenant) -> None:
    connector = connect(server, concurrency=8)
    for _ in range(3):
        ask(connector, *(cell(f"C{n}") for n in range(1, 40)))

    assert graph.entra.count == 1


def test_a_token_that_is_no_longer_taken_is_renewed_once(server: Server, graph: GraphTenant) -> None:
    connector = connect(server)
    ask(connector, cell("B1"))
    graph.expire_tokens()

    (reading,) = ask(connector, cell("B1"))

    assert isinstance(reading, Reading)
    assert graph.entra.count == 2


def test_a_next_page_elsewhere_is_not_followed(server: Server) -> None:
    page = {"value": [], "@odata.nextLink": "https://evil.example/v1.0/next"}
    server.faults.fail(path="/items", status=200, body=json.dumps(page))

    (error,) = ask(connect(server), listed(count=True))

    assert isinstance(error, BadAnswer)
    assert "evil.example" in error.message


def test_an_empty_page_is_not_the_last(server: Server) -> None:
    link = f"{server.url}/v1.0/sites/s/lists/Numbers/items?$select=id"
    server.faults.fail(path="/items", status=200, body=json.dumps({"value": [], "@odata.nextLink": link}))

    (reading,) = ask(connect(server), listed(count=True))

    assert reading.value == 5


def test_a_page_without_items_is_no_zero(server: Server) -> None:
    server.faults.fail(path="/items", status=200, body="{}")

    assert isinstance(ask(connect(server), listed(count=True))[0], BadAnswer)


@pytest.mark.parametrize(
    ("options", "words", "fix"),
    [
        ({"client_secret": "wrong"}, "AADSTS7000215", "not its id"),
        ({"client_id": "other"}, "AADSTS700016", "client_id"),
        ({"tenant": "fabrikam"}, "fabrikam", "Correct tenant"),
    ],
)
def test_refusals_of_entra(server: Server, options: dict[str, str], words: str, fix: str) -> None:
    (error,) = ask(connect(server, **options), cell("B1"))

    assert isinstance(error, BadCredentials)
    assert error.scope == "connection"
    assert words in error.message
    assert fix in error.fix


def test_discovery_that_fails_is_unreachable(server: Server) -> None:
    server.faults.fail(path="openid-configuration", status=503, times=-1)

    (error,) = ask(connect(server), cell("B1"))

    assert isinstance(error, Unreachable)


def test_access_denied_names_the_least_permission(server: Server) -> None:
    body = '{"error": {"code": "", "message": "", "innerError": {"request-id": "abc"}}}'
    server.faults.fail(path="/items", status=403, body=body)

    (error,) = ask(connect(server), listed(count=True))

    assert isinstance(error, AccessDenied)
    assert "Sites.Read.All" in error.fix
    assert "request abc" in error.message


def test_a_locked_workbook_is_tried_again(server: Server, graph: GraphTenant) -> None:
    graph.item_faults += [("/workbook/", 423, {}), ("/workbook/", 409, {})]

    assert isinstance(ask(connect(server), cell("B1"))[0], Reading)


@pytest.mark.parametrize(
    "form",
    [
        {"excel": BOOK},
        {"excel": {**BOOK, "range": "B4"}},
        *(
            {"excel": {**BOOK, "range": f"S!{address}"}}
            for address in ("A1:B2", "A:A", "2:2", "A1048577", "XFE1", "A0", "A", "")
        ),
        {"excel": {**BOOK, "range": "A!B4", "name": "N"}},
        {"list": LIST},
        {"list": {**LIST, "count": True, "sum": "A"}},
        {"cell": "B4"},
    ],
)
def test_queries_that_say_too_little_or_too_much(form: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(SPEC.queries).validate_python(form)


def test_check_shows_the_permissions(server: Server) -> None:
    account = connect(server).check()

    assert account.name == "app okrsync in contoso"
    assert "Sites.Read.All" in dict(account.details)["permissions"]
