"""Headers that say by themselves what stands below them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SAID = {
    "id": ("okr reference", "okr id", "id", "reference"),
    "parent": ("parent okr", "parent okr reference", "parent id", "parent", "aligned to", "parent title"),
    "type": ("object type", "okr type", "type"),
    "title": ("title", "objective title", "okr title", "name"),
    "owner": ("owner", "owners", "owner email", "owner emails", "owner name", "owner names"),
    "check_in_owner": ("check in owner",),
    "teams": ("teams", "team"),
    "tags": ("tags", "tag"),
    "description": ("description",),
    "links": ("links", "link"),
    "level": ("level", "okr level"),
    "kind": ("kind", "goal type"),
    "cycle": ("time period", "period", "cycle"),
    "cycle_start": ("start date", "cycle start"),
    "cycle_end": ("end date", "due date", "cycle end"),
    "aim": ("target type", "metric type", "aim"),
    "unit": ("metric unit", "unit", "units"),
    "start": ("start", "start value", "metric start", "initial value"),
    "target": ("target", "target value", "metric target"),
    "current": ("current value", "current", "metric current", "value"),
    "date": ("last check in", "last check in date", "check in date", "date"),
    "weight": ("weight", "contribution"),
    "status": ("status",),
    "score": ("score",),
    "note": ("check in note", "last check in note", "note"),
    "by": ("check in owner", "by"),
}
"""What exports call a field, the clearest first."""
_NEEDED = ("title", "type")


def columns_of(headers: Iterable[str]) -> dict[str, str] | None:
    """From field to header, whatever their order and case; None where they do not tell the title and the type."""
    there = {re.sub(r"[^a-z0-9]+", " ", header.lower()).strip(): header for header in headers}
    found = {}
    for field, names in _SAID.items():
        header = next((there[name] for name in names if name in there), None)
        if header is not None:
            found[field] = header
    return found if all(field in found for field in _NEEDED) else None
