from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import Call
from connectors.salesforce.spec import SPEC
from sandbox.data import Data
from sandbox.salesforce import SalesforceOrg
from sandbox.server import Server
from tests.connectors.contract import CANARY, ConnectorContract, Hook

AMOUNTS = ["1000.10", "2000.20", "3000", "4000.40", "5000.05"]


def org(**options: Any) -> SalesforceOrg:
    rows = [
        {"Id": f"006{n}", "Amount": Decimal(amount), "IsWon": n != 4, "CloseDate": "2026-10-15", "StageName": f"S{n}"}
        for n, amount in enumerate(AMOUNTS)
    ]
    return SalesforceOrg(Data(salesforce={"Opportunity": rows}), client_secret=CANARY, page_size=2, **options)


def message(*objects: str, organization: str = "00D000000000001EAA") -> bytes:
    """An Outbound Message as its WSDL has it, with one notification for each object."""
    notifications = "".join(
        f"<Notification><Id>04l00000000000{n}AAA</Id>"
        f'<sObject xsi:type="sf:{name}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
        f"<sf:Id>00600000000000{n}AAA</sf:Id></sObject></Notification>"
        for n, name in enumerate(objects)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
        f"<OrganizationId>{organization}</OrganizationId><ActionId>04k000000000001AAA</ActionId>"
        '<SessionId xsi:nil="true"/><EnterpriseUrl>https://acme.my.salesforce.com/services/Soap/c/68.0</EnterpriseUrl>'
        f"<PartnerUrl>https://acme.my.salesforce.com/services/Soap/u/68.0</PartnerUrl>{notifications}"
        "</notifications></soapenv:Body></soapenv:Envelope>"
    ).encode()


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
        return {
            "url": fake.url,
            "client_id": "okrsync",
            "client_secret": CANARY,
            "hook_token": f"{CANARY}-token",
            "organization_id": "00D000000000001EAA",
        }

    @pytest.fixture
    def unsigned(self, options: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in options.items() if name != "hook_token"}

    @pytest.fixture
    def hook(self) -> Hook:
        return Hook(
            signed=lambda _: Call(body=message("Opportunity"), rest=f"{CANARY}-token"),
            unknown=lambda _: Call(body=b'{"objects": []}', headers={"x-okrsync-token": f"{CANARY}-token"}),
            touches="SELECT COUNT() FROM Opportunity WHERE IsWon = true",
            spares="SELECT COUNT() FROM Case WHERE Account.Industry = 'Media'",
            stale=None,
            proof=b"00D000000000001",
        )

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
