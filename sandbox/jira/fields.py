"""The site's fields, as GET /field answers, and which of them a name means."""

from __future__ import annotations

import re
from typing import Any

from sandbox.data import Row
from sandbox.jira.rows import EPIC_LINK, date_type

SYSTEM = {
    "summary": ("Summary", "string"), "status": ("Status", "status"), "issuetype": ("Issue Type", "issuetype"),
    "project": ("Project", "project"), "resolution": ("Resolution", "resolution"), "priority": ("Priority", "priority"),
    "created": ("Created", "datetime"), "updated": ("Updated", "datetime"), "resolutiondate": ("Resolved", "datetime"),
    "duedate": ("Due date", "date"), "labels": ("Labels", "array"), "components": ("Components", "array"),
    "fixVersions": ("Fix versions", "array"), "versions": ("Affects versions", "array"),
    "assignee": ("Assignee", "user"), "reporter": ("Reporter", "user"), "creator": ("Creator", "user"),
    "timespent": ("Time Spent", "number"), "timeoriginalestimate": ("Original estimate", "number"),
    "timeestimate": ("Remaining Estimate", "number"), "parent": ("Parent", "issuelink"),
    "statuscategorychangedate": ("Status Category Changed", "datetime"), "votes": ("Votes", "votes"),
    "progress": ("Progress", "progress"), "workratio": ("Work Ratio", "number"), "worklog": ("Log Work", "array"),
    "description": ("Description", "string"), "comment": ("Comment", "comments-page"),
}  # fmt: skip
ITEMS = {
    "labels": "string", "components": "component", "fixVersions": "version", "versions": "version",
    "worklog": "worklog",
}  # fmt: skip
STORY_POINTS = "customfield_10016"
NAMES = {STORY_POINTS: "Story Points", EPIC_LINK: "Epic Link"}
CLAUSES = {
    "duedate": ["due", "duedate"], "resolutiondate": ["resolutiondate", "resolved"],
    "created": ["created", "createdDate"], "updated": ["updated", "updatedDate"], "fixVersions": ["fixVersion"],
    "versions": ["affectedVersion"], "components": ["component"], "issuetype": ["issuetype", "type"],
    "timeoriginalestimate": ["originalEstimate", "timeoriginalestimate"],
    "timeestimate": ["remainingEstimate", "timeestimate"],
}  # fmt: skip


class Fields:
    """`described` is what GET /field answers."""

    def __init__(self, given: list[Row], issues: list[Row]) -> None:
        self.described: list[dict[str, Any]] = given or [
            *(_field(key, name, kind, custom=False) for key, (name, kind) in SYSTEM.items()),
            *(_custom(key, value) for key, value in _custom_fields(issues).items()),
        ]

    def ids(self, name: str, kind: str | None = None) -> list[str]:
        """The custom fields that a JQL name means, by name, id or cf[N], of one type if it is given."""
        number = re.fullmatch(r"cf\[(\d+)\]", name.lower())
        wanted = f"customfield_{number[1]}" if number else name.lower()
        return [
            field["id"]
            for field in self.described
            if field.get("custom")
            and kind in (None, field.get("schema", {}).get("type"))
            and wanted in (field["id"].lower(), field["name"].lower())
        ]

    def date_type(self, name: str) -> str | None:
        """date or datetime, if the name means a custom field of that type."""
        return next((kind for kind in ("date", "datetime") if self.ids(name, kind)), None)


def _custom_fields(issues: list[Row]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for issue in issues:
        for key, value in issue["fields"].items():
            if key.startswith("customfield_") and value is not None:
                found.setdefault(key, value)
    return found


def _custom(key: str, value: Any) -> dict[str, Any]:
    return _field(key, NAMES.get(key, f"Field {key.removeprefix('customfield_')}"), _type(value), custom=True)


def _type(value: Any) -> str:
    if isinstance(value, dict) and "completedCycles" in value:
        return "sd-servicelevelagreement"
    if isinstance(value, dict) and "rating" in value:
        return "sd-feedback"
    if kind := date_type(value):
        return kind
    return "string" if isinstance(value, str | bool | list | dict) else "number"


def _field(key: str, name: str, kind: str, *, custom: bool) -> dict[str, Any]:
    return {
        "id": key,
        "key": key,
        "name": name,
        "custom": custom,
        "orderable": True,
        "navigable": True,
        "searchable": True,
        "clauseNames": [f"cf[{key.removeprefix('customfield_')}]", name] if custom else CLAUSES.get(key, [key]),
        "schema": {"type": kind, **({"items": ITEMS[key]} if key in ITEMS else {})},
    }
