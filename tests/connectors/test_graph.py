from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from connectors.base import Call
from connectors.graph.spec import SPEC
from connectors.graph.webhook import client_states
from sandbox.data import Cell, Data, SharePointList, Workbook
from sandbox.graph import GraphTenant
from sandbox.graph.lists import change
from sandbox.server import Server
from tests.connectors.contract import CANARY, ConnectorContract, Hook

CELLS = {
    "B1": Cell(value=Decimal("157.25")),
    "B2": Cell(value=Decimal("0.997"), number_format="0.0%"),
    "B3": Cell(value="#DIV/0!", error=True),
    "B4": Cell(value="soon"),
    "B5": Cell(value=Decimal("0.125"), number_format="[h]:mm:ss"),
    "B7": Cell(value=True),
} | {f"C{n}": Cell(value=n) for n in range(1, 40)}
ITEMS = [
    {"Amount": Decimal("1.5"), "Status": "Done", "Created": "2026-10-01T08:00:00Z"},
    {"Amount": Decimal("2.25"), "Status": "Open", "Created": "2026-10-03T08:00:00Z"},
    {"Status": "Done", "Created": "2026-10-02T08:00:00Z"},
    {"Amount": 4, "Status": "Done", "Created": "2026-10-05T08:00:00Z"},
    {"Amount": 5, "Status": "Open", "Created": "2026-10-04T08:00:00Z"},
]
BOOK = {"drive": "b!x", "item": "01A"}
LIST = {"site": "s", "list": "Numbers"}


def tenant(**options: Any) -> GraphTenant:
    columns = {"Amount": "number", "Status": "choice"}
    data = Data(
        workbooks={
            ("b!x", "01A"): Workbook(
                name="KPIs.xlsx", sheets={"KPI's 2026": CELLS}, names={"Visits": "'KPI''s 2026'!B1"}
            )
        },
        plans={"p1": [{"id": "task-1", "title": "Launch", "planId": "p1", "percentComplete": 10}]},
        lists={
            ("s", "OKRs"): SharePointList(
                columns={"KR": "text", "Value": "number", "State": "text", "At": "dateTime", "Remark": "text"},
                items=[{"id": str(n), "KR": f"kr-{n}", "Value": n, "Remark": "mine"} for n in range(1, 46)],
                indexed=frozenset({"KR"}),
            ),
            ("s", "Numbers"): SharePointList(columns=columns, items=ITEMS, indexed=frozenset({"Status"})),
        },
    )
    return GraphTenant(data, client_secret=CANARY, page_size=2, **options)


def notification(**more: Any) -> Call:
    """As Graph sends it for a list, whose notifications carry no item's id."""
    one = {
        "subscriptionId": "7f105c7d-2dc5-4530-97cd-4e7ae6534c07",
        "subscriptionExpirationDateTime": "2026-12-01T00:00:00Z",
        "clientState": client_states((CANARY,))[0],
        "changeType": "updated",
        "resource": "sites/s/lists/Numbers",
        "tenantId": "84bd8158-6d4d-4958-8b9f-9d6445542f95",
        "resourceData": {"@odata.type": "#Microsoft.Graph.ListItem"},
        **more,
    }
    return Call(body=json.dumps({"value": [one]}).encode())


def tenant_of(server: Server) -> GraphTenant:
    assert isinstance(server.application, GraphTenant)
    return server.application


class TestGraph(ConnectorContract):
    spec = SPEC
    data_path = "/v1.0/"
    sign_in_path = "/oauth2/v2.0/token"
    remembered: ClassVar = {"subscription 7f105c7d-2dc5-4530-97cd-4e7ae6534c07": "/sites/s/lists/Numbers"}

    @pytest.fixture
    def fake(self) -> Iterator[Server]:
        with Server(tenant()) as server:
            yield server

    @pytest.fixture
    def options(self, fake: Server) -> dict[str, Any]:
        app = {"tenant": "contoso", "client_id": "okrsync", "client_secret": CANARY}
        return {**app, "url": fake.url, "login_url": fake.url, "hook_secret": CANARY}

    @pytest.fixture
    def unsigned(self, options: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in options.items() if name != "hook_secret"}

    @pytest.fixture
    def hook(self) -> Hook:
        return Hook(
            signed=lambda _: notification(),
            unknown=lambda _: notification(lifecycleEvent="somethingNew"),
            touches={"list": {**LIST, "count": True}},
            spares={"excel": {**BOOK, "range": "KPI's 2026!B1"}},
            handshake=(
                Call(body=b"", query={"validationToken": "Validation: <b>ü</b> & more"}),
                "Validation: &lt;b&gt;ü&lt;/b&gt; &amp; more",
            ),
            stale=None,
            proof=client_states((CANARY,))[0].encode(),
            bare=notification(clientState=None),
        )

    @pytest.fixture
    def place(self) -> tuple[Any, Any, Any]:
        form = {"list": "OKRs", "site": "s", "key": {"KR": "kr-1"}, "fields": {"Value": "value", "State": "status"}}
        one = (("Value", Decimal("2.50")), ("State", "on track"))
        return form, one, (("Value", Decimal(3)), ("State", "behind"))

    @pytest.fixture
    def missing_place(self, place: tuple[Any, Any, Any]) -> Any:
        return {**place[0], "key": {"KR": "it's not there"}}

    @pytest.fixture
    def lose_answer(self, fake: Server) -> Callable[[Any], None]:
        return lambda _: fake.faults.fail(kind="lost", method="PATCH")

    @pytest.fixture
    def written(self, fake: Server) -> Callable[[Any], int]:
        return lambda _: len(tenant_of(fake).written)

    @pytest.fixture
    def meddle(self, fake: Server) -> Callable[[Any], Any]:
        def edit(_: Any) -> Any:
            (row,) = [one for one in tenant_of(fake).items_of("s", "OKRs") if one["id"] == "1"]
            change(row, {"Value": 77, "Remark": "theirs"})
            return lambda: row["Remark"]

        return edit

    @pytest.fixture
    def good(self) -> tuple[Any, Decimal]:
        return {"excel": {**BOOK, "range": "KPI's 2026!B1"}}, Decimal("157.25")

    @pytest.fixture
    def bad(self) -> Any:
        return {"excel": {**BOOK, "range": "Nowhere!B1"}}

    @pytest.fixture
    def empty(self) -> Any:
        return {"excel": {**BOOK, "range": "KPI's 2026!B6"}}

    @pytest.fixture
    def paged(self) -> tuple[Any, Decimal]:
        return {"list": {**LIST, "sum": "Amount"}}, Decimal("12.75")

    @pytest.fixture
    def batch(self) -> tuple[list[Any], int]:
        return [{"excel": {**BOOK, "range": f"KPI's 2026!C{n}"}} for n in range(1, 40)], 2
