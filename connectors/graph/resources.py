"""Which resource Graph would have to watch for a query: a drive, a list, the users, a group. Pure.

Source: Microsoft Graph "Change notifications", supported resources. Of drives only the root can be watched; Planner,
reports, scores and analytics can't be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from connectors.graph.queries import Count, Excel, Get, GraphQuery, SharePoint

PERMISSIONS: Mapping[str, str] = {
    "drives": "Files.ReadWrite.All",
    "sites": "Sites.ReadWrite.All",
    "users": "User.Read.All",
    "groups": "Group.Read.All",
}
"""The application permission that watching needs, by the resource's first word; of the first two to write, though
nothing is written."""
LONGEST_MINUTES: Mapping[str, int] = {"drives": 42_300, "sites": 42_300, "users": 41_760, "groups": 41_760}
"""How long a subscription may live."""
_WATCHED = re.compile(
    r"/?(?:(drives/[^/]+)(?:/.*)?|(sites/[^/]+/lists/[^/]+)(?:/.*)?|(groups/[^/$]+)(?:/.*)?|(users|groups)(?:[/(].*)?)"
)


def resource_of(query: GraphQuery) -> str | None:
    match query:
        case Excel(excel=place):
            return f"/drives/{place.drive}/root"
        case SharePoint(list=column):
            return f"/sites/{column.site}/lists/{column.list}"
        case Count(count=path):
            return _watched(path)
        case Get(get=path):
            return _watched(path.partition("?")[0])
    return None


def permission_for(resource: str) -> str:
    return PERMISSIONS[resource.strip("/").partition("/")[0]]


def _watched(path: str) -> str | None:
    match = _WATCHED.fullmatch(path.rstrip("/"))
    if match is None:
        return None
    found = next(part for part in match.groups() if part)
    return f"/{found}/root" if found.startswith("drives/") else f"/{found}"
