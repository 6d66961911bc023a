"""A SharePoint list: which request it needs, and the number that its items make. Lists have no count of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from connectors.errors import BadAnswer
from connectors.graph.client import Get
from connectors.graph.spec import ListColumn

PERMISSION = "Sites.Read.All"
ITEMS_A_PAGE = 1000


def items_request(asked: ListColumn) -> Get:
    path = f"/sites/{quote(asked.site, safe=',')}/lists/{quote(asked.list, safe='')}/items"
    columns = ",".join(column for column in (asked.sum, asked.latest, asked.by if asked.latest else None) if column)
    options = f"$top={ITEMS_A_PAGE}"
    options += f"&$expand=fields($select={quote(columns, safe=',')})" if columns else "&$select=id"
    if asked.filter:
        options += f"&$filter={quote(asked.filter, safe='')}"
    return Get(f"{path}?{options}", PERMISSION)


def number_of(asked: ListColumn, items: Iterable[Mapping[str, Any]], connection: str) -> tuple[Decimal | None, int]:
    """The number, None where no item has one, and how many items stand behind it. Raises BadAnswer."""
    by_id = {str(item.get("id")): item for item in items}
    if asked.count:
        return Decimal(len(by_id)), len(by_id)
    fields = [_fields(item, connection) for item in by_id.values()]
    if asked.sum:
        values = [number for row in fields if (number := _number(row, asked.sum, connection)) is not None]
        return (sum(values, Decimal(0)) if values else None), len(values)
    dated = [row for row in fields if row.get(asked.by)]
    if not dated:
        return None, 0
    newest = max(dated, key=lambda row: str(row[asked.by]))
    return _number(newest, asked.latest or "", connection), 1


def _fields(item: Mapping[str, Any], connection: str) -> Mapping[str, Any]:
    fields = item.get("fields")
    if not isinstance(fields, dict):
        raise BadAnswer("Graph answered list items without their fields", connection=connection)
    return fields


def _number(row: Mapping[str, Any], column: str, connection: str) -> Decimal | None:
    """An empty field is absent."""
    value = row.get(column)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise BadAnswer(
            f"the column {column} holds {str(value)[:60]!r} where a number belongs",
            connection=connection,
            fix="Name a number column by its internal name.",
        )
    return Decimal(value)
