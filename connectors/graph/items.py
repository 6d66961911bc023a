"""Numbers out of collections that Graph can't add up itself: list items, Planner tasks, course activities. Pure.

Each has the request of its first page, and what the items of all pages amount to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from connectors.errors import BadAnswer, NotFound
from connectors.graph.queries import Courses, ListColumn, PlanTasks
from connectors.graph.schedule import Request
from mapping.units import PERCENT, Unit

ITEMS_A_PAGE = 1000
DONE = 100
"""percentComplete of a finished Planner task; 0 is not started, what lies between is in progress."""

Item = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Amount:
    """`rows` are the items behind the value."""

    value: Decimal | None
    rows: int
    unit: Unit | None = None


def items_request(asked: ListColumn) -> Request:
    measure, column = asked.measure
    path = f"/sites/{quote(asked.site, safe=',')}/lists/{quote(asked.list, safe='')}/items"
    columns = [name for name in (column, asked.by if measure == "latest" else "") if name]
    options = f"$top={ITEMS_A_PAGE}"
    options += f"&$expand=fields($select={quote(','.join(columns), safe=',')})" if columns else "&$select=id"
    if asked.filter:
        options += f"&$filter={quote(asked.filter, safe='')}"
    return Request(f"{path}?{options}", "Sites.Read.All")


def list_amount(asked: ListColumn, items: Iterable[Item], connection: str) -> Amount:
    """None where no item has a value. Raises BadAnswer."""
    by_id = {str(item.get("id")): item for item in items}
    measure, column = asked.measure
    if measure == "count":
        return Amount(value=Decimal(len(by_id)), rows=len(by_id))
    fields = [_fields(item, connection) for item in by_id.values()]
    if measure == "latest":
        dated = [row for row in fields if row.get(asked.by)]
        if not dated:
            return Amount(value=None, rows=0)
        newest = max(dated, key=lambda row: str(row[asked.by]))
        return Amount(value=_number(newest, column, connection), rows=1)
    values = [number for row in fields if (number := _number(row, column, connection)) is not None]
    if not values:
        return Amount(value=None, rows=0)
    total = sum(values, Decimal(0))
    value = {"sum": total, "avg": total / len(values), "min": min(values), "max": max(values)}[measure]
    return Amount(value=value, rows=len(values))


def tasks_request(asked: PlanTasks) -> Request:
    place = f"buckets/{quote(asked.bucket, safe='')}" if asked.bucket else f"plans/{quote(asked.plan, safe='')}"
    return Request(f"/planner/{place}/tasks?$select=id,planId,percentComplete", "Tasks.Read.All")


def plan_amount(asked: PlanTasks, items: Iterable[Item], connection: str) -> Amount:
    """A share of no tasks is none. Raises BadAnswer, NotFound."""
    by_id = {str(item.get("id")): item for item in items}
    strange = {item.get("planId") for item in by_id.values()} - {asked.plan}
    if strange:
        raise NotFound(f"the bucket {asked.bucket} is not in plan {asked.plan}", connection=connection)
    percents = [_percent(item, "percentComplete", connection) for item in by_id.values()]
    done = sum(percent >= DONE for percent in percents)
    match asked.measure:
        case "count":
            return Amount(value=Decimal(len(percents)), rows=len(percents))
        case "done":
            return Amount(value=Decimal(done), rows=len(percents))
        case "open":
            return Amount(value=Decimal(len(percents) - done), rows=len(percents))
    begun = sum(0 < percent < DONE for percent in percents)
    share = (done + begun * asked.in_progress) / len(percents) if percents else None
    return Amount(value=share, rows=len(percents), unit=PERCENT)


def courses_request(asked: Courses) -> Request:
    path = f"/employeeExperience/learningProviders/{quote(asked.provider, safe='')}/learningCourseActivities"
    return Request(path, "LearningAssignedCourse.Read.All and LearningSelfInitiatedCourse.Read.All")


def courses_amount(asked: Courses, items: Iterable[Item], connection: str) -> Amount:
    """A share or mean of no activities is none. Raises BadAnswer."""
    wanted = [item for item in items if asked.course in (None, item.get("learningContentId"))]
    completed = sum(str(item.get("status", "")).lower() == "completed" for item in wanted)
    match asked.measure:
        case "count":
            return Amount(value=Decimal(len(wanted)), rows=len(wanted))
        case "completed":
            return Amount(value=Decimal(completed), rows=len(wanted))
    if not wanted:
        return Amount(value=None, rows=0, unit=PERCENT)
    if asked.measure == "percent_done":
        return Amount(value=Decimal(completed) / len(wanted), rows=len(wanted), unit=PERCENT)
    percents = [_percent(item, "completionPercentage", connection) for item in wanted]
    return Amount(value=sum(percents, Decimal(0)) / len(percents) / 100, rows=len(wanted), unit=PERCENT)


def _percent(item: Item, key: str, connection: str) -> Decimal:
    value = item.get(key)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise BadAnswer(f"Graph answered an item without {key}", connection=connection)
    return Decimal(value)


def _fields(item: Item, connection: str) -> Item:
    fields = item.get("fields")
    if not isinstance(fields, dict):
        raise BadAnswer("Graph answered list items without their fields", connection=connection)
    return fields


def _number(row: Item, column: str, connection: str) -> Decimal | None:
    """An empty field is absent."""
    value = row.get(column)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise BadAnswer(
            f"the column {column} holds {str(value)[:60]!r} where a number belongs",
            connection=connection,
            fix="Name a number column by its internal name.",
        )
    return Decimal(value)
