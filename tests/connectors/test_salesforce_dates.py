"""Days and instants fit the fields that they are compared with, or `check --connect` says which form is needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.errors import BadQuery
from connectors.salesforce.errors import query_error
from connectors.salesforce.judge import Comparison, comparisons
from mapping.day import zone_of
from sandbox.data import Data
from sandbox.salesforce import SalesforceOrg
from sandbox.server import Server
from tests.connectors.test_salesforce_queries import connect, fake_time, query

__all__ = ["fake_time"]
DATA = Data(
    salesforce={
        "Opportunity": [{"Id": "0061", "AccountId": "0011", "CloseDate": "2026-10-15", "Amount": 3}],
        "Account": [{"Id": "0011", "Name": "Acme", "CreatedDate": "2026-10-15T10:00:00Z"}],
    }
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(SalesforceOrg(DATA)) as running:
        yield running


@pytest.mark.parametrize(
    ("where", "words", "fix"),
    [
        ("CloseDate >= 2026-10-01", None, ""),
        ("CreatedDate >= 2026-10-01T00:00:00Z", None, ""),
        ("CreatedDate >= 2026-10-01", "CreatedDate of Opportunity contains days with their time", ":time"),
        ("(IsWon = true OR (CreatedDate < 2026-10-01))", "contains days with their time", ":time"),
        ("CloseDate >= 2026-10-01T00:00:00+09:00", "CloseDate of Opportunity contains days, ", ":date"),
        ("CloseDate >= '2026-10-01'", "in quotes", ":date"),
        ("CreatedDate >= '2026-10-01T00:00:00Z'", "in quotes", ":time"),
        ("Account.CreatedDate >= 2026-10-01", "Account.CreatedDate of Opportunity", ":time"),
        ("DAY_ONLY(CreatedDate) >= 2026-10-01", None, ""),
        ("DAY_ONLY(convertTimezone(CreatedDate)) >= 2026-10-01T00:00:00Z", "is compared with an instant", ":date"),
        ("AccountId IN (SELECT Id FROM Account WHERE CreatedDate > 2026-10-01)", "CreatedDate of Account", ":time"),
        ("CALENDAR_YEAR(CreatedDate) = 2026", None, ""),
        ("CloseDate = THIS_QUARTER", None, ""),
        ("Name = '2026-10-01'", None, ""),
        ("Nowhere.CreatedDate >= 2026-10-01", "Nowhere", ""),
    ],
)
def test_which_form_a_field_needs(server: Server, where: str, words: str | None, fix: str) -> None:
    ((_, error),) = connect(server).validate([query(f"SELECT COUNT(Id) FROM Opportunity WHERE {where}")])

    if words is None:
        assert error is None
        return
    assert isinstance(error, BadQuery)
    assert words in error.message
    assert fix in error.fix


@pytest.mark.parametrize(("day", "is_right"), [("DAY_ONLY(CreatedDate)", False), ("CloseDate", True)])
def test_days_of_utc_are_not_the_workspaces(server: Server, day: str, is_right: bool) -> None:
    asked = query(f"SELECT COUNT(Id) FROM Opportunity WHERE {day} >= 2026-10-01")
    connector = connect(server)
    connector.zone = zone_of("Asia/Seoul")

    ((_, error),) = connector.validate([asked])

    if is_right:
        assert error is None
    else:
        assert isinstance(error, BadQuery)
        assert error.message == "DAY_ONLY(CreatedDate) uses days of UTC, not of Asia/Seoul"
        assert "CreatedDate >= {cycle.start:time}" in error.fix


def test_an_alias_is_no_relationship() -> None:
    soql = "SELECT COUNT(o.Id) FROM Opportunity o WHERE o.CloseDate > 2026-10-01 AND Opportunity.CloseDate < 2026-12-31"

    assert list(comparisons(soql)) == [
        Comparison("Opportunity", "CloseDate", "2026-10-01"),
        Comparison("Opportunity", "CloseDate", "2026-12-31"),
    ]


def test_descriptions_are_asked_for_once_for_all_queries(server: Server) -> None:
    server.calls.clear()
    queries = [query(f"SELECT COUNT(Id) FROM Opportunity WHERE CreatedDate > 2026-10-{n:02d}") for n in range(1, 9)]

    judged = list(connect(server).validate(queries))

    assert all(isinstance(error, BadQuery) for _, error in judged)
    assert sum("/services/data/" in call.path for call in server.calls) == 1


@pytest.mark.parametrize(("kind", "form"), [("dateTime", ":time"), ("date", ":date")])
def test_salesforces_own_words_lead_to_the_right_form(kind: str, form: str) -> None:
    said = f"\nWHERE CreatedDate > x\n^\nERROR at Row:1:Column:44\nvalue of filter criterion for field 'CreatedDate' must be of type {kind} and should not be enclosed in quotes"
    error = query_error(400, [{"errorCode": "INVALID_FIELD", "message": said}], "crm")

    assert form in error.fix
    assert "Correct the name" not in error.fix


def test_a_run_never_looks(server: Server) -> None:
    server.calls.clear()
    connector: Any = connect(server)

    ((_, error),) = connector.read([query("SELECT COUNT(Id) FROM Opportunity WHERE CreatedDate > 2026-10-01")])

    assert ":time" in error.fix
    assert not any("describe" in call.path for call in server.calls)
