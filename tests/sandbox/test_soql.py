"""The Salesforce stand-in: SOQL evaluated as Salesforce would, and refused as Salesforce would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from sandbox.data import Data
from sandbox.salesforce import SalesforceOrg
from sandbox.server import Server

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ROWS: list[dict[str, Any]] = [
    {
        "Id": f"006{n}",
        "Amount": None if n % 7 == 0 else Decimal(n * 1001) / 100,
        "StageName": ["Won", "Lost", None][n % 3],
        "IsWon": n % 3 == 0,
        "CloseDate": f"2026-{9 + n % 4:02d}-{1 + n:02d}",
        "CreatedDate": f"2026-{9 + n % 3:02d}-{1 + n:02d}T10:00:00Z",
        "AccountId": f"001{n % 2}",
    }
    for n in range(20)
]
ACCOUNTS = [{"Id": "0010", "Name": "Acme"}, {"Id": "0011", "Name": "O'Hara"}]
ORG = SalesforceOrg(Data(salesforce={"Opportunity": ROWS, "Account": ACCOUNTS}), page_size=8, clock=lambda: NOW)


@pytest.fixture(scope="module")
def ask() -> Iterator[Callable[..., requests.Response]]:
    with Server(ORG) as server:
        form = {"grant_type": "client_credentials", "client_id": "okrsync", "client_secret": "sandbox-secret"}
        token = requests.post(f"{server.url}/services/oauth2/token", data=form, timeout=5).json()["access_token"]

        def get(soql: str, version: str = "68.0") -> requests.Response:
            headers = {"Authorization": f"Bearer {token}"}
            return requests.get(
                f"{server.url}/services/data/v{version}/query", params={"q": soql}, headers=headers, timeout=5
            )

        get.url, get.token = server.url, token  # type: ignore[attr-defined]
        yield get


def scalar(where: str) -> Any:
    answer = ORG._evaluator.run(f"SELECT COUNT(Id) n, SUM(Amount) s FROM Opportunity{where}")
    (record,) = answer.records
    return record["n"], record["s"]


def test_who_is_not_signed_in_gets_401() -> None:
    with Server(ORG) as server:
        answer = requests.get(f"{server.url}/services/data/v68.0/limits", timeout=5)
        wrong = requests.post(
            f"{server.url}/services/oauth2/token", data={"grant_type": "client_credentials"}, timeout=5
        )

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_client_id")


@pytest.mark.parametrize(
    ("soql", "records"),
    [
        ("SELECT SUM(Amount) FROM Opportunity WHERE Amount = 10.01", [{"expr0": Decimal("10.01")}]),
        ("SELECT SUM(Amount) total, COUNT(Id) FROM Opportunity WHERE Id = 'x'", [{"total": None, "expr0": 0}]),
        ("SELECT COUNT_DISTINCT(StageName) FROM Opportunity", [{"expr0": 2}]),
        ("SELECT COUNT(Id) FROM Opportunity WHERE Account.Name = 'O\\'Hara'", [{"expr0": 10}]),
        ("SELECT COUNT(Id) FROM Opportunity WHERE AccountId IN (SELECT Id FROM Account WHERE Name LIKE 'a%')", [{"expr0": 10}]),
        ("SELECT IsWon, COUNT(Id) n FROM Opportunity GROUP BY IsWon ORDER BY IsWon", [{"IsWon": False, "n": 13}, {"IsWon": True, "n": 7}]),
        ("select calendar_month(CloseDate) m, count(Id) n from opportunity group by calendar_month(CloseDate) having count(Id) > 4 order by calendar_month(CloseDate) desc limit 1", [{"m": 12, "n": 5}]),
        ("SELECT MAX(CloseDate) FROM Opportunity", [{"expr0": "2026-12-20"}]),
        ("SELECT COUNT(Id) FROM Opportunity WHERE CloseDate = THIS_MONTH", [{"expr0": 5}]),
        ("SELECT COUNT(Id) FROM Opportunity WHERE CreatedDate >= 2026-11-01T00:00:00+01:00", [{"expr0": 6}]),
        ("SELECT COUNT(Id) FROM Opportunity WHERE CloseDate > LAST_N_DAYS:30 AND (NOT IsWon = true)", [{"expr0": 3}]),
    ],
)  # fmt: skip
def test_answers(soql: str, records: list[dict[str, Any]]) -> None:
    found = [{k: v for k, v in record.items() if k != "attributes"} for record in ORG._evaluator.run(soql).records]

    assert found == records


@pytest.mark.parametrize(
    ("soql", "code", "words"),
    [
        ("SELECT SUM(Betrag) FROM Opportunity", "INVALID_FIELD", "No such column 'Betrag' on entity 'Opportunity'"),
        ("SELECT COUNT() FROM Opportunities", "INVALID_TYPE", "sObject type 'Opportunities' is not supported"),
        (
            "SELECT Id FROM Opportunity WHERE IsWon = true OR Amount > 1 AND Amount < 5",
            "MALFORMED_QUERY",
            "unexpected token: 'AND'",
        ),
        ("SELECT COUNT(), Id FROM Opportunity", "MALFORMED_QUERY", "COUNT() must be the only"),
        ("SELECT StageName, COUNT(Id) FROM Opportunity", "MALFORMED_QUERY", "must be grouped or aggregated"),
        ("SELECT COUNT(Id) FROM Opportunity LIMIT 5", "MALFORMED_QUERY", "LIMIT"),
        ("SELECT SUM(StageName) FROM Opportunity", "MALFORMED_QUERY", "does not support aggregate operator SUM"),
        ("SELECT COUNT(Id) FROM Opportunity WHERE CloseDate > '2026-01-01'", "INVALID_FIELD", "must be of type date"),
        (
            "SELECT COUNT(Id) FROM Opportunity WHERE CreatedDate > 2026-01-01",
            "INVALID_FIELD",
            "must be of type dateTime",
        ),
        ("SELECT COUNT(Id) FROM Opportunity WHERE CloseDate = NEVER", "MALFORMED_QUERY", "NEVER"),
        ("SELECT CASE WHEN 1 THEN 2 END FROM Opportunity", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT COUNT(Id) FROM Opportunity; DROP TABLE Opportunity", "MALFORMED_QUERY", "';'"),
        ("SELECT COUNT(Id) FROM Opportunity WHERE Foo__r.Name = 'x'", "INVALID_FIELD", "relationship 'Foo__r'"),
        ("SELECT COUNT(Id)", "MALFORMED_QUERY", "ERROR at Row:1"),
    ],
)
def test_refusals(ask: Callable[..., requests.Response], soql: str, code: str, words: str) -> None:
    answer = ask(soql)

    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == code
    assert words in answer.json()[0]["message"]


def test_pages_of_records(ask: Any) -> None:
    page = ask("SELECT Id FROM Opportunity").json()
    seen = list(page["records"])
    while not page["done"]:
        headers = {"Authorization": f"Bearer {ask.token}"}
        page = requests.get(f"{ask.url}{page['nextRecordsUrl']}", headers=headers, timeout=5).json()
        seen += page["records"]

    assert len({record["Id"] for record in seen}) == len(seen) == page["totalSize"] == 20


def test_limits_of_composite(ask: Any) -> None:
    def composite(count: int) -> Any:
        url = "/services/data/v68.0/query/?q=SELECT+COUNT()+FROM+Account"
        body = {"compositeRequest": [{"method": "GET", "url": url, "referenceId": f"r{n}"} for n in range(count)]}
        headers = {"Authorization": f"Bearer {ask.token}"}
        return requests.post(f"{ask.url}/services/data/v68.0/composite", json=body, headers=headers, timeout=5).json()

    assert [part["body"]["totalSize"] for part in composite(5)["compositeResponse"]] == [2] * 5
    assert composite(6)["compositeResponse"][0]["body"][0]["errorCode"] == "LIMIT_EXCEEDED"


def test_retired_versions_and_used_up_limits(ask: Any) -> None:
    assert ask("SELECT COUNT() FROM Account", version="30.0").status_code == 410
    assert ask("SELECT COUNT() FROM Account").headers["Sforce-Limit-Info"].startswith("api-usage=")


comparisons = st.one_of(
    st.tuples(
        st.just("Amount"),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        st.sampled_from(["50.05", "100.1", "null"]),
    ),
    st.tuples(st.just("StageName"), st.sampled_from(["=", "!="]), st.sampled_from(["'won'", "'Lost'", "null"])),
    st.tuples(st.just("IsWon"), st.just("="), st.sampled_from(["true", "false"])),
    st.tuples(st.just("CloseDate"), st.sampled_from(["<", ">="]), st.sampled_from(["2026-10-10", "2026-12-01"])),
)
conditions = st.recursive(
    comparisons,
    lambda inner: st.tuples(st.sampled_from(["AND", "OR"]), inner, inner) | st.tuples(st.just("NOT"), inner),
    max_leaves=5,
)


def written(condition: Any) -> str:
    if condition[0] == "NOT":
        return f"(NOT {written(condition[1])})"
    if condition[0] in ("AND", "OR"):
        return f"({written(condition[1])} {condition[0]} {written(condition[2])})"
    return " ".join(condition)


def holds(condition: Any, row: dict[str, Any]) -> bool:
    if condition[0] == "NOT":
        return not holds(condition[1], row)
    if condition[0] == "AND":
        return holds(condition[1], row) and holds(condition[2], row)
    if condition[0] == "OR":
        return holds(condition[1], row) or holds(condition[2], row)
    name, op, text = condition
    found = row[name]
    wanted: Any = {"null": None, "true": True, "false": False}.get(text, text.strip("'").lower())
    if isinstance(found, str):
        found = found.lower()
    if isinstance(found, Decimal) and wanted is not None:
        wanted = Decimal(wanted)
    if op in ("=", "!="):
        return (found == wanted) == (op == "=")
    if found is None or wanted is None:
        return False
    return {"<": found < wanted, "<=": found <= wanted, ">": found > wanted, ">=": found >= wanted}[op]


@given(conditions)
def test_filters_agree_with_a_naive_reading(condition: Any) -> None:
    text = written(condition)
    if any(f"Amount {op} null" in text for op in ("<", "<=", ">", ">=")):
        return
    rows = [row for row in ROWS if holds(condition, row)]
    amounts = [row["Amount"] for row in rows if row["Amount"] is not None]

    assert scalar(f" WHERE {text}") == (len(rows), sum(amounts, Decimal(0)) if amounts else None)
