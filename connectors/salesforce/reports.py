"""A value out of a report's result. Pure: what Salesforce answered in, a number out.

Source: Reports and Dashboards REST API Developer Guide, "Decode the Fact Map".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.errors import BadAnswer, BadQuery, NotFound
from connectors.salesforce.answers import count_of, number_of
from connectors.salesforce.queries import Report
from connectors.salesforce.units import PERCENT_POINTS, Told
from mapping.units import PERCENT, money

GRAND_TOTAL = "T"
NO_CURRENCY = "it is money, and the report does not name its currency"
NOT_DESCRIBED = "the report does not say of which type it is"
CUT = "The report's detail rows are cut at 2,000 (allData is false); its totals are over all rows."


@dataclass(frozen=True, kw_only=True)
class Summary:
    value: Decimal | None
    told: Told
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
            "a joined report has no single total", connection=connection, fix="Name a report that isn't joined."
        )
    index = _index(query, metadata, connection)
    row = _group_key(query, body, connection) if query.group else GRAND_TOTAL
    facts = body.get("factMap")
    if not isinstance(facts, dict):
        raise BadAnswer("Salesforce sent a report without its factMap", connection=connection)
    fact = facts.get(f"{row}!{GRAND_TOTAL}")
    if not isinstance(fact, dict):
        raise BadQuery(
            "the report shows no total there",
            connection=connection,
            fix="Switch on the report's grand totals and subtotals, or name another group.",
        )
    cells = fact.get("aggregates")
    if not isinstance(cells, list) or len(cells) <= index:
        raise BadAnswer("Salesforce sent a report without its aggregates", connection=connection)
    value, told = _value(cells[index], query, body, connection)
    names = metadata["aggregates"]
    counted = cells[names.index("RowCount")] if "RowCount" in names[: len(cells)] else None
    rows = count_of(counted.get("value"), connection) if isinstance(counted, dict) else None
    note = CUT if body.get("allData") is False else None
    return Summary(value=value, told=told, rows=rows, note=note)


def _metadata(body: Any, connection: str) -> Mapping[str, Any]:
    found: Any = body.get("reportMetadata") if isinstance(body, dict) else None
    metadata: Mapping[str, Any] = found if isinstance(found, dict) else {}
    names = metadata.get("aggregates")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadAnswer("Salesforce sent a report without its metadata", connection=connection)
    return metadata


def _index(query: Report, metadata: Mapping[str, Any], connection: str) -> int:
    names: list[str] = metadata["aggregates"]
    if query.aggregate in names:
        return names.index(query.aggregate)
    raise BadQuery(
        f"the report has no aggregate {query.aggregate!r}",
        connection=connection,
        fix=f"Write one of {', '.join(names)}." if names else "Summarize a column in the report.",
    )


def _group_key(query: Report, body: Mapping[str, Any], connection: str) -> str:
    groups = _groups(body.get("groupingsDown"), connection)
    found: Mapping[str, Any] = {}
    for label in query.group:
        same = [one for one in groups if label in (one.get("label"), one.get("value"))]
        if not same:
            known = ", ".join(str(one.get("label"))[:60] for one in groups[:10])
            raise NotFound(
                f"the report has no group {label!r}",
                connection=connection,
                fix=f"Write one of: {known}." if known else "The report has no row groups: leave `group` out.",
            )
        if len(same) > 1:
            raise BadQuery(f"the report has several groups {label!r}", connection=connection, fix="Name the outer one.")
        found, groups = same[0], _groups(same[0], connection)
    return str(found.get("key"))


def _groups(parent: Any, connection: str) -> list[Mapping[str, Any]]:
    groups = parent.get("groupings") if isinstance(parent, dict) else None
    if groups is None:
        return []
    if not isinstance(groups, list) or not all(isinstance(one, dict) for one in groups):
        raise BadAnswer("Salesforce sent a report whose groups have an unexpected format", connection=connection)
    return groups


def _value(cell: Any, query: Report, body: Mapping[str, Any], connection: str) -> tuple[Decimal | None, Told]:
    """The number, and what it is. Money comes as `{amount, currency}` in orgs of several currencies, and as a plain
    number otherwise. The label is written for people."""
    if not isinstance(cell, dict):
        raise BadAnswer("Salesforce sent a report without its aggregates", connection=connection)
    value: Any = cell.get("value")
    currency: Any = None
    if isinstance(value, dict):
        value, currency = value.get("amount"), value.get("currency")
    if isinstance(value, str):
        raise BadQuery(f"{query.aggregate} is {value[:60]!r}, which is not a number", connection=connection)
    told = _told(query, body, currency)
    return number_of(value, connection), told


def _told(query: Report, body: Mapping[str, Any], currency: Any) -> Told:
    extended: Any = body.get("reportExtendedMetadata")
    columns: Any = extended.get("aggregateColumnInfo") if isinstance(extended, dict) else None
    column: Any = columns.get(query.aggregate) if isinstance(columns, dict) else None
    kind: Any = column.get("dataType") if isinstance(column, dict) else None
    if kind == "percent":
        return Told(unit=PERCENT, factor=PERCENT_POINTS)
    if currency is not None or kind == "currency":
        named: Any = currency if currency is not None else _metadata(body, "").get("currency")
        known = re.fullmatch("[A-Z]{3}", named) if isinstance(named, str) else None
        return Told(unit=money(known[0])) if known else Told(untold=NO_CURRENCY)
    if not isinstance(kind, str) and query.aggregate != "RowCount":
        return Told(untold=NOT_DESCRIBED)
    return Told()
