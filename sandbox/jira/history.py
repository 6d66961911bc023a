"""What an issue's fields held when, from its changes: for WAS and CHANGED."""

from __future__ import annotations

from typing import Any

from sandbox.data import Row
from sandbox.jira.changes import histories
from sandbox.jira.dates import milliseconds

FIELDS = {
    "status": "status", "assignee": "assignee", "reporter": "reporter", "resolution": "resolution",
    "priority": "priority", "fixVersions": "fixversion", "Fix Version": "fixversion",
}  # fmt: skip
"""The fields that Jira keeps searchable histories of: their JQL names by the id or name that a change has."""
REST = {"fixversion": "fixVersions"}
START = -(2**53)

Change = tuple[str, int, str, str, Any, Any, Any, Any]
"""Field, time, author's id and name, from id and name, to id and name."""
Held = tuple[str, Any, Any, int, int | None, str, str]
"""Field, id and name of the value (None for none), from when and until when, and who set it."""


def spans(issue: Row) -> tuple[list[Change], list[Held]]:
    changes = sorted((one for history in histories(issue) for one in _changes(history)), key=lambda one: one[1])
    born = issue["fields"].get("created")
    start = milliseconds(born) if isinstance(born, str) else START
    held: list[Held] = []
    for field in dict.fromkeys(FIELDS.values()):
        own = [change for change in changes if change[0] == field]
        values = _values(issue["fields"].get(REST.get(field, field)))
        held += _many(field, own, values, start) if field == "fixversion" else _one(field, own, values, start)
    return changes, held


def _changes(history: Row) -> list[Change]:
    author = history.get("author") or {}
    who = (str(author.get("accountId") or author.get("key") or ""), str(author.get("displayName", "")))
    at = history["created"]
    at = at if isinstance(at, int) else milliseconds(at)
    return [
        (FIELDS[name], at, *who, item.get("from"), item.get("fromString"), item.get("to"), item.get("toString"))
        for item in history["items"]
        if (name := item.get("fieldId") or item.get("field")) in FIELDS
    ]


def _one(field: str, changes: list[Change], values: list[tuple[Any, Any]], start: int) -> list[Held]:
    if not changes:
        return [(field, *(values[0] if values else (None, None)), start, None, "", "")]
    found: list[Held] = [(field, changes[0][4], changes[0][5], start, changes[0][1], "", "")]
    for change, following in zip(changes, [*changes[1:], None], strict=True):
        found.append((field, change[6], change[7], change[1], following[1] if following else None, *change[2:4]))
    return found


def _many(field: str, changes: list[Change], values: list[tuple[Any, Any]], start: int) -> list[Held]:
    """Each change puts one value in or takes one out."""
    open_since: dict[str, tuple[Any, Any, int, str, str]] = {}
    found: list[Held] = []
    for _, at, author, name, from_id, from_name, to_id, to_name in changes:
        if from_id is not None:
            since = open_since.pop(from_id, (from_id, from_name, start, "", ""))
            found.append((field, *since[:3], at, *since[3:]))
        if to_id is not None:
            open_since[to_id] = (to_id, to_name, at, author, name)
    for ident, name in values:
        if ident not in open_since:
            found.append((field, ident, name, start, None, "", ""))
    return [*found, *((field, *one[:3], None, *one[3:]) for one in open_since.values())]


def _values(value: Any) -> list[tuple[Any, Any]]:
    rows = value if isinstance(value, list) else [value] if isinstance(value, dict) else []
    return [(row.get("id") or row.get("accountId"), row.get("name") or row.get("displayName")) for row in rows]
