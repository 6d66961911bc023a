"""What Salesforce's numbers are: told by it, or asked for, and never guessed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import Unreachable
from connectors.salesforce.queries import Report
from connectors.salesforce.reports import summary
from mapping.reading import Reading
from mapping.units import PERCENT, money
from sandbox.data import Data
from sandbox.salesforce import SalesforceOrg
from sandbox.server import Server
from tests.connectors.test_salesforce_queries import ask, connect, fake_time
from tests.connectors.test_salesforce_reports import REAL, REPORT, result

__all__ = ["fake_time"]
DEALS = [
    {"Id": f"006{n}", "Amount": Decimal(n), "Probability": 10 * n, "AccountId": "0011", "OwnerId": "0051"}
    for n in range(1, 5)
]
ACCOUNTS = [{"Id": "0011", "Name": "Acme", "AnnualRevenue": Decimal("900.50")}]
DATA = Data(salesforce={"Opportunity": DEALS, "Account": ACCOUNTS})
SUM = "SELECT SUM(Amount) FROM Opportunity"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(SalesforceOrg(DATA, currency="EUR")) as running:
        yield running


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT SUM(Amount) FROM Opportunity USING SCOPE everything",
        "SELECT SUM(Amount) FROM Opportunity WHERE Amount > 0 WITH SECURITY_ENFORCED",
        "SELECT SUM(Amount) total FROM Opportunity GROUP BY AccountId",
        "SELECT SUM(o.Amount) FROM Opportunity o WHERE o.Amount > 0",
        "SELECT MAX(Opportunity.Amount) FROM Opportunity",
        "select  avg ( amount )  from opportunity",
    ],
)
def test_money_is_money_however_the_query_is_written(server: Server, soql: str) -> None:
    (found,) = ask(connect(server), soql)

    assert found.unit == money("EUR"), found
    assert found.untold is None


def test_percent_fields_hold_points(server: Server) -> None:
    average, highest, count = ask(
        connect(server),
        "SELECT AVG(Probability) FROM Opportunity",
        "SELECT MAX(Probability) FROM Opportunity WHERE Amount > 1",
        "SELECT COUNT(Probability) FROM Opportunity",
    )

    assert (average.value, average.unit) == (Decimal("0.25"), PERCENT)
    assert (highest.value, highest.unit) == (Decimal("0.40"), PERCENT)
    assert (count.value, count.unit, count.untold) == (4, None, None)


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT SUM(Account.AnnualRevenue) FROM Opportunity",
        "SELECT SUM(Amount), StageName FROM Opportunity GROUP BY StageName",
    ],
)
def test_what_cannot_be_told_says_so(soql: str) -> None:
    rows = [{**row, "StageName": "Won"} for row in DEALS]
    form: Any = soql if "Stage" not in soql else {"soql": soql.replace("SUM(Amount)", "SUM(Amount) s"), "value": "s"}
    with Server(SalesforceOrg(Data(salesforce={"Opportunity": rows, "Account": ACCOUNTS}), currency="EUR")) as server:
        (found,) = ask(connect(server), form)

    assert isinstance(found, Reading)
    assert (found.unit, found.untold is not None) == ((None, True) if "Account" in soql else (money("EUR"), False))


def test_a_description_that_is_down_for_a_moment_is_no_bare_number(server: Server) -> None:
    server.faults.fail(path="/composite", status=200, body=composite_with_lost_description())
    server.faults.fail(path="/describe", status=500, times=-1)

    (found,) = ask(connect(server), SUM)

    assert isinstance(found, Unreachable)
    assert (found.scope, found.temporary) == ("query", True)


def composite_with_lost_description() -> str:
    row = {"attributes": {"type": "AggregateResult"}, "value0": 10, "rowsBehind": 4}
    one = {"totalSize": 1, "done": True, "records": [row]}
    currency = {"totalSize": 1, "done": True, "records": [{"attributes": {"type": "CurrencyType"}, "IsoCode": "EUR"}]}
    lost = [{"errorCode": "UNKNOWN_EXCEPTION", "message": "An unexpected error occurred"}]
    parts = [
        (200, one),
        (200, currency),
        (400, [{"errorCode": "INVALID_FIELD", "message": "No such column"}]),
        (500, lost),
    ]
    return json.dumps(
        {
            "compositeResponse": [
                {"body": body, "httpHeaders": {}, "httpStatusCode": status, "referenceId": f"q{index}"}
                for index, (status, body) in enumerate(parts)
            ]
        }
    )


def test_a_description_that_is_denied_leaves_it_to_the_operator(server: Server) -> None:
    body = composite_with_lost_description().replace("500", "403").replace("UNKNOWN_EXCEPTION", "INSUFFICIENT_ACCESS")
    server.faults.fail(path="/composite", status=200, body=body)

    (found,) = ask(connect(server), SUM)

    assert (found.value, found.unit) == (10, None)
    assert "Amount of Opportunity" in found.untold


@pytest.mark.parametrize(
    ("kind", "value", "currency", "amount", "unit", "told"),
    [
        ("currency", Decimal("16000.01"), "EUR", Decimal("16000.01"), money("EUR"), True),
        ("currency", Decimal("16000.01"), None, Decimal("16000.01"), None, False),
        ("currency", {"amount": 5, "currency": None}, "CHF", Decimal(5), money("CHF"), True),
        ("currency", {"amount": 5, "currency": "GBP"}, "CHF", Decimal(5), money("GBP"), True),
        ("percent", Decimal("63.15"), "EUR", Decimal("63.15"), PERCENT, True),
        ("double", Decimal("63.15"), "EUR", Decimal("63.15"), None, True),
        ("int", 4, None, Decimal(4), None, True),
        (None, 4, "EUR", Decimal(4), None, False),
        (7, 4, "EUR", Decimal(4), None, False),
    ],
)
def test_a_report_tells_what_its_numbers_are(
    kind: Any, value: Any, currency: Any, amount: Decimal, unit: Any, told: bool
) -> None:
    body = result(
        reportMetadata={"aggregates": ["s!AMOUNT"], "currency": currency},
        reportExtendedMetadata={"aggregateColumnInfo": {"s!AMOUNT": {"dataType": kind}} if kind else {}},
        factMap={"T!T": {"aggregates": [{"value": value}]}},
    )

    made = summary(Report(report=REPORT, aggregate="s!AMOUNT"), body, "crm")

    assert (made.value, made.told.unit, made.told.untold is None) == (amount, unit, told)


def test_a_percentage_of_a_report_is_in_points() -> None:
    org = SalesforceOrg(DATA)
    org.reports[REPORT] = result(
        reportMetadata={"aggregates": ["FORMULA1"]},
        reportExtendedMetadata={"aggregateColumnInfo": {"FORMULA1": {"dataType": "percent"}}},
        factMap={"T!T": {"aggregates": [{"label": "63.15%", "value": Decimal("63.15")}]}},
    )
    with Server(org) as server:
        (found,) = ask(connect(server), {"report": REPORT, "aggregate": "FORMULA1"})

    assert (found.value, found.unit) == (Decimal("0.6315"), PERCENT)


@pytest.mark.skipif(not REAL.exists(), reason="no real report results beside this clone")
def test_a_real_report_in_an_org_of_one_currency_does_not_name_it() -> None:
    tabular = json.loads((REAL / "tabular.json").read_text(), parse_float=Decimal)

    total = summary(Report(report=REPORT, aggregate="s!AMOUNT"), tabular, "crm")

    assert (total.value, total.told.unit) == (Decimal("16000.01"), None)
    assert total.told.untold
