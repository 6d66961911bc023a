from __future__ import annotations

from collections.abc import Callable, Iterator
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
    results = [
        {
            "Id": f"a0100000000000{n}AAA", "Key__c": f"kr-{n}", "Current__c": Decimal(n), "Status__c": "on track",
            "Note__c": "mine", "Day__c": "2026-10-01", "Time__c": "2026-10-01T08:00:00Z", "Open__c": True,
        }
        for n in range(5)
    ]  # fmt: skip
    data = Data(salesforce={"Opportunity": rows, "Key_Result__c": results})
    return SalesforceOrg(data, client_secret=CANARY, page_size=2, **options)


def org_of(server: Server) -> SalesforceOrg:
    assert isinstance(server.application, SalesforceOrg)
    return server.application


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
    def place(self) -> tuple[Any, Any, Any]:
        fields = {"Current__c": "value", "Status__c": "status"}
        form = {"object": "Key_Result__c", "key": {"Key__c": "kr-1"}, "fields": fields}
        one = (("Current__c", Decimal("2.50")), ("Status__c", "on track"))
        return form, one, (("Current__c", Decimal(3)), ("Status__c", "behind"))

    @pytest.fixture
    def missing_place(self, place: tuple[Any, Any, Any]) -> Any:
        return {**place[0], "key": {"Key__c": "it's not there"}}

    @pytest.fixture
    def lose_answer(self, fake: Server) -> Callable[[Any], None]:
        return lambda _: fake.faults.fail(kind="lost", method="PATCH")

    @pytest.fixture
    def written(self, fake: Server) -> Callable[[Any], int]:
        return lambda _: len(org_of(fake).edits.made)

    @pytest.fixture
    def meddle(self, fake: Server) -> Callable[[Any], Any]:
        def change(connection: Any) -> Any:
            org_of(fake).edits.change("Key_Result__c", "a01000000000001AAA", Current__c=77, Note__c="theirs")
            return lambda: org_of(fake).record("Key_Result__c", "a01000000000001AAA")["Note__c"]

        return change

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
