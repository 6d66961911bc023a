"""Merged SELECTs, the structured form, reports, money, quota, and the ways to sign in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from structlog.testing import capture_logs

from connectors.errors import BadAnswer, BadCredentials, BadQuery, ConnectorError, Throttled, Unreachable
from connectors.salesforce.pull import SalesforceConnector
from connectors.salesforce.queries import Soql, select_of
from connectors.salesforce.series import family_of
from connectors.salesforce.soql import MOST_AGGREGATES, merge, parse_select, same_rows
from connectors.salesforce.spec import SPEC, SalesforceOptions
from mapping.units import PERCENT, money
from sandbox.data import Data
from sandbox.salesforce import SalesforceOrg
from sandbox.server import Server
from tests.connectors.contract import NOW, FakeTime

ROWS = [
    {"Id": f"006{n}", "Amount": Decimal(f"{n}.25"), "StageName": "Won" if n % 2 else "Open", "Probability": n * 10}
    for n in range(8)
]
REPORT = "00O000000000001AAA"


@pytest.fixture(autouse=True)
def fake_time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr("connectors.wire.time", fake)
    return fake


@pytest.fixture
def org() -> SalesforceOrg:
    return SalesforceOrg(Data(salesforce={"Opportunity": ROWS}), currency="EUR")


@pytest.fixture
def server(org: SalesforceOrg) -> Iterator[Server]:
    with Server(org) as running:
        yield running


def connect(server: Server, **options: Any) -> SalesforceConnector:
    given = {"url": server.url, "client_id": "okrsync", "client_secret": "sandbox-secret", **options}
    return SalesforceConnector("crm", SalesforceOptions.model_validate(given), clock=lambda: NOW)


def query(form: Any) -> Any:
    return TypeAdapter(SPEC.queries).validate_python(form)


def ask(connector: SalesforceConnector, *forms: Any) -> list[Any]:
    queries = [query(form) for form in forms]
    found = dict(connector.read(queries))
    return [found[one] for one in queries]


def sent(server: Server) -> list[str]:
    """The SOQL that went over the wire."""
    from urllib.parse import parse_qs, urlsplit

    soqls = []
    for call in server.calls:
        if call.path.endswith("/composite"):
            parts = json.loads(call.body)["compositeRequest"]
            soqls += [parse_qs(urlsplit(part["url"]).query)["q"][0] for part in parts if "?q=" in part["url"]]
        elif call.path.rstrip("/").endswith("/query"):
            soqls.append(call.query["q"])
    return [soql for soql in soqls if "FROM CurrencyType" not in soql and "FROM Organization" not in soql]


def data_calls(server: Server) -> int:
    return sum("/services/data/" in call.path for call in server.calls)


# -- merging ----------------------------------------------------------------------------------------------------


def test_the_same_rows_are_looked_at_once(server: Server) -> None:
    won = "FROM Opportunity WHERE StageName = 'Won'"

    readings = ask(
        connect(server),
        f"SELECT SUM(Amount) {won}",
        f"SELECT  AVG(Amount) average\n{won}",
        {"object": "Opportunity", "max": "amount", "where": "StageName  =  'Won'"},
        {"object": "opportunity", "count": True, "where": "StageName = 'Won'"},
        {"object": "Opportunity", "count_distinct": "StageName", "where": "StageName = 'Won'"},
        f"SELECT COUNT() {won}",
    )

    assert [reading.value for reading in readings] == [Decimal(17), Decimal("4.25"), Decimal("7.25"), 4, 1, 4]
    assert len(sent(server)) == 1
    assert data_calls(server) == 1


def test_every_merged_value_tells_its_rows_and_the_query_as_sent(server: Server) -> None:
    total, count = ask(
        connect(server),
        "SELECT SUM(Amount) FROM Opportunity WHERE StageName = 'Won'",
        {"object": "Opportunity", "max": "Probability", "where": "StageName = 'Won'"},
    )

    assert total.evidence.rows == count.evidence.rows == 4
    assert [total.evidence.query] == sent(server)
    assert total.evidence.note == "value0 of this query"
    assert count.evidence.note == "value1 of this query"


def test_one_of_several_aggregates_by_its_alias(server: Server) -> None:
    soql = "SELECT SUM(Amount) total, COUNT(Id) deals FROM Opportunity"

    total, deals = ask(connect(server), {"soql": soql, "value": "total"}, {"soql": soql, "value": "DEALS"})

    assert (total.value, deals.value) == (Decimal(30), 8)
    assert len(sent(server)) == 1


@pytest.mark.parametrize("form", ["SELECT SUM(Amount), COUNT(Id) FROM Opportunity", {"soql": "SELECT 1", "value": "x"}])
def test_which_aggregate_must_be_said(form: Any) -> None:
    if isinstance(form, str):
        with pytest.raises(ValidationError, match="value: ALIAS"):
            query(form)
    else:
        with pytest.raises(ValidationError, match="alias 'b'"):
            query({"soql": "SELECT SUM(A) a FROM O", "value": "b"})


def test_a_wrong_name_spares_what_it_was_merged_with(server: Server) -> None:
    good, bad = ask(
        connect(server),
        {"object": "Opportunity", "sum": "Amount"},
        {"object": "Opportunity", "sum": "Betrag"},
    )

    assert good.value == 30
    assert isinstance(bad, BadQuery)
    assert "Betrag" in bad.message


def test_what_is_not_plain_goes_as_it_was_written(server: Server) -> None:
    soql = "SELECT SUM(Amount) total FROM Opportunity WHERE StageName = 'Won' GROUP BY StageName"

    (reading,) = ask(connect(server), {"soql": soql, "value": "total"})

    assert reading.value == 17
    assert sent(server) == [soql]


WHERES = ["", "WHERE A = 1", "WHERE  A = 1", "WHERE B = 'x  y'", "WHERE B = 'x y'", "WHERE NOT (C LIKE '%it\\'s%')"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["SUM", "avg", "Min", "MAX", "COUNT", "COUNT_DISTINCT"]),
            st.sampled_from(["Amount", "amount", "Id", "Account.Size__c"]),
            st.sampled_from(WHERES),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_merging_asks_for_everything_once(asked: list[tuple[str, str, str]]) -> None:
    selects = [parse_select(f"SELECT {function}({field}) FROM Deal {where}") for function, field, where in asked]
    groups: dict[Any, list[Any]] = {}
    for select in selects:
        assert select is not None
        groups.setdefault(same_rows(select), []).append(select)

    for group in groups.values():
        merged = merge(group)
        again = parse_select(merged.soql)
        assert again is not None
        assert same_rows(again) == same_rows(group[0])
        aliases = [one.alias for one in again.aggregates]
        assert len(aliases) == len(set(aliases))
        for select in group:
            one = select.aggregates[0]
            column = merged.column[type(one)(one.function, one.field.lower())]
            (found,) = [each for each in again.aggregates if each.alias == column]
            assert (found.function, found.field.lower()) == (one.function, one.field.lower())
    assert len(groups) == len({re.sub(r"\s+(?=A)", " ", where) for _, _, where in asked})


def test_a_merged_select_stays_legible(server: Server) -> None:
    fields = [f"F{n}" for n in range(MOST_AGGREGATES + 1)]
    rows = [{"Id": "1", **dict.fromkeys(fields, 1)}]
    with Server(SalesforceOrg(Data(salesforce={"Thing": rows}))) as other:
        readings = ask(connect(other), *({"object": "Thing", "sum": field} for field in fields))

    assert all(reading.value == 1 for reading in readings), readings
    assert len(sent(other)) == 2


def test_calls_are_told_before_they_are_made(server: Server) -> None:
    queries = [query({"object": "Opportunity", "count": True, "where": f"Probability > {n}"}) for n in range(23)]
    connector = connect(server)

    told = connector.calls([*queries, query({"report": REPORT})])
    list(connector.read(queries))

    assert told == 5 + 1
    assert data_calls(server) == 5


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"object": "Opportunity"}, "write one of count, sum"),
        ({"object": "Opportunity", "sum": "A", "avg": "A"}, "write one of count, sum"),
        ({"object": "Opportunity; DROP", "count": True}, "object"),
        ({"object": "Opportunity", "sum": "Amount) FROM User"}, "sum"),
        ({"report": "all-deals"}, "report"),
        ("DELETE FROM Opportunity", "begins with SELECT"),
    ],
)
def test_a_wrong_form_is_refused_at_once(form: Any, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        query(form)


# -- money ------------------------------------------------------------------------------------------------------


def test_sums_of_money_are_in_the_corporate_currency(server: Server) -> None:
    total, chance, count = ask(
        connect(server),
        {"object": "Opportunity", "sum": "Amount"},
        {"object": "Opportunity", "avg": "Probability"},
        {"object": "Opportunity", "count": "Amount"},
    )

    assert total.unit == money("EUR")
    assert (chance.value, chance.unit, count.unit) == (Decimal("0.35"), PERCENT, None)
    assert data_calls(server) == 1


def test_a_currency_that_is_said_is_not_asked_for(server: Server) -> None:
    (total,) = ask(connect(server, currency="CHF"), {"object": "Opportunity", "sum": "Amount"})

    assert total.unit == money("CHF")
    assert "CurrencyType" not in "".join(call.body for call in server.calls)


def test_an_org_of_one_currency_may_not_tell_it() -> None:
    with Server(SalesforceOrg(Data(salesforce={"Opportunity": ROWS}))) as server:
        (total,) = ask(connect(server), {"object": "Opportunity", "sum": "Amount"})

    assert (total.value, total.unit) == (30, None)
    assert "does not say in which currency" in total.untold


# -- quota ------------------------------------------------------------------------------------------------------


def test_it_stops_before_the_share_of_the_allowance_is_used() -> None:
    with Server(SalesforceOrg(Data(salesforce={"Opportunity": ROWS}), daily_limit=20)) as server:
        connector = connect(server, quota_share=0.5, concurrency=1, currency="EUR")
        forms = [{"object": "Opportunity", "count": True, "where": f"Probability > {n}"} for n in range(100)]

        outcomes = ask(connector, *forms)

        assert data_calls(server) == 10
    lost = [outcome for outcome in outcomes if isinstance(outcome, Throttled)]
    assert len(lost) == 50
    assert "10 of the org's 20 API calls" in lost[0].message
    assert "quota_share" in lost[0].fix


# -- ways in ----------------------------------------------------------------------------------------------------


def test_a_session_that_is_given_is_used_and_not_renewed(server: Server, org: SalesforceOrg) -> None:
    org.sign_in.tokens.add("open-session")
    given = {"url": server.url, "session_id": "open-session", "currency": "EUR"}
    connector = SalesforceConnector("crm", SalesforceOptions.model_validate(given), clock=lambda: NOW)
    count = {"object": "Opportunity", "count": True}
    assert ask(connector, count)[0].value == 8
    org.expire_sessions()

    (error,) = ask(connector, count)

    assert isinstance(error, BadCredentials)
    assert "session_id" in error.fix
    assert org.sign_in.count == 0


HOST = "https://acme.my.salesforce.com"
SOAP = f"{HOST}/services/Soap/u/64.0"
PASSWORD = {"url": HOST, "username": "u@acme.com", "password": "pw-canary", "security_token": "st-canary"}


def by_password() -> SalesforceConnector:
    return SalesforceConnector("crm", SalesforceOptions.model_validate(PASSWORD), clock=lambda: NOW)


@responses.activate
def test_a_password_goes_to_the_last_version_that_takes_it_and_warns() -> None:
    session = "<sessionId>s-1</sessionId><serverUrl>https://acme.my.salesforce.com/services/Soap/u/64.0/1</serverUrl>"
    responses.post(SOAP, body=f"<r>{session}</r>")
    responses.get(f"{HOST}/services/data/v68.0/query/", json={"totalSize": 1, "done": True, "records": [row(2)]})

    with capture_logs() as logs:
        (reading,) = ask(by_password(), {"object": "Opportunity", "count": True})

    assert reading.value == 2
    assert responses.calls[1].request.headers["Authorization"] == "Bearer s-1"
    assert "Summer '27" in logs[0]["cause"]


def row(count: Any) -> dict[str, Any]:
    return {"attributes": {"type": "AggregateResult"}, "rowsBehind": count}


@responses.activate
@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (500, fault := "<f><sf:exceptionCode xmlns:sf='s'>INVALID_LOGIN</sf:exceptionCode></f>", BadCredentials),
        (503, "<html>down for maintenance", Unreachable),
        (404, "not here", BadAnswer),
    ],
)
def test_a_refused_password(status: int, body: str, expected: type[ConnectorError]) -> None:
    responses.post(SOAP, status=status, body=body)

    (error,) = ask(by_password(), {"object": "Opportunity", "count": True})

    assert isinstance(error, expected), repr(error)
    assert error.scope == "connection"
    assert "canary" not in str(error) + error.fix


@pytest.mark.parametrize(
    "options",
    [
        {"client_id": "c"},
        {"client_id": "c", "client_secret": "s", "session_id": "x"},
        {"username": "u", "private_key": "k"},
        {"session_id": "x", "security_token": "t"},
    ],
)
def test_one_way_in(options: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        SalesforceOptions.model_validate({"url": HOST, **options})


def test_the_short_form_is_soql() -> None:
    assert isinstance(query("SELECT COUNT() FROM Lead"), Soql)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT" + " " * 90_000,
        "SELECT a " * 10_000,
        "SELECT SUM(A) FROM B WHERE x = '" + "\\'" * 40_000,
        "SELECT " + "(" * 90_000,
        "SELECT SUM(A) FROM B WHERE " + "a <= 2026-10-31 AND " * 4_500,
    ],
    ids=["spaces", "words", "quotes", "brackets", "conditions"],
)
def test_a_long_query_is_read_in_one_go(text: str) -> None:
    made = query({"soql": text})

    assert made.text()
    assert select_of(made) is None or family_of(select_of(made)) is None
