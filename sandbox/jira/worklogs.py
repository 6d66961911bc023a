"""The work that was logged on issues, which stands in their fields: `{"worklog": {"worklogs": [...]}}`."""

from __future__ import annotations

from typing import Any

from sandbox.data import Row
from sandbox.jira.dates import milliseconds

EMBEDDED, MOST = 20, 5000
"""A search shows so many of an issue's worklogs, a page of them so many."""


def worklogs(issue: Row) -> list[Row]:
    found: list[Row] = (issue["fields"].get("worklog") or {}).get("worklogs", [])
    return found


def embedded(issue: Row, page_size: int | None) -> dict[str, Any]:
    """As a search shows the field `worklog`."""
    return _page(worklogs(issue), 0, min(EMBEDDED, page_size or EMBEDDED))


def worklog_page(issue: Row, asked: dict[str, str], page_size: int | None) -> dict[str, Any]:
    """As GET issue/KEY/worklog answers."""
    after, before = int(asked.get("startedAfter", -1)), int(asked.get("startedBefore", 2**62))
    rows = [row for row in worklogs(issue) if after < milliseconds(row["started"]) < before]
    size = min(int(asked.get("maxResults", MOST)), MOST, page_size or MOST)
    return _page(rows, int(asked.get("startAt", 0)), size)


def _page(rows: list[Row], start: int, size: int) -> dict[str, Any]:
    return {"startAt": start, "maxResults": size, "total": len(rows), "worklogs": rows[start : start + size]}
