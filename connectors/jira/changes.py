"""The statuses that issues went through, from the history of their changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.errors import BadAnswer
from connectors.jira.values import instant


@dataclass(frozen=True, kw_only=True)
class Stay:
    """An issue's time in one status; `until` is None while it lasts. A history may lack the id or the name."""

    status: str
    name: str
    since: datetime
    until: datetime | None


def stays(fields: Mapping[str, Any], changes: Sequence[Mapping[str, Any]], connection: str) -> tuple[Stay, ...]:
    """All of them, from the issue's creation on. There is no change into the first one: the first change tells what it
    was, and where there is none it is still today's. Raises BadAnswer."""
    created = instant(fields.get("created"), connection)
    if created is None:
        raise BadAnswer("Jira sent an issue without its creation time", connection=connection)
    moves = sorted((move for change in changes for move in _moves(change, connection)), key=lambda move: move[0])
    if not moves:
        now = fields.get("status")
        return (Stay(**_status(now, "id", "name"), since=created, until=None),)
    first = Stay(**_status(moves[0][1], "from", "fromString"), since=created, until=moves[0][0])
    ends = [at for at, _ in moves[1:]] + [None]
    return (
        first,
        *(
            Stay(**_status(item, "to", "toString"), since=at, until=end)
            for (at, item), end in zip(moves, ends, strict=True)
        ),
    )


def _moves(change: Mapping[str, Any], connection: str) -> list[tuple[datetime, Mapping[str, Any]]]:
    items = change.get("items")
    if not isinstance(items, list):
        raise BadAnswer("Jira sent a change without its items", connection=connection)
    moved = [item for item in items if _is_status(item)]
    at = instant(change.get("created"), connection) if moved else None
    if moved and at is None:
        raise BadAnswer("Jira sent a change without its time", connection=connection)
    return [(at, item) for item in moved if at is not None]


def _is_status(item: Any) -> bool:
    # Data Center names the field, not its id.
    return isinstance(item, dict) and "status" in (item.get("fieldId"), item.get("field"))


def _status(row: Any, ident: str, name: str) -> dict[str, str]:
    row = row if isinstance(row, dict) else {}
    return {"status": _text(row.get(ident)), "name": _text(row.get(name))}


def _text(value: Any) -> str:
    return "" if value is None else str(value)
