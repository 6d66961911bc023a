"""A value out of a report's result. Pure: what Salesforce answered in, a number out.

Source: Reports and Dashboards REST API Developer Guide, "Decode the Fact Map".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.errors import BadAnswer, BadQuery, NotFound
from connectors.salesforce.queries import Report
from mapping.units import Unit, money

GRAND_TOTAL = "T"
CUT = "The report's detail rows are cut at 2,000 (allData is false); its totals are over all rows."


@dataclass(frozen=True, kw_only=True)
class Summary:
    value: Decimal | None
    unit: Unit | None
    rows: int | None
    note: str | None


def path(query: Report) -> str:
    return f"analytics/reports/{query.report}"


def changed_metadata(query: Report) -> dict[str, Any] | None:
    """What is sent to run the report with other filters, this once; None where it runs as it is."""
    if not query.filters:
        return None
    filters = [{"column": one.column, "operator": one.operator, "value": one.value} for one in query.filters]
    return {"reportMetadata": {"reportFilters": filters}}


def check_aggregate(query: Report, description: Any, connection: str) -> None:
    """Raises BadQuery where the report has no such aggregate."""
    _index(query, _metadata(description, connection), connection)


def summary(query: Report, body: Any, connection: str) -> Summary:
    """Raises BadAnswer, BadQuery, NotFound."""
    metadata = _metadata(body, connection)
    if str(metadata.get("reportFormat")) == "MULTI_BLOCK":
        raise BadQuery(
            "a joined report has no one total", connection=connection, fix="Name a report that isn't joined."
        )
    index = _index(query, metadata, connection)
    row = _group_key(query, body, connection) if query.group else GRAND_TOTAL
    facts = body.get("factMap")
    if not isinstance(facts, dict):
        raise BadAnswer("Salesforce answered a report without its factMap", connection=connection)
    fact = facts.get(f"{row}!{GRAND_TOTAL}")
    if not isinstance(fact, dict):
        raise BadQuery(
            "the report shows no total there",
            connection=connection,
            fix="Switch on the report's grand totals and subtotals, or name another group.",
        )
    cells = fact.get("aggregates")
    if not isinstance(cells, list) or len(cells) <= index:
        raise BadAnswer("Salesforce answered a report without its aggregates", connection=connection)
    value, unit = _number(cells[index], query, connection)
    names = list(metadata["aggregates"])
    counted = names.index("RowCount") if "RowCount" in names else len(cells)
    rows = _number(cells[counted], query, connection)[0] if counted < len(cells) else None
    note = CUT if body.get("allData") is False else None
    return Summary(value=value, unit=unit, rows=None if rows is None else int(rows), note=note)


def _metadata(body: Any, connection: str) -> Mapping[str, Any]:
    found = body.get("reportMetadata") if isinstance(body, dict) else None
    if not isinstance(found, dict) or not isinstance(found.get("aggregates"), list):
        raise BadAnswer("Salesforce answered a report without its metadata", connection=connection)
    return found


def _index(query: Report, metadata: Mapping[str, Any], connection: str) -> int:
    names = [str(name) for name in metadata["aggregates"]]
    if query.aggregate in names:
        return names.index(query.aggregate)
    raise BadQuery(
        f"the report has no aggregate {query.aggregate!r}",
        connection=connection,
        fix=f"Write one of {', '.join(names)}." if names else "Summarize a column in the report.",
    )


def _group_key(query: Report, body: Mapping[str, Any], connection: str) -> str:
    groups = (body.get("groupingsDown") or {}).get("groupings") or []
    found: Mapping[str, Any] = {}
    for label in query.group:
        same = [one for one in groups if label in (one.get("label"), one.get("value"))]
        if not same:
            known = ", ".join(str(one.get("label")) for one in groups[:10])
            raise NotFound(
                f"the report has no group {label!r}",
                connection=connection,
                fix=f"Write one of: {known}." if known else "The report has no row groups: leave `group` out.",
            )
        if len(same) > 1:
            raise BadQuery(f"the report has several groups {label!r}", connection=connection, fix="Name the outer one.")
        found, groups = same[0], same[0].get("groupings") or []
    return str(found.get("key"))


def _number(cell: Any, query: Report, connection: str) -> tuple[Decimal | None, Unit | None]:
    """Money comes as `{amount, currency}` in orgs of several currencies. The label is written for people."""
    value = cell.get("value") if isinstance(cell, dict) else None
    unit = None
    if isinstance(value, dict) and "amount" in value:
        unit = money(str(value["currency"])) if value.get("currency") else None
        value = value["amount"]
    if value is None:
        return None, unit
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise BadQuery(f"{query.aggregate} is {str(value)[:60]!r}, which is no number", connection=connection)
    return Decimal(value), unit
