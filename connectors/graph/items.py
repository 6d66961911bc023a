"""The requests for collections: list items and columns, Planner tasks, course activities. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from connectors.graph.queries import Courses, ListColumn, PlanTasks
from connectors.graph.schedule import Request

ITEMS_A_PAGE = 1000
LENIENT = (("Prefer", "HonorNonIndexedQueriesWarningMayFailRandomly"),)
"""Lets SharePoint filter by a column without index; above 5,000 items it refuses even so, and says it."""
COLUMN_FACETS = "name,displayName,hidden,dateTime,number,currency,text,note,choice,boolean,calculated"


def list_path(asked: ListColumn) -> str:
    return f"/sites/{quote(asked.site, safe=',')}/lists/{quote(asked.list, safe='')}"


def items_request(asked: ListColumn, columns: Iterable[str], *, top: int = ITEMS_A_PAGE) -> Request:
    """`columns` are internal names."""
    names = sorted(set(columns))
    options = f"$top={top}"
    options += f"&$expand=fields($select={quote(','.join(names), safe=',')})" if names else "&$select=id"
    if asked.filter:
        options += f"&$filter={quote(asked.filter, safe='')}"
    return Request(f"{list_path(asked)}/items?{options}", "Sites.Read.All", headers=LENIENT if asked.filter else ())


def columns_request(asked: ListColumn) -> Request:
    return Request(f"{list_path(asked)}/columns?$select={COLUMN_FACETS}", "Sites.Read.All")


def tasks_request(asked: PlanTasks) -> Request:
    place = f"buckets/{quote(asked.bucket, safe='')}" if asked.bucket else f"plans/{quote(asked.plan, safe='')}"
    return Request(f"/planner/{place}/tasks?$select=id,planId,percentComplete", "Tasks.Read.All")


def courses_request(asked: Courses) -> Request:
    path = f"/employeeExperience/learningProviders/{quote(asked.provider, safe='')}/learningCourseActivities"
    return Request(path, "LearningAssignedCourse.Read.All and LearningSelfInitiatedCourse.Read.All")
