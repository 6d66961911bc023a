"""SharePoint lists: items with paging and filters, and columns."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.data import Row, SharePointList
from sandbox.graph.errors import Refused, bad_request, not_found
from sandbox.graph.filters import compiled
from sandbox.server import Request

VERSION = "_version"
BUILT_IN = ("id", "Created", "Modified", "Title")
_EXPAND = re.compile(r"fields(?:\(\s*\$?select=([^)]*)\))?", re.IGNORECASE)


def items(found: SharePointList, request: Request) -> list[Row]:
    """All items that the request asks for, shaped as it asks. Raises Refused."""
    if "$count" in request.query:
        raise bad_request("$count is not supported on this API. Only URLs returned by the API can be used to page.")
    rows = [{"id": str(row.get("id", n)), **_told(row, found)} for n, row in enumerate(found.items, 1)]
    if "$filter" in request.query:
        test, used = compiled(request.query["$filter"])
        _check_filterable(found, used, request)
        rows = [row for row in rows if test(row)]
    if "$orderby" in request.query:
        raise bad_request("The $orderby is not supported for this collection.")
    selected = _selected(found, request.query.get("$expand"))
    return [_shown(index, row, selected) for index, row in enumerate(rows, 1)]


def matching(rows: list[Row], text: str | None) -> list[Row]:
    """The rows that an OData filter on their own properties leaves."""
    if text is None:
        return rows
    test, _ = compiled(text)
    return [row for row in rows if test(row)]


def columns(found: SharePointList) -> list[Row]:
    return [
        {
            "name": name,
            "displayName": found.shown.get(name, name),
            "indexed": name in found.indexed,
            **({"dateTime": {"format": kind}} if kind in ("dateOnly", "dateTime") else {kind: {}}),
        }
        for name, kind in {**found.columns, "Created": "dateTime", "Modified": "dateTime"}.items()
    ]


def _told(row: Row, found: SharePointList) -> Row:
    days = {name for name, kind in found.columns.items() if kind == "dateOnly" and row.get(name)}
    return {name: _midnight(value, found.zone) if name in days else value for name, value in row.items()}


def _midnight(day: str, zone: str) -> str:
    """A day as SharePoint tells it: the instant of the site's midnight."""
    at = datetime.combine(date.fromisoformat(day), time.min, ZoneInfo(zone)).astimezone(UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _check_filterable(found: SharePointList, used: frozenset[str], request: Request) -> None:
    lenient = "HonorNonIndexedQueriesWarningMayFailRandomly" in request.headers.get("prefer", "")
    for name in sorted(used):
        if name not in found.columns and name not in BUILT_IN:
            raise bad_request(f"Field '{name}' is not recognized")
        if name not in found.indexed and name != "id" and not lenient:
            raise bad_request(
                f"Field '{name}' cannot be referenced in filter or orderby as it is not indexed. Provide the 'Prefer: "
                "HonorNonIndexedQueriesWarningMayFailRandomly' header to allow this, but be warned that such queries "
                "may fail on large lists."
            )


def _selected(found: SharePointList, expand: str | None) -> set[str] | None:
    """The fields to show; None for no fields at all."""
    if expand is None:
        return None
    match = _EXPAND.fullmatch(expand)
    if not match:
        raise bad_request("Parsing OData Select and Expand failed.")
    everything = {*found.columns, *BUILT_IN}
    if match[1] is None:
        return everything
    names = {name.strip() for name in match[1].split(",")}
    unknown = names - everything
    if unknown:
        raise bad_request(f"Field '{sorted(unknown)[0]}' is not recognized")
    return names


def etag_of(row: Row, ident: str) -> str:
    return f'"{ident},{row.get(VERSION, 1)}"'


def item(found: SharePointList, ident: str, request: Request) -> Row:
    """One item. Raises Refused."""
    for n, row in enumerate(found.items, 1):
        if str(row.get("id", n)) == ident:
            return _shown(n, {"id": ident, **_told(row, found)}, _selected(found, request.query.get("$expand")))
    raise not_found("The specified item was not found.")


def write(found: SharePointList, ident: str, request: Request) -> Row:
    """As PATCH .../fields does. Raises Refused."""
    for n, row in enumerate(found.items, 1):
        if str(row.get("id", n)) != ident:
            continue
        wanted = request.headers.get("if-match")
        if wanted is not None and wanted != etag_of(row, ident):
            raise Refused(412, "notAllowed", "ETag mismatch. Resource has been modified")
        given = request.json()
        for name, value in given.items():
            kind = found.columns.get(name)
            if kind is None:
                raise bad_request(f"Field '{name}' is not recognized")
            if kind in ("number", "currency") and not isinstance(value, int | float):
                raise bad_request(f"Invalid value for field '{name}'")
        change(row, given)
        return {"@odata.etag": etag_of(row, ident), **given}
    raise not_found("The specified item was not found.")


def change(row: Row, given: Row) -> None:
    """Each change makes a new version of the whole item."""
    row.update({name: Decimal(str(value)) if isinstance(value, float) else value for name, value in given.items()})
    row[VERSION] = row.get(VERSION, 1) + 1


def _shown(index: int, row: Row, selected: set[str] | None) -> Row:
    ident = str(row.get("id", index))
    created = row.get("Created")
    shown: dict[str, Any] = {"@odata.etag": etag_of(row, ident), "id": ident}
    if created:
        shown["createdDateTime"] = created
    if selected is not None:
        shown["fields"] = {name: value for name, value in row.items() if name in selected and value is not None}
    return shown
