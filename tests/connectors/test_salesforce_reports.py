"""Numbers out of Salesforce reports."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import BadAnswer, BadQuery, ConnectorError, NotFound
from connectors.salesforce.queries import Report
from connectors.salesforce.reports import summary
from mapping.reading import Reading
from mapping.units import money
from sandbox.salesforce import SalesforceOrg
from sandbox.server import Server
from tests.connectors.test_salesforce_queries import ask, connect, fake_time, org, query, server

__all__ = ["fake_time", "org", "server"]
REPORT = "00O000000000001AAA"
REAL = Path(__file__).parents[3] / "shared" / "data" / "salesforce"


def result(**more: Any) -> dict[str, Any]:
    cells = [{"label": "€ 16.000,01", "value": {"amount": Decimal("16000.01"), "currency": "EUR"}}, {"value": 3}]
    part = [{"label": "x", "value": {"amount": Decimal("4.5"), "currency": "EUR"}}, {"value": 1}]
    return {
        "allData": True,
        "reportMetadata": {"aggregates": ["s!AMOUNT", "RowCount"], "reportFormat": "SUMMARY"},
        "groupingsDown": {"groupings": [{"key": "0", "label": "Won", "value": "won", "groupings": []}]},
        "factMap": {"T!T": {"aggregates": cells}, "0!T": {"aggregates": part}},
        **more,
    }


def test_a_report_total_by_its_true_value(server: Server, org: SalesforceOrg) -> None:
    org.reports[REPORT] = result()

    total, rows, won = ask(
        connect(server),
        {"report": REPORT, "aggregate": "s!AMOUNT"},
        {"report": REPORT},
        {"report": REPORT, "aggregate": "s!AMOUNT", "group": "Won"},
    )

    assert (total.value, total.unit, total.evidence.rows) == (Decimal("16000.01"), money("EUR"), 3)
    assert rows.value == 3
    assert (won.value, won.evidence.rows) == (Decimal("4.5"), 1)
    assert total.evidence.link == f"{server.url}/lightning/r/Report/{REPORT}/view"


def test_other_filters_are_sent_for_this_question_only(server: Server, org: SalesforceOrg) -> None:
    org.reports[REPORT] = result()
    filters = [{"column": "CLOSE_DATE", "operator": "greaterOrEqual", "value": "2026-10-01"}]

    (reading,) = ask(connect(server), {"report": REPORT, "filters": filters})

    assert isinstance(reading, Reading)
    (call,) = [call for call in server.calls if "analytics" in call.path]
    assert call.method == "POST"
    assert json.loads(call.body)["reportMetadata"]["reportFilters"] == filters
    assert call.query == {"includeDetails": "false"}


@pytest.mark.parametrize(
    ("change", "form", "expected", "words"),
    [
        ({}, {"aggregate": "s!COST"}, BadQuery, "no aggregate 's!COST'"),
        ({}, {"group": "Lost"}, NotFound, "no group 'Lost'"),
        ({"factMap": {}}, {}, BadQuery, "no total there"),
        ({"factMap": None}, {}, BadAnswer, "factMap"),
        ({"factMap": {"T!T": {"aggregates": []}}}, {}, BadAnswer, "aggregates"),
        ({"reportMetadata": {}}, {}, BadAnswer, "metadata"),
        ({"reportMetadata": {"aggregates": [], "reportFormat": "MULTI_BLOCK"}}, {}, BadQuery, "joined"),
        (
            {"factMap": {"T!T": {"aggregates": [{"value": "-"}, {"value": True}]}}},
            {},
            BadAnswer,
            "instead of a number",
        ),
        ({"factMap": {"T!T": {"aggregates": [{"value": 1}, {"value": "-"}]}}}, {}, BadQuery, "not a number"),
    ],
)
def test_a_report_without_that_number(change: Any, form: Any, expected: type[ConnectorError], words: str) -> None:
    with pytest.raises(expected, match=re.escape(words)):
        summary(Report(report=REPORT, **form), result(**change), "crm")


def test_cut_details_are_said_and_a_missing_report_is_not_found(server: Server, org: SalesforceOrg) -> None:
    org.reports[REPORT] = result(allData=False)

    cut, missing = ask(connect(server), {"report": REPORT}, {"report": "00O000000000002AAA"})

    assert "cut at 2,000" in cut.evidence.note
    assert isinstance(missing, NotFound)


@pytest.mark.skipif(not REAL.exists(), reason="no real report results beside this clone")
def test_real_report_results() -> None:
    tabular = json.loads((REAL / "tabular.json").read_text(), parse_float=Decimal)
    total = summary(Report(report=REPORT, aggregate="s!AMOUNT"), tabular, "crm")
    assert total.value == Decimal("16000.01")

    whole = json.loads((REAL / "summary.json").read_text(), parse_float=Decimal)
    assert len(whole["factMap"]) == 67
    first = whole["groupingsDown"]["groupings"][0]
    expected = whole["factMap"].get(f"{first['key']}!T")
    one_group = {**whole, "groupingsDown": {"groupings": [{**first, "label": "first"}]}}
    assert expected is not None
    assert (
        summary(Report(report=REPORT, group=("first",)), one_group, "crm").value == expected["aggregates"][0]["value"]
    )
    with pytest.raises(BadQuery, match="several groups"):
        summary(Report(report=REPORT, group=("label",)), whole, "crm")


def test_validation_judges_reports_and_queries(server: Server, org: SalesforceOrg) -> None:
    org.reports[REPORT] = result()
    forms = [{"report": REPORT}, {"report": REPORT, "aggregate": "x!A"}, {"object": "Deal", "count": True}]
    queries = [query(form) for form in [*forms, "SELECT SUM(Amount) FROM Opportunity"]]

    judged = dict(connect(server).validate(queries))

    kinds = [type(judged[one]).__name__ for one in queries]
    assert kinds == ["NoneType", "BadQuery", "BadQuery", "NoneType"]
    assert not any("includeDetails" in call.query for call in server.calls)
