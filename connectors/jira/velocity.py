"""What a board's sprints completed. Jira publishes no velocity: it is built again from the sprints' issues.

An issue counts for the sprint in whose days it was resolved. With work that is carried over, Jira's own chart may
differ by a little, for it keeps what was in the sprint at each moment and the API does not tell.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.errors import BadQuery
from connectors.jira.client import JiraClient
from connectors.jira.fields import unit_of
from connectors.jira.measure import Measured, category, instant, mean, numbers
from connectors.jira.queries import Velocity
from connectors.jira.search import Issues, by_id


def velocity(client: JiraClient, query: Velocity) -> Measured:
    """The mean over the sprints; none where no sprint is closed. Raises ConnectorError."""
    field = _estimate(client, query.velocity)
    sprints = _last_closed(client, query)
    done = [_completed(client, query.velocity, sprint, field) for sprint in sprints]
    undated = sum(missing for _, _, missing in done)
    notes = [f"over {len(done)} closed sprints: {', '.join(str(one.get('name')) for one in sprints)}"] if done else []
    if undated:
        notes.append(f"{undated} done issues have no resolution date and are left out")
    return Measured(
        value=mean([points for points, _, _ in done]) if done else None,
        rows=sum(rows for _, rows, _ in done),
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
    if not isinstance(field, dict) or not field.get("fieldId"):
        raise client.bad_answer("the board's estimation field")
    return str(field["fieldId"])


def _last_closed(client: JiraClient, query: Velocity) -> list[dict[str, Any]]:
    # The list is in the backlog's order, so that the last ones are known only at its end.
    path = f"board/{query.velocity}/sprint"
    closed = [one for page in client.agile_pages(path, "values", state="closed") for one in page]
    dated = {str(one.get("id")): (_end(client, one), one) for one in closed}
    return [one for _, one in sorted(dated.values(), key=lambda pair: pair[0])[-query.sprints :]]


def _end(client: JiraClient, sprint: dict[str, Any]) -> datetime:
    end = instant(sprint.get("completeDate") or sprint.get("endDate"), client.connection)
    if end is None:
        raise client.bad_answer("the end of a closed sprint")
    return end


def _completed(client: JiraClient, board: int, sprint: dict[str, Any], field: str | None) -> tuple[Decimal, int, int]:
    """The points, the number of issues that made them, and the done issues that can't be dated."""
    fields = ",".join(["status", "resolutiondate", *([field] if field else [])])
    issues: Issues = {}
    for page in client.agile_pages(f"board/{board}/sprint/{sprint.get('id')}/issue", "issues", fields=fields):
        issues |= by_id(client, page)
    start, end = instant(sprint.get("startDate"), client.connection), _end(client, sprint)
    done = {key: value for key, value in issues.items() if category(value, client.connection) == "done"}
    at = {key: instant(value.get("resolutiondate"), client.connection) for key, value in done.items()}
    own = {
        key: done[key] for key, moment in at.items() if moment and moment <= end and (start is None or start <= moment)
    }
    if field is None:
        return Decimal(len(own)), len(own), sum(moment is None for moment in at.values())
    points = sum(numbers(own, field, client.connection).values(), Decimal(0))
    return points, len(own), sum(moment is None for moment in at.values())
