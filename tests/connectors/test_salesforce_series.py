"""Questions that differ in one day alone are one SELECT by day, and give what each would have given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.salesforce.plan import plan_of
from connectors.salesforce.queries import Structured
from connectors.salesforce.series import family_of
from connectors.salesforce.soql import parse_select
from mapping.quantity import CONTEXT
from mapping.reading import Reading
from sandbox.data import Data
from sandbox.salesforce import SalesforceOrg
from sandbox.server import Server
from tests.connectors.test_salesforce_queries import ask, connect, data_calls, fake_time, sent

__all__ = ["fake_time"]
ENDS = ["2026-07-31", "2026-08-31", "2026-09-30", "2026-10-31", "2026-11-30"]
ROWS = [
    {"Id": str(n), "Amount": Decimal(n) / 4 if n % 5 else None, "CloseDate": f"2026-{n % 12 + 1:02d}-{n % 28 + 1:02d}"}
    for n in range(60)
]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(SalesforceOrg(Data(salesforce={"Opportunity": ROWS}))) as running:
        yield running


def up_to(day: str, **aggregate: Any) -> dict[str, Any]:
    return {"object": "Opportunity", "where": f"CloseDate >= 2026-02-01 AND CloseDate <= {day}", **aggregate}


def truth(day: str, function: str) -> Any:
    rows = [row for row in ROWS if "2026-02-01" <= row["CloseDate"] <= day]
    amounts = [row["Amount"] for row in rows if row["Amount"] is not None]
    average = sum(amounts) / len(amounts)
    return {"count": len(rows), "sum": sum(amounts), "min": min(amounts), "max": max(amounts), "avg": average}[function]


def test_many_days_are_two_queries_in_one_call(server: Server) -> None:
    server.calls.clear()
    wanted = [(day, name) for day in ENDS for name in ("count", "sum", "min", "max", "avg")]
    forms = [up_to(day, **{name: True if name == "count" else "Amount"}) for day, name in wanted]

    found = ask(connect(server, currency="EUR"), *forms)

    digits = Decimal("1e-20")
    assert [round_to(reading.value, digits) for reading in found] == [round_to(truth(*one), digits) for one in wanted]
    assert len(sent(server)) == 2
    assert data_calls(server) == 1
    assert found[0].evidence.rows == truth(ENDS[0], "count")
    assert "GROUP BY closedate" in found[0].evidence.query
    assert found[0].evidence.note == "the days before 2026-08-01 of these queries"


def round_to(value: Any, digits: Decimal) -> Decimal:
    return Decimal(value).quantize(digits)


def test_a_backfill_of_692_days_is_one_call(server: Server) -> None:
    server.calls.clear()
    days = [date(2025, 1, 5) + timedelta(days=n) for n in range(692)]
    forms = [{"object": "Opportunity", "avg": "Amount", "where": f"CloseDate <= {day}"} for day in days]

    found = ask(connect(server, currency="EUR"), *forms)

    assert data_calls(server) == 1
    for day, one in zip(days, found, strict=True):
        amounts = [row["Amount"] for row in ROWS if row["CloseDate"] <= str(day) and row["Amount"] is not None]
        assert one.value == (CONTEXT.divide(sum(amounts), Decimal(len(amounts))) if amounts else None)


def test_no_grouped_query_spans_more_days_than_it_may_give_rows(server: Server) -> None:
    server.calls.clear()
    days = [date(2010, 1, 31) + timedelta(days=400 * n) for n in range(16)]

    found = ask(connect(server), *(up_to(str(day), count=True) for day in days))

    assert [one.value for one in found[:-1]] == [0] * 15
    grouped = [soql for soql in sent(server) if "GROUP BY" in soql]
    assert len(grouped) == 4
    assert data_calls(server) == 1


def test_days_far_apart_are_asked_for_themselves(server: Server) -> None:
    server.calls.clear()

    found = ask(connect(server), *(up_to(day, count=True) for day in ("0001-01-01", "2026-10-31", "9998-12-31")))

    assert [one.value for one in found] == [0, truth("2026-10-31", "count"), truth("9998-12-31", "count")]
    assert len(sent(server)) == 3


def test_what_does_not_add_up_is_asked_for_itself(server: Server) -> None:
    server.calls.clear()

    found = ask(connect(server), *(up_to(day, count_distinct="Amount") for day in ENDS))

    assert all(isinstance(one, Reading) for one in found)
    assert len(sent(server)) == len(ENDS)


def test_a_wrong_name_is_told_as_it_would_have_been(server: Server) -> None:
    found = ask(connect(server), *(up_to(day, sum="Betrag") for day in ENDS))

    assert {type(one).__name__ for one in found} == {"BadQuery"}


@pytest.mark.parametrize(
    ("where", "end"),
    [
        ("WHERE CloseDate <= 2026-10-31", date(2026, 11, 1)),
        ("WHERE A = 'x AND y' AND closedate<=2026-10-31", date(2026, 11, 1)),
        ("WHERE (A = 1 OR B = 2) AND CloseDate <= 2026-02-28", date(2026, 3, 1)),
        ("WHERE A = 'it\\'s OR' and CloseDate <= 2026-10-30", date(2026, 10, 31)),
        ("WHERE CloseDate < 2026-10-31", date(2026, 10, 31)),
        ("WHERE CreatedDate <= 2026-10-30T23:59:59Z", datetime(2026, 10, 31, tzinfo=UTC)),
        ("WHERE CreatedDate < 2026-10-31T00:00:00+09:00", datetime(2026, 10, 30, 15, tzinfo=UTC)),
        ("WHERE CreatedDate <= 2026-10-31T00:00:00", None),
        ("WHERE CreatedDate <= :day", None),
        ("WHERE CreatedDate <= 0001-01-01T00:00:00+14:00", None),
        ("WHERE NOT A = 1 AND CloseDate <= 2026-10-31", None),
        ("WHERE A = 1 OR CloseDate <= 2026-10-31", None),
        ("WHERE CloseDate <= 2026-10-31 WITH SECURITY_ENFORCED", None),
        ("WHERE CloseDate <= 2026-10-31 AND EndDate <= 2026-10-31", None),
        ("WHERE Id IN (SELECT Id FROM B WHERE CloseDate <= 2026-10-31)", None),
        ("WHERE CloseDate <= 2026-02-30", None),
        ("WHERE CloseDate <= 9999-12-31", None),
        ("", None),
    ],
)
def test_what_belongs_to_a_series(where: str, end: date | None) -> None:
    select = parse_select(f"SELECT SUM(Amount) FROM Opportunity {where}")

    assert select is not None
    assert (family_of(select) or (None, None))[1] == end


@given(st.lists(st.sampled_from([*ENDS, "2026-11-15"]), max_size=8), st.sampled_from(["sum", "avg", "count_distinct"]))
def test_every_question_is_planned_once(days: list[str], name: str) -> None:
    queries = list(dict.fromkeys(Structured.model_validate(up_to(day, **{name: "Amount"})) for day in days))

    plan = plan_of(queries)

    planned = [query for _, group in plan.merged for query in group]
    planned += [query for _, dated in plan.series for query, _ in dated]
    assert sorted(map(repr, planned)) == sorted(map(repr, queries))


def test_spaces_in_a_text_are_part_of_the_question() -> None:
    rows = [{"Id": str(n), "Name": name} for n, name in enumerate(("a b", "a  b", "a  b"))]
    forms = [
        "SELECT  COUNT(Id)  FROM Account WHERE Name = 'a  b'",
        "SELECT COUNT(Id) n FROM Account WHERE Name = 'a  b' GROUP BY Name",
        {"object": "Account", "count": True, "where": "Name  =  'a b'"},
    ]
    with Server(SalesforceOrg(Data(salesforce={"Account": rows}))) as server:
        found = ask(connect(server), *forms)

    assert [one.value for one in found] == [2, 2, 1]
    assert "'a  b'" in found[0].evidence.query
