"""The history of issues, which stands beside their fields: `{"changelog": {"histories": [...]}}`."""

from __future__ import annotations

from typing import Any

from sandbox.data import Row

MAX_ISSUES, MAX_PAGE, DEFAULT_PAGE = 1000, 10_000, 1000


def histories(issue: Row) -> list[Row]:
    found: list[Row] = (issue.get("changelog") or {}).get("histories", [])
    return found


def bulk(issues: list[Row], asked: dict[str, Any], page_size: int | None) -> dict[str, Any] | None:
    """As POST changelog/bulkfetch answers, oldest change first, a page being so many changes. None where it refuses."""
    keys = asked.get("issueIdsOrKeys")
    if not keys or len(keys) > MAX_ISSUES or len(asked.get("fieldIds", [])) > 10:
        return None
    wanted = set(asked.get("fieldIds") or [])
    changes = [
        (issue["id"], change)
        for issue in issues
        if issue["id"] in keys or issue["key"] in keys
        for change in histories(issue)
        if not wanted or any(item.get("fieldId") in wanted for item in change["items"])
    ]
    changes.sort(key=lambda pair: (str(pair[1]["created"]), int(pair[0])))
    start = int(asked.get("nextPageToken") or 0)
    size = min(int(asked.get("maxResults") or DEFAULT_PAGE), MAX_PAGE, page_size or MAX_PAGE)
    logs: dict[str, list[Row]] = {}
    for ident, change in changes[start : start + size]:
        logs.setdefault(ident, []).append(change)
    page: dict[str, Any] = {"issueChangeLogs": [{"issueId": k, "changeHistories": v} for k, v in logs.items()]}
    if start + size < len(changes):
        page["nextPageToken"] = str(start + size)
    return page


def statuses(issues: list[Row]) -> list[Row]:
    """As GET status answers: each one that an issue has or had."""
    found = {
        issue["fields"]["status"]["id"]: issue["fields"]["status"] for issue in issues if "status" in issue["fields"]
    }
    return list(found.values())


def resolutions(issues: list[Row]) -> list[Row]:
    """As GET resolution answers: those that Jira is installed with, and each one that an issue has."""
    installed = [("10000", "Done"), ("10001", "Won't Do"), ("10002", "Duplicate"), ("10003", "Cannot Reproduce")]
    found = {ident: {"id": ident, "name": name, "description": ""} for ident, name in installed}
    own = [issue["fields"]["resolution"] for issue in issues if issue["fields"].get("resolution")]
    names = {one["name"] for one in own}
    return [
        *(row for row in found.values() if row["name"] not in names),
        *{one["id"]: {"description": "", **one} for one in own}.values(),
    ]
