"""When issues went in progress, from the history of their status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.errors import BadAnswer
from connectors.jira.client import JiraClient
from connectors.jira.measure import category, instant
from connectors.jira.search import Histories

IN_PROGRESS = "indeterminate"
"""The key of the status category that Jira shows as In Progress."""


def statuses_in_progress(client: JiraClient) -> frozenset[str]:
    """The ids of the statuses of that category. Raises ConnectorError."""
    listed = client.get("status")
    if not isinstance(listed, list) or not all(isinstance(one, dict) and "id" in one for one in listed):
        raise client.bad_answer("its statuses")
    return frozenset(str(one["id"]) for one in listed if category({"status": one}, client.connection) == IN_PROGRESS)


def first_started(histories: Histories, statuses: frozenset[str], connection: str) -> Mapping[str, datetime]:
    """By issue, when it first went into one of the statuses. Raises BadAnswer."""
    found = {key: _first(changes, statuses, connection) for key, changes in histories.items()}
    return {key: at for key, at in found.items() if at is not None}


def _first(changes: Sequence[Mapping[str, Any]], statuses: frozenset[str], connection: str) -> datetime | None:
    times: list[datetime] = []
    for change in changes:
        items = change.get("items")
        if not isinstance(items, list):
            raise BadAnswer("Jira answered with a change without its items", connection=connection)
        if any(_is_status(item) and str(item.get("to")) in statuses for item in items):
            at = instant(change.get("created"), connection)
            if at is None:
                raise BadAnswer("Jira answered with a change without its time", connection=connection)
            times.append(at)
    return min(times, default=None)


def _is_status(item: Any) -> bool:
    # Data Center names the field, not its id.
    return isinstance(item, dict) and "status" in (item.get("fieldId"), item.get("field"))
