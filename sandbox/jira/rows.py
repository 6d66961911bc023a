"""What of an issue goes into which column of the tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sandbox.data import Row
from sandbox.jira.dates import milliseconds

_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d.*)?")
SINGLE = {
    "project": ("project_key", "project_name", "project_id"),
    "status": ("status", "status_id"),
    "statuscategory": ("category", "category_key"),
    "resolution": ("resolution", "resolution_id"),
    "priority": ("priority", "priority_id"),
    "issuetype": ("issuetype", "issuetype_id"),
    "assignee": ("assignee", "assignee_id"),
    "reporter": ("reporter", "reporter_id"),
    "creator": ("creator", "creator_id"),
    "key": ("key", "id"),
    "parent": ("parent", "parent_id"),
    "epic link": ("epic", "epic_id"),
}
"""Fields with one value: the columns that a value may match."""
TIMES = ("created", "updated", "resolutiondate", "statuscategorychangedate")
DAYS = ("duedate",)
MANY = {
    "labels": "labels",
    "component": "components",
    "fixversion": "fixVersions",
    "affectedversion": "versions",
    "sprint": "closedSprints",
    "worklogauthor": "worklog",
}
"""Fields with many values, by JQL name: the field in the REST answer."""
NUMBERS = ("timespent", "timeoriginalestimate", "timeestimate", "votes", "watchers", "workratio")
TEXTS = ("summary", "description", "environment", "comment")
EPIC_LINK = "customfield_10014"


def own(index: int, issue: Row) -> dict[str, Any]:
    """The columns of the issue's own row."""
    fields = issue["fields"]
    status = fields.get("status") or {}
    category = status.get("statusCategory") or {}
    parent = fields.get("parent") or {}
    epic = fields.get("epic") or {}
    project = fields.get("project") or {}
    values: dict[str, Any] = {
        "position": index,
        "key": issue["key"],
        "id": str(issue["id"]),
        "category": category.get("name"),
        "category_key": category.get("key"),
        "parent": parent.get("key"),
        "parent_id": parent.get("id"),
        "epic": fields.get(EPIC_LINK) or epic.get("key"),
        "epic_id": str(epic["id"]) if epic.get("id") else None,
        "project_key": project.get("key") or re.sub(r"-\d+$", "", issue["key"]),
        "project_name": project.get("name"),
        "project_id": project.get("id"),
        "is_sub_task": bool((fields.get("issuetype") or {}).get("subtask")),
    }
    for name in ("status", "resolution", "priority", "issuetype"):
        values[name] = (fields.get(name) or {}).get("name")
        values[f"{name}_id"] = (fields.get(name) or {}).get("id")
    for name in ("assignee", "reporter", "creator"):
        values[name] = (fields.get(name) or {}).get("displayName")
        values[f"{name}_id"] = (fields.get(name) or {}).get("accountId")
    return values


def many(index: int, fields: Row) -> Iterator[tuple[int, str, str, str, str]]:
    """Position, field, name, id, and the state of a sprint or a version."""
    for field, name in MANY.items():
        values = fields.get(name) or []
        if field == "sprint" and fields.get("sprint"):
            values = [*values, fields["sprint"]]
        if field == "worklogauthor":
            values = [row.get("author") or {} for row in (fields.get("worklog") or {}).get("worklogs", [])]
        for value in values:
            if isinstance(value, dict):
                ident = str(value.get("id") or value.get("accountId") or "")
                yield index, field, value.get("name") or value.get("displayName", ""), ident, _state(field, value)
            else:
                yield index, field, str(value), "", ""


def _state(field: str, value: Row) -> str:
    if field == "sprint":
        return str(value.get("state", "closed")).lower()
    return "" if "version" not in field else "released" if value.get("released") else "unreleased"


def numbers(fields: Row) -> Iterator[tuple[str, float]]:
    for name, value in fields.items():
        if isinstance(value, dict) and name in ("votes", "watches"):
            yield ("watchers" if name == "watches" else name), float(value.get("votes") or value.get("watchCount") or 0)
        elif (name.startswith("customfield_") or name in NUMBERS) and not isinstance(
            value, str | bool | list | dict | None
        ):
            yield name, float(value)


def moments(fields: Row) -> Iterator[tuple[str, int]]:
    """Times and days, in milliseconds; days as midnight UTC."""
    for name, value in fields.items():
        is_date = name in TIMES + DAYS or (name.startswith("customfield_") and date_type(value))
        if is_date and isinstance(value, str):
            yield name, milliseconds(value)
    for row in (fields.get("worklog") or {}).get("worklogs", []):
        yield "worklogdate", milliseconds(row["started"][:10])


def date_type(value: Any) -> str | None:
    """date or datetime, by the look of a value."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        return "datetime" if "T" in value else "date"
    return None


def texts(fields: Row) -> tuple[str, ...]:
    comments = (fields.get("comment") or {}).get("comments", [])
    spoken = {**fields, "comment": " \n".join(str(_plain(one.get("body"))) for one in comments)}
    return tuple(_plain(spoken.get(name)) for name in TEXTS)


def slas(fields: Row) -> Iterator[tuple[str, str]]:
    """What a service desk's functions say of each SLA field: completed, running, paused, breached, everbreached."""
    for name, value in fields.items():
        if not isinstance(value, dict) or "completedCycles" not in value:
            continue
        done, going = value["completedCycles"], value.get("ongoingCycle")
        if done and not going:
            yield name, "completed"
        if going:
            yield name, "paused" if going.get("paused") else "running"
        cycles = [*done, *([going] if going else [])]
        if any(cycle.get("breached") for cycle in cycles):
            yield name, "everbreached"
        if cycles and cycles[-1].get("breached"):
            yield name, "breached"


def _plain(value: Any) -> str:
    """The words of a text, or of an Atlassian document."""
    if isinstance(value, dict):
        return f"{value.get('text', '')} {' '.join(map(_plain, value.get('content', [])))}"
    return "" if value is None else str(value)
