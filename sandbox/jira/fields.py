"""The site's fields, as GET /field answers, and which of them a name means."""

from __future__ import annotations

import re
from typing import Any

from sandbox.data import Row

SYSTEM = {
    "summary": ("Summary", "string"), "status": ("Status", "status"), "issuetype": ("Issue Type", "issuetype"),
    "project": ("Project", "project"), "resolution": ("Resolution", "resolution"), "priority": ("Priority", "priority"),
    "created": ("Created", "datetime"), "updated": ("Updated", "datetime"), "resolutiondate": ("Resolved", "datetime"),
    "duedate": ("Due date", "date"), "labels": ("Labels", "array"), "components": ("Components", "array"),
    "fixVersions": ("Fix versions", "array"), "versions": ("Affects versions", "array"),
    "assignee": ("Assignee", "user"), "reporter": ("Reporter", "user"), "creator": ("Creator", "user"),
    "timespent": ("Time Spent", "number"), "timeoriginalestimate": ("Original estimate", "number"),
    "timeestimate": ("Remaining Estimate", "number"), "parent": ("Parent", "issuelink"),
}  # fmt: skip
STORY_POINTS = "customfield_10016"


class Fields:
    """`described` is what GET /field answers."""

    def __init__(self, given: list[Row], issues: list[Row]) -> None:
        self.described: list[dict[str, Any]] = given or [
            *(_field(key, name, kind, custom=False) for key, (name, kind) in SYSTEM.items()),
            *(_custom(key, value) for key, value in _custom_fields(issues).items()),
        ]

    def numeric_ids(self, name: str) -> list[str]:
        """The custom number fields that a JQL name means: by name, id or cf[N]."""
        number = re.fullmatch(r"cf\[(\d+)\]", name.lower())
        wanted = f"customfield_{number[1]}" if number else name.lower()
        return [
            field["id"]
            for field in self.described
            if field.get("custom")
            and field.get("schema", {}).get("type") == "number"
            and wanted in (field["id"].lower(), field["name"].lower())
        ]


def _custom_fields(issues: list[Row]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for issue in issues:
        for key, value in issue["fields"].items():
            if key.startswith("customfield_") and value is not None:
                found.setdefault(key, value)
    return found


def _custom(key: str, value: Any) -> dict[str, Any]:
    is_number = not isinstance(value, str | bool | list | dict)
    name = "Story Points" if key == STORY_POINTS else f"Field {key.removeprefix('customfield_')}"
    return _field(key, name, "number" if is_number else "string", custom=True)


def _field(key: str, name: str, kind: str, *, custom: bool) -> dict[str, Any]:
    return {
        "id": key,
        "key": key,
        "name": name,
        "custom": custom,
        "orderable": True,
        "navigable": True,
        "searchable": True,
        "clauseNames": [name] if custom else [key],
        "schema": {"type": kind},
    }
