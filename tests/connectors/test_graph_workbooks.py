"""How workbooks are read: few requests, one at a time, and the file where the API refuses."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from connectors.errors import AccessDenied, BadAnswer
from connectors.graph.schedule import BATCH, Request, schedule
from connectors.graph.spec import SPEC
from mapping.reading import Reading
from mapping.units import DURATION, PERCENT
from sandbox.graph import GraphTenant
from sandbox.server import Server
from tests.connectors.test_graph_queries import (
    BOOK,
    OTHER,
    ask,
    connect,
    excel,
    fake_time,
    graph,
    listed,
    server,
    table,
    usage,
)  # fmt: skip

__all__ = ["fake_time", "graph", "server"]


def test_near_cells_are_one_range_and_far_ones_are_not(server: Server) -> None:
    forms = [excel("KPIs!B4"), excel("kpis!$A$1"), excel("KPIs!ZZ4000"), excel("Other!A2")]

    found = ask(connect(server), *forms)

    assert [one.value for one in found] == [Decimal("157.25"), None, 4, Decimal("0.42")]
    asked = [
        step["url"]
        for call in server.calls
        if call.path.endswith("$batch")
        for step in json.loads(call.body)["requests"]
    ]
    ranges = [url.partition("range(")[2].partition(")")[0] for url in asked if "range(" in url]
    assert sorted(ranges) == ["address='A1:B4'", "address='A2'", "address='ZZ4000'"]


def test_one_request_at_a_time_for_a_workbook(server: Server, graph: GraphTenant) -> None:
    forms = [
        excel("KPIs!B4"),
        excel("Other!A1"),
        {"excel": {**BOOK, "name": "Visits"}},
        *(table("Amount", measure) for measure in ("sum", "avg")),
        table("Share", "avg"),
        {"excel": {**OTHER, "range": "S!A1"}},
        {"excel": {**OTHER, "range": "T!A1"}},
    ]

    found = ask(connect(server), *forms)

    assert all(isinstance(one, Reading) for one in found), found
    assert graph.collisions == 0
    assert sum(call.path.endswith("createSession") for call in server.calls) == 1


def test_a_chain_goes_on_after_one_that_fails(server: Server) -> None:
    forms = [excel("KPIs!B4"), excel("Nowhere!A1"), excel("Other!A1"), {"excel": {**BOOK, "name": "Visits"}}]

    found = ask(connect(server), *forms)

    assert [type(one).__name__ for one in found] == ["Reading", "NotFound", "Reading", "Reading"]


@pytest.mark.parametrize("way", ["auto", "download"])
def test_the_file_is_read_where_the_workbook_api_refuses(server: Server, graph: GraphTenant, way: str) -> None:
    graph.workbooks_refuse = 403
    forms = [excel("KPIs!B4"), {"excel": {**BOOK, "name": "visits"}}, table("Amount", "sum"), excel("Other!A2")]
    forms += [excel("KPIs!B5"), excel("KPIs!C9"), excel("KPIs!B6"), excel("KPIs!B7"), excel("Nowhere!A1")]

    found = ask(connect(server, excel_by=way), *forms)

    assert [getattr(one, "value", None) for one in found[:6]] == [
        Decimal("157.25"), Decimal("157.25"), Decimal("19.5"), Decimal("0.42"), 10800, None
    ]  # fmt: skip
    assert [one.unit for one in found[3:5]] == [PERCENT, DURATION]
    assert [type(one).__name__ for one in found[6:]] == ["BadAnswer", "BadAnswer", "NotFound"]
    assert "never calculated" in found[7].message
    assert "read from the file" in found[0].evidence.note
    assert sum("/download/" in call.path for call in server.calls) == 1


def test_without_the_fallback_the_refusal_stands(server: Server, graph: GraphTenant) -> None:
    graph.workbooks_refuse = 403

    (error,) = ask(connect(server, excel_by="workbook"), excel("KPIs!B4"))

    assert isinstance(error, AccessDenied)
    assert "Files.Read.All" in error.fix


def test_what_is_no_workbook_is_said(server: Server) -> None:
    server.faults.fail(path="/download/", status=200, body="<html>sorry")

    (error,) = ask(connect(server, excel_by="download"), excel("KPIs!B4"))

    assert isinstance(error, BadAnswer)
    assert "not an Excel workbook" in error.message


requests = st.builds(
    lambda number, book: Request(f"/{book}/{number}", "p", workbook=book),
    st.integers(0, 30),
    st.sampled_from(["", "", "w1", "w2", "w3"]),
)


@given(st.lists(requests, max_size=120))
def test_the_schedule_asks_all_once_and_never_two_of_a_workbook(asked: list[Request]) -> None:
    planned = schedule(asked)

    chained = [request for _, batches in planned.chains for batch in batches for request in batch]
    waved = [request for wave in planned.waves for batch in wave for request in batch]
    assert sorted(map(repr, chained + waved)) == sorted(map(repr, set(asked)))
    for wave in planned.waves:
        books = [request.workbook for batch in wave for request in batch if request.workbook]
        assert len(books) == len(set(books))
        assert all(len(batch) <= BATCH for batch in wave)
    assert not {request.workbook for request in chained} & {request.workbook for request in waved}
    free = len({request for request in asked if not request.workbook})
    if not planned.chains and len(planned.waves) == 1:
        assert planned.calls == -(-len(set(asked)) // BATCH)
    assert planned.calls <= -(-free // BATCH) + 2 + len(planned.chains) * 2 + len(chained) // BATCH


def test_calls_are_told_before_they_are_made(server: Server) -> None:
    forms = [
        listed(count=True, filter="fields/Status eq 'Open'"),
        usage("Office 365"),
        usage("Exchange"),
        *(table("Amount", "sum"), excel("KPIs!B4")),
    ]
    queries = [TypeAdapter(SPEC.queries).validate_python(form) for form in forms]

    connector = connect(server)
    told = connector.calls(queries)
    list(connector.read(queries))

    assert told == sum("/v1.0/" in call.path for call in server.calls) == 3
