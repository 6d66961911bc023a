"""The site's issues in SQLite: one row an issue, and side tables for fields with many values and for numbers."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from typing import Any

from sandbox.data import Row
from sandbox.jira.dates import milliseconds

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
}
"""Fields with one value: the columns that a value may match."""
DATES = ("created", "updated", "resolutiondate", "duedate")
MANY = {
    "labels": "labels",
    "component": "components",
    "fixversion": "fixVersions",
    "affectedversion": "versions",
    "sprint": "closedSprints",
}
"""Fields with many values, by JQL name: the field in the REST answer."""
NUMBERS = ("timespent", "timeoriginalestimate", "timeestimate")


class Tables:
    def __init__(self, issues: list[Row]) -> None:
        self.lock = threading.Lock()
        self.issues = issues
        self.position = {issue["key"]: index for index, issue in enumerate(issues)}
        self.db = sqlite3.connect(":memory:", check_same_thread=False)
        texts = [column for columns in SINGLE.values() for column in columns]
        columns = ", ".join(f'"{name}" TEXT COLLATE NOCASE' for name in [*texts, "summary"])
        dates = ", ".join(f"{name} INTEGER" for name in DATES)
        self.db.execute(f"CREATE TABLE issue (position INTEGER PRIMARY KEY, {columns}, {dates})")
        self.db.execute("CREATE TABLE many (position INTEGER, field TEXT, name TEXT COLLATE NOCASE, ident TEXT)")
        self.db.execute("CREATE TABLE number (position INTEGER, field TEXT, value REAL)")
        rows = [_row(index, issue, texts) for index, issue in enumerate(issues)]
        self.db.executemany(f"INSERT INTO issue VALUES ({', '.join('?' * (len(texts) + 6))})", rows)  # noqa: S608
        for index, issue in enumerate(issues):
            self._add_side_rows(index, issue["fields"])
        for column in ("project_key", "status", "category", "created", "resolutiondate"):
            self.db.execute(f"CREATE INDEX by_{column} ON issue ({column})")
        self.db.execute("CREATE INDEX many_by_name ON many (field, name, position)")
        self.db.execute("CREATE INDEX many_by_position ON many (position, field)")
        self.db.execute("CREATE INDEX number_by_field ON number (field, position)")

    def known(self, field: str) -> set[str]:
        """The values, in lower case, that a field has anywhere."""
        if field in MANY:
            query = (
                "SELECT DISTINCT name FROM many WHERE field = ? UNION SELECT DISTINCT ident FROM many WHERE field = ?"
            )
            rows = self._fetch(query, (field, field))
        else:
            union = " UNION ".join(f'SELECT DISTINCT "{column}" FROM issue' for column in SINGLE[field])  # noqa: S608
            rows = self._fetch(union, ())
        return {str(row[0]).lower() for row in rows if row[0] is not None}

    def positions(self, where: str, parameters: list[Any], order: str) -> list[int]:
        sql = f"SELECT position FROM issue WHERE {where} ORDER BY {order}"  # noqa: S608 - from our translator
        return [row[0] for row in self._fetch(sql, parameters)]

    def count(self, where: str, parameters: list[Any]) -> int:
        found: int = self._fetch(f"SELECT COUNT(*) FROM issue WHERE {where}", parameters)[0][0]  # noqa: S608
        return found

    def write(self, key: str, fields: Row) -> None:
        """Change an issue's fields."""
        index = self.position[key]
        with self.lock:
            self.issues[index]["fields"].update(fields)
            self.db.execute("DELETE FROM number WHERE position = ?", (index,))
            self.db.execute("DELETE FROM many WHERE position = ?", (index,))
            self._add_side_rows(index, self.issues[index]["fields"])

    def _fetch(self, sql: str, parameters: Any) -> list[Any]:
        with self.lock:
            return self.db.execute(sql, parameters).fetchall()

    def _add_side_rows(self, index: int, fields: Row) -> None:
        self.db.executemany("INSERT INTO many VALUES (?, ?, ?, ?)", _many(index, fields))
        numbers = ((index, name, float(value)) for name, value in fields.items() if _is_number(name, value))
        self.db.executemany("INSERT INTO number VALUES (?, ?, ?)", numbers)


def _is_number(name: str, value: Any) -> bool:
    return (name.startswith("customfield_") or name in NUMBERS) and not isinstance(
        value, str | bool | list | dict | None
    )


def _many(index: int, fields: Row) -> Iterator[tuple[int, str, str, str]]:
    for field, name in MANY.items():
        values = fields.get(name) or []
        if field == "sprint" and fields.get("sprint"):
            values = [*values, fields["sprint"]]
        for value in values:
            if isinstance(value, dict):
                yield index, field, value.get("name", ""), str(value.get("id", ""))
            else:
                yield index, field, str(value), ""


def _row(index: int, issue: Row, texts: list[str]) -> list[Any]:
    fields = issue["fields"]
    status = fields.get("status") or {}
    category = status.get("statusCategory") or {}
    parent = fields.get("parent") or {}
    values: dict[str, Any] = {
        "key": issue["key"],
        "id": str(issue["id"]),
        "category": category.get("name"),
        "category_key": category.get("key"),
        "parent": parent.get("key"),
        "parent_id": parent.get("id"),
        "project_key": (fields.get("project") or {}).get("key") or re.sub(r"-\d+$", "", issue["key"]),
        "project_name": (fields.get("project") or {}).get("name"),
        "project_id": (fields.get("project") or {}).get("id"),
    }
    for name in ("status", "resolution", "priority", "issuetype"):
        values[name] = (fields.get(name) or {}).get("name")
        values[f"{name}_id"] = (fields.get(name) or {}).get("id")
    for name in ("assignee", "reporter", "creator"):
        values[name] = (fields.get(name) or {}).get("displayName")
        values[f"{name}_id"] = (fields.get(name) or {}).get("accountId")
    dates = [milliseconds(fields[name]) if fields.get(name) else None for name in DATES]
    return [index, *(values[name] for name in texts), fields.get("summary"), *dates]
