"""What a board's sprints completed. Jira publishes no velocity: it is built again from the sprints' issues.

An issue counts for the sprint in whose days it was resolved. With work that is carried over, Jira's own chart may
differ by a little, for it keeps what was in the sprint at each moment and the API does not tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.errors import BadQuery
from connectors.jira.client import JiraClient
from connectors.jira.measured import Measured
from connectors.jira.paging import by_start
from connectors.jira.queries import Velocity
from connectors.jira.search import Issues, by_id
from connectors.jira.times import mean
from connectors.jira.values import category, instant, numbers, unit_of, whole


@dataclass(frozen=True, kw_only=True)
class Completed:
    """What one sprint completed: no points where issues were done and none has an estimate."""

    points: Decimal | None
    rows: int
    undated: int


def velocity(client: JiraClient, query: Velocity) -> Measured:
    """The mean over the sprints; none where no sprint is closed or has an estimate. Raises ConnectorError."""
    field = _estimate(client, query.velocity)
    sprints = _last_closed(client, query)
    done = [_completed(client, query.velocity, sprint, field) for sprint in sprints]
    points = [one.points for one in done if one.points is not None]
    undated = sum(one.undated for one in done)
    notes = [f"over {len(done)} closed sprints: {', '.join(str(one.get('name')) for one in sprints)}"] if done else []
    if len(points) < len(done):
        notes.append(f"{len(done) - len(points)} of them are left out: no issue done there has an estimate")
    if undated:
        notes.append(f"{undated} done issues have no resolution date and are left out")
    return Measured(
        value=mean(points) if points else None,
        rows=sum(one.rows for one in done),
        unit=unit_of(field) if field else None,
        note="; ".join(notes) or None,
    )


def _estimate(client: JiraClient, board: int) -> str | None:
    """The field that the board estimates in; None where it counts issues."""
    configuration = client.agile(f"board/{board}/configuration")
    estimation = configuration.get("estimation") if isinstance(configuration, dict) else None
    if not isinstance(estimation, dict):
        if isinstance(configuration, dict) and configuration.get("type") == "kanban":
            raise BadQuery(
                f"board {board} is a kanban board: it has no sprints",
                connection=client.connection,
                fix="Name a scrum board, or count resolved issues.",
            )
        raise client.bad_answer("the board's estimation")
    field = estimation.get("field")
    if estimation.get("type") != "field":
        return None
    if not isinstance(field, dict) or not isinstance(ident := field.get("fieldId"), str) or not ident.isidentifier():
        raise client.bad_answer("the board's estimation field")
    return ident


def _last_closed(client: JiraClient, query: Velocity) -> list[dict[str, Any]]:
    # The list is in the backlog's order, so that the last ones are known only at its end.
    def page(start: int) -> Any:
        return client.agile(f"board/{query.velocity}/sprint", startAt=str(start), state="closed")

    closed = [one for listed in by_start(client, page, "values") for one in listed]
    dated = {
        whole(one.get("id"), "the ids of its sprints", client.connection): (_end(client, one), one) for one in closed
    }
    return [one for _, one in sorted(dated.values(), key=lambda pair: pair[0])[-query.sprints :]]


def _end(client: JiraClient, sprint: dict[str, Any]) -> datetime:
    end = instant(sprint.get("completeDate") or sprint.get("endDate"), client.connection)
    if end is None:
        raise client.bad_answer("the end of a closed sprint")
    return end


def _completed(client: JiraClient, board: int, sprint: dict[str, Any], field: str | None) -> Completed:
    """As Jira's chart has it: a sub-task belongs to its issue, and its estimate does not count again."""
    issues = _issues(client, f"board/{board}/sprint/{sprint['id']}/issue", field)
    start, end = instant(sprint.get("startDate"), client.connection), _end(client, sprint)
    done = {key: value for key, value in issues.items() if category(value, client.connection) == "done"}
    at = {key: instant(value.get("resolutiondate"), client.connection) for key, value in done.items()}
    own = {
        key: done[key] for key, moment in at.items() if moment and moment <= end and (start is None or start <= moment)
    }
    undated = sum(moment is None for moment in at.values())
    if field is None:
        return Completed(points=Decimal(len(own)), rows=len(own), undated=undated)
    found = numbers(own, field, client.connection).all()
    return Completed(points=sum(found, Decimal(0)) if found or not own else None, rows=len(own), undated=undated)


def _issues(client: JiraClient, path: str, field: str | None) -> Issues:
    """Without the sub-tasks."""
    fields = ",".join(["status", "issuetype", "resolutiondate", *([field] if field else [])])

    def page(start: int) -> Any:
        return client.agile(path, startAt=str(start), fields=fields)

    found: Issues = {}
    for listed in by_start(client, page, "issues"):
        found |= by_id(client, listed, has_fields=True)
    return {key: value for key, value in found.items() if not _is_sub_task(client, value)}


def _is_sub_task(client: JiraClient, fields: Mapping[str, Any]) -> bool:
    match fields.get("issuetype"):
        case {"subtask": bool(is_sub_task)}:
            return is_sub_task
    raise client.bad_answer("whether an issue is a sub-task")
