"""The columns of a SharePoint list: their internal names, and what their types make of a filter. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.errors import BadQuery, ConnectorError
from connectors.graph.queries import ListColumn
from mapping.day import Zone, day_of, start_of

_COMPARED = re.compile(r"fields/(\w+)\s+(?:eq|ne|lt|le|gt|ge)\s+('(?:[^']|'')*'|\S+)|'(?:[^']|'')*'")
_DAY = re.compile(r"'\d{4}-\d\d-\d\d'")
_INSTANT = re.compile(r"'\d{4}-\d\d-\d\dT[^']*'")
_TEXT_KINDS = ("text", "note", "choice")


@dataclass(frozen=True, kw_only=True)
class Column:
    name: str
    shown: str
    kind: str
    """The name of Graph's facet: number, text, dateTime ..., or dateOnly."""
    hidden: bool = False


def columns_of(items: Collection[Any]) -> list[Column]:
    """What is no description of a column is left out."""
    return [made for item in items if isinstance(item, dict) and (made := _column(item)) is not None]


def internal_name(wanted: str, columns: Collection[Column], asked: ListColumn, connection: str) -> str:
    """Of a column by its internal or its shown name. Raises BadQuery."""
    if any(column.name == wanted for column in columns):
        return wanted
    named = [column for column in columns if column.shown.lower() == wanted.lower()]
    named = [column for column in named if not column.hidden] or named
    if len(named) == 1:
        return named[0].name
    if named:
        fix = f"Write the internal name: {', '.join(column.name for column in named)}."
        raise BadQuery(f"several columns of list {asked.list} are shown as {wanted!r}", connection=connection, fix=fix)
    known = ", ".join(column.name for column in columns if not column.hidden)[:500]
    raise BadQuery(f"list {asked.list} has no column {wanted!r}", connection=connection, fix=f"Write one of: {known}.")


def names_people_see(columns: Collection[Column]) -> dict[str, str]:
    """The internal name of each shown one that means one column and is the internal name of none."""
    shown = Counter(column.shown for column in columns)
    own = {column.name for column in columns}
    return {one.shown: one.name for one in columns if shown[one.shown] == 1 and one.shown not in own}


def misfit(asked: ListColumn, columns: Collection[Column], connection: str) -> ConnectorError | None:
    """What is wrong with the dates in a filter, by the types of the columns."""
    kinds = {column.name: column.kind for column in columns}
    for name, literal in _compared(asked.filter or ""):
        kind = kinds.get(name)
        if kind in ("dateTime", "dateOnly") and _DAY.fullmatch(literal):
            holds = "days, each written as the moment of midnight at the site" if kind == "dateOnly" else "instants"
            return BadQuery(
                f"fields/{name} contains {holds}, but the filter compares it with the day {literal}",
                connection=connection,
                fix="Write an instant: '{cycle.start}' or '{cycle.start:time}'.",
            )
        if kind in _TEXT_KINDS and _INSTANT.fullmatch(literal):
            return BadQuery(
                f"fields/{name} contains texts, but the filter compares it with the instant {literal}",
                connection=connection,
                fix="Write the day where the texts are days: '{cycle.start:date}'.",
            )
    return None


def compared_days(asked: ListColumn, columns: Collection[Column]) -> list[str]:
    """The columns of days that the filter compares."""
    days = {column.name for column in columns if column.kind == "dateOnly"}
    return sorted({name for name, _ in _compared(asked.filter or "")} & days)


def other_midnight(
    items: Collection[Any], names: Collection[str], zone: Zone, connection: str
) -> ConnectorError | None:
    """Where the site's days begin at another time than the workspace's."""
    for item in items:
        found = item.get("fields") if isinstance(item, dict) else None
        fields: Mapping[str, Any] = found if isinstance(found, dict) else {}
        for name in names:
            try:
                at = datetime.fromisoformat(str(fields.get(name)))
                begins = start_of(day_of(at, zone), zone)
            except (ValueError, TypeError, OverflowError):
                continue
            if at.tzinfo is not None and at != begins:
                return BadQuery(
                    f"fields/{name} contains days that begin at {at.astimezone(zone):%H:%M} of {zone.key}: "
                    "the site is in another time zone than this workspace",
                    connection=connection,
                    fix="Set the same time zone in okrsync.yaml (time_zone) and in the Regional settings of the site.",
                )
    return None


def _compared(text: str) -> Iterator[tuple[str, str]]:
    return ((match[1], match[2]) for match in _COMPARED.finditer(text) if match[1])


def _column(item: Mapping[str, Any]) -> Column | None:
    name = item.get("name")
    if not isinstance(name, str):
        return None
    facets = ("dateTime", "number", "currency", "text", "note", "choice", "boolean", "calculated")
    kind = next((facet for facet in facets if isinstance(item.get(facet), dict)), "")
    if kind == "dateTime" and item["dateTime"].get("format") == "dateOnly":
        kind = "dateOnly"
    shown = item.get("displayName")
    return Column(
        name=name, shown=shown if isinstance(shown, str) else name, kind=kind, hidden=item.get("hidden") is True
    )
