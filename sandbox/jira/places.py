"""What a site lists: its projects, and one saved filter for each of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sandbox.data import Row

MAX_PAGE = 50


def projects(issues: Iterable[Row]) -> list[Row]:
    found: dict[str, Row] = {}
    for issue in issues:
        own = issue["fields"].get("project") or {}
        key = own.get("key") or re.sub(r"-\d+$", "", issue["key"])
        shown = {"id": str(own.get("id") or 10_000 + len(found)), "key": key, "name": own.get("name") or key}
        found.setdefault(key, shown)
    return [found[key] for key in sorted(found)]


def filters(issues: Iterable[Row]) -> list[Row]:
    return [
        {"id": str(20_000 + number), "name": f"All of {one['key']}", "jql": f"project = {one['key']} ORDER BY created"}
        for number, one in enumerate(projects(issues))
    ]


def page(rows: list[Row], asked: dict[str, str], name: str, size: int | None) -> dict[str, Any]:
    """`name` is the option that holds the text to look for."""
    text = asked.get(name, "").casefold()
    found = [row for row in rows if text in f"{row['name']} {row.get('key', '')}".casefold()]
    start = int(asked.get("startAt", 0))
    most = min(int(asked.get("maxResults", MAX_PAGE)), size or MAX_PAGE)
    shown = found[start : start + most]
    last = start + most >= len(found)
    return {"startAt": start, "maxResults": most, "total": len(found), "isLast": last, "values": shown}
