from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from connectors.salesforce.spec import SPEC
from sandbox.data import Data
from sandbox.salesforce import SalesforceOrg
from sandbox.server import Server
from tests.connectors.contract import CANARY, ConnectorContract

AMOUNTS = ["1000.10", "2000.20", "3000", "4000.40", "5000.05"]


def org(**options: Any) -> SalesforceOrg:
    rows = [
        {"Id": f"006{n}", "Amount": Decimal(amount), "IsWon": n != 4, "CloseDate": "2026-10-15", "StageName": f"S{n}"}
        for n, amount in enumerate(AMOUNTS)
    ]
    return SalesforceOrg(Data(salesforce={"Opportunity": rows}), client_secret=CANARY, page_size=2, **options)


class TestSalesforce(ConnectorContract):
    spec = SPEC
    data_path = "/services/data/"
    sign_in_path = "/services/oauth2/token"

    @pytest.fixture
    def fake(self) -> Iterator[Server]:
        with Server(org()) as server:
            yield server

    @pytest.fixture
    def options(self, fake: Server) -> dict[str, Any]:
        return {"url": fake.url, "client_id": "okrsync", "client_secret": CANARY}

    @pytest.fixture
    def good(self) -> tuple[Any, Decimal]:
        return "SELECT SUM(Amount) FROM Opportunity WHERE IsWon = true", Decimal("10000.70") + Decimal("0.00")

    @pytest.fixture
    def bad(self) -> Any:
        return "SELECT SUM(Betrag) FROM Opportunity"

    @pytest.fixture
    def empty(self) -> Any:
        return "SELECT AVG(Amount) FROM Opportunity WHERE StageName = 'nowhere'"

    @pytest.fixture
    def paged(self) -> tuple[Any, Decimal]:
        return "SELECT COUNT() FROM Opportunity", Decimal(5)

    @pytest.fixture
    def batch(self) -> tuple[list[Any], int]:
        return [f"SELECT COUNT(Id) FROM Opportunity WHERE Amount > {n}000" for n in range(12)], 3
