"""The Graph stand-in: tokens, batches, workbooks, lists, and Graph's refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests

from sandbox.data import Cell, Data, SharePointList, Workbook
from sandbox.graph import GraphTenant
from sandbox.server import Server

ITEMS = [{"Title": f"T{n}", "Amount": Decimal(n) / 4, "Done": n % 2 == 0} for n in range(5)]
DATA = Data(
    workbooks={("d", "i"): Workbook(name="B.xlsx", sheets={"It's": {"B4": Cell(value=Decimal("1.10"))}}, names={"N": "It's!B4"})},
    lists={("s", "L"): SharePointList(columns={"Amount": "number", "Done": "boolean", "Title": "text"}, items=ITEMS, indexed=frozenset({"Done"}))},
    users=[{"id": "1"}],
    reports={"getOffice365ActiveUserCounts": "Report Refresh Date,Teams\n2026-11-22,5\n"},
)  # fmt: skip


@pytest.fixture(scope="module")
def tenant() -> GraphTenant:
    return GraphTenant(DATA, page_size=2)


@pytest.fixture(scope="module")
def ask(tenant: GraphTenant) -> Iterator[Callable[..., requests.Response]]:
    with Server(tenant) as server:
        form = {
            "grant_type": "client_credentials",
            "client_id": "okrsync",
            "client_secret": "sandbox-secret",
            "scope": "https://graph.microsoft.com/.default",
        }
        token = requests.post(f"{server.url}/contoso/oauth2/v2.0/token", data=form, timeout=5).json()["access_token"]

        def send(
            path: str, method: str = "GET", headers: dict[str, str] | None = None, **more: Any
        ) -> requests.Response:
            url = path if path.startswith("http") else f"{server.url}{path}"
            sent = {"Authorization": f"Bearer {token}", **(headers or {})}
            return requests.request(method, url, headers=sent, timeout=5, **more)

        yield send


def test_a_cell(ask: Any) -> None:
    answer = ask("/v1.0/drives/d/items/i/workbook/worksheets/It%27s/range(address='B4')")

    assert '"values": [[1.10]]' in answer.text
    assert answer.json()["valueTypes"] == [["Double"]]
    assert ask("/v1.0/drives/d/items/i/workbook/names/N/range").json()["values"] == [[1.1]]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1.0/drives/d/items/x", 404, "itemNotFound"),
        ("/v1.0/drives/d/items/i/workbook/worksheets/Nope/range(address='B4')", 404, "ItemNotFound"),
        ("/v1.0/drives/d/items/i/workbook/worksheets/It%27s/range(address='4B')", 400, "InvalidArgument"),
        ("/v1.0/drives/d/items/i/workbook/worksheets/It%27s/range", 400, "InvalidArgument"),
        ("/v1.0/sites/s/lists/X/items", 404, "itemNotFound"),
        ("/v1.0/sites/s/lists/L/items?$count=true", 400, "invalidRequest"),
        ("/v1.0/sites/s/lists/L/items?$orderby=Title", 400, "invalidRequest"),
        ("/v1.0/sites/s/lists/L/items?$filter=fields/Amount gt 1", 400, "invalidRequest"),
        ("/v1.0/sites/s/lists/L/items?$filter=fields/Nope eq 1", 400, "invalidRequest"),
        ("/v1.0/sites/s/lists/L/items?$filter=Done is true", 400, "invalidRequest"),
        ("/v1.0/users/$count", 400, "Request_BadRequest"),
        ("/v1.0/nowhere", 404, "BadRequest"),
    ],
)
def test_refusals(ask: Any, path: str, status: int, code: str) -> None:
    answer = ask(path)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["innerError"]["request-id"]


def test_filters_and_pages(ask: Any) -> None:
    page = ask("/v1.0/sites/s/lists/L/items?$expand=fields($select=Amount)&$filter=fields/Done eq true").json()
    assert [item["fields"] for item in page["value"]] == [{"Amount": 0}, {"Amount": 0.5}]
    rest = ask(page["@odata.nextLink"]).json()

    assert [item["fields"]["Amount"] for item in rest["value"]] == [1]
    assert "@odata.nextLink" not in rest


def test_a_non_indexed_filter_with_leave(ask: Any) -> None:
    leave = {"Prefer": "HonorNonIndexedQueriesWarningMayFailRandomly"}
    found = ask(
        "/v1.0/sites/s/lists/L/items?$filter=fields/Amount gt 0.5 and startswith(fields/Title,'T')", headers=leave
    )

    assert len(found.json()["value"]) == 2


def test_a_batch_answers_in_another_order(ask: Any, tenant: GraphTenant) -> None:
    tenant.item_faults.append(("/drives/d", 429, {"retry-after": "1.5"}))
    asked = [
        {"id": "a", "method": "GET", "url": "/drives/d/items/i"},
        {"id": "b", "method": "GET", "url": "/users/$count", "headers": {"ConsistencyLevel": "eventual"}},
        {"id": "c", "method": "GET", "url": "/drives/d/items/none"},
    ]
    parts = ask("/v1.0/$batch", "POST", json={"requests": asked}).json()["responses"]

    assert [(part["id"], part["status"]) for part in parts] == [("c", 404), ("b", 200), ("a", 429)]
    assert parts[2]["headers"] == {"retry-after": "1.5"}


def test_limits_of_a_batch(ask: Any) -> None:
    asked = [{"id": str(n), "method": "GET", "url": "/drives/d/items/i"} for n in range(21)]

    assert ask("/v1.0/$batch", "POST", json={"requests": asked}).status_code == 400
    assert ask("/v1.0/$batch", "POST", json={"requests": [asked[0], asked[0]]}).status_code == 400


def test_a_report_is_fetched_elsewhere_and_without_the_token(ask: Any) -> None:
    answer = ask("/v1.0/reports/getOffice365ActiveUserCounts(period='D7')")

    assert answer.history[0].status_code == 302
    assert answer.content.decode("utf-8-sig").startswith("Report Refresh Date")


def test_who_is_not_signed_in(tenant: GraphTenant) -> None:
    with Server(tenant) as server:
        answer = requests.get(f"{server.url}/v1.0/organization", timeout=5)
        wrong = requests.post(
            f"{server.url}/contoso/oauth2/v2.0/token",
            data={"grant_type": "client_credentials", "client_id": "okrsync", "client_secret": "x"},
            timeout=5,
        )

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert (wrong.status_code, wrong.json()["error_codes"]) == (401, [7000215])
