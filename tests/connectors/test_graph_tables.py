"""Several columns of one table: read together, and one by one where the table is not told as a whole."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import NotFound
from mapping.reading import Reading
from mapping.units import PERCENT
from sandbox.graph import GraphTenant
from sandbox.server import Server
from tests.connectors.test_graph_queries import ask, connect, excel, fake_time, graph, server, table

__all__ = ["fake_time", "graph", "server"]

THREE = [table("Amount", "sum"), table("share", "avg"), table("Note", "count")]


def asked_of_tables(server: Server) -> list[str]:
    """The last part of each request to a table, alone or in a batch."""
    urls = [call.path for call in server.calls]
    for call in server.calls:
        if call.path.endswith("/$batch"):
            urls += [part["url"] for part in json.loads(call.body)["requests"]]
    return sorted(url.partition("/tables/Sales/")[2].partition("?")[0] for url in urls if "/tables/" in url)


def values(found: list[Any]) -> list[tuple[Decimal | None, Any, int | None]]:
    assert all(isinstance(one, Reading) for one in found), found
    return [(one.value, one.unit, one.evidence.rows) for one in found]


def test_three_columns_are_one_body_and_its_headers(server: Server) -> None:
    together = ask(connect(server), *THREE, table("Amount", "last"))
    cost = asked_of_tables(server)
    alone = [one for form in [*THREE, table("Amount", "last")] for one in ask(connect(server), form)]

    assert cost == ["dataBodyRange", "headerRowRange"]
    assert values(together) == values(alone)
    assert together[1].unit == PERCENT
    assert [one.value for one in together] == [Decimal("19.5"), Decimal("0.5"), 4, 7]


def test_two_columns_are_asked_by_their_names(server: Server) -> None:
    ask(connect(server), *THREE[:2], table("Amount", "last"))

    assert asked_of_tables(server) == ["columns/Amount/dataBodyRange", "columns/share/dataBodyRange"]


def test_a_column_that_is_not_there_costs_its_own_query(server: Server) -> None:
    *found, wrong = ask(connect(server), *THREE, table("Cost", "sum"))

    assert len(values(found)) == 3
    assert isinstance(wrong, NotFound)
    assert "has no column 'Cost'" in wrong.message
    assert wrong.fix == "Write one of: Amount, Share, Note."


@pytest.mark.parametrize("part", ["headerRowRange", "Sales/dataBodyRange"])
@pytest.mark.parametrize("status", [400, 404, 413])
def test_a_table_that_is_not_told_as_a_whole_is_asked_column_by_column(
    server: Server, graph: GraphTenant, part: str, status: int
) -> None:
    graph.item_faults.append((part, status, {}))

    found = ask(connect(server), *THREE, excel("KPIs!B4"))

    assert [one.value for one in found] == [Decimal("19.5"), Decimal("0.5"), 4, Decimal("157.25")]
    assert sum(one.startswith("columns/") for one in asked_of_tables(server)) == 3


@pytest.mark.parametrize("part", ["headerRowRange", "Sales/dataBodyRange"])
def test_a_table_that_the_api_refuses_is_read_from_the_file(server: Server, graph: GraphTenant, part: str) -> None:
    graph.item_faults.append((part, 403, {}))

    found = ask(connect(server), *THREE, excel("KPIs!B4"))

    assert [one.value for one in found] == [Decimal("19.5"), Decimal("0.5"), 4, Decimal("157.25")]
    assert not any(one.startswith("columns/") for one in asked_of_tables(server))
