"""The numbers that issues amount to, by the values of their fields. Pure: issues in, a value out."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.jira.measured import Measured, left_out
from connectors.jira.queries import (
    Average,
    Count,
    CycleTime,
    Largest,
    Median,
    OfField,
    OverIssues,
    PercentDone,
    Smallest,
    Sum,
    TimeInStatus,
)
from connectors.jira.search import Issues
from connectors.jira.times import mean
from connectors.jira.values import IN_PROGRESS, category, numbers
from mapping.units import PERCENT

Ids = Mapping[str, str]
"""The ids of fields by the names that the operator wrote."""


def needs(query: OverIssues, ids: Ids) -> frozenset[str]:
    """The ids of the fields that a query reads."""
    match query:
        case Count():
            return frozenset()
        case PercentDone():
            weight = {ids[query.by]} if query.by != "count" else set()
            return frozenset({"status", *weight, *(["resolution"] if query.exclude_resolutions else [])})
        case CycleTime():
            return frozenset({"resolutiondate", "created", "status"})
        case TimeInStatus():
            return frozenset({"created", "status"})
        case Sum(sum=name) | Average(avg=name) | Median(median=name) | Smallest(min=name) | Largest(max=name):
            return frozenset({ids[name]})


def of_field(query: OfField, issues: Issues, ids: Ids, connection: str) -> Measured:
    """A sum over no issues is a true 0; over issues without a value there is none. Raises BadAnswer."""
    combine: Callable[[Sequence[Decimal]], Decimal]
    match query:
        case Sum(sum=name):
            combine = lambda values: sum(values, Decimal(0))  # noqa: E731
        case Average(avg=name):
            combine = mean
        case Median(median=name):
            combine = statistics.median
        case Smallest(min=name):
            combine = min
        case Largest(max=name):
            combine = max
    found = numbers(issues, ids[name], connection)
    values = found.all()
    is_zero = isinstance(query, Sum) and not issues
    return Measured(
        value=combine(values) if values or is_zero else None,
        rows=len(issues),
        unit=found.unit,
        note=left_out(len(issues) - len(found.of), len(issues), f"without {name}"),
    )


def percent_done(query: PercentDone, issues: Issues, ids: Ids, connection: str) -> Measured:
    """Raises BadAnswer where a field holds something else than it should."""
    excluded = {name.casefold() for name in query.exclude_resolutions}
    work = {key: fields for key, fields in issues.items() if _resolution(fields) not in excluded}
    if query.by == "count":
        weights = dict.fromkeys(work, Decimal(1))
    else:
        found = numbers(work, ids[query.by], connection)
        weights = {key: sum(several, Decimal(0)) for key, several in found.of.items()}
    credits = {"done": Decimal(1), IN_PROGRESS: query.in_progress}
    whole = sum(weights.values(), Decimal(0))
    done = sum(
        (weight * credits.get(category(work[key], connection), 0) for key, weight in weights.items()),
        Decimal(0),
    )
    why = " or ".join([*["so resolved"] * bool(excluded), *[f"without {query.by}"] * (query.by != "count")])
    return Measured(
        value=done / whole if whole else None,
        rows=len(issues),
        unit=PERCENT,
        note=left_out(len(issues) - len(weights), len(issues), why),
    )


def unseen_resolutions(query: PercentDone, issues: Issues) -> list[str]:
    """Those to be excluded that no issue has, which may be misspelt."""
    seen = {_resolution(fields) for fields in issues.values()}
    return [name for name in query.exclude_resolutions if name.casefold() not in seen]


def _resolution(fields: Mapping[str, Any]) -> str | None:
    resolution = fields.get("resolution")
    return str(resolution.get("name", "")).casefold() if isinstance(resolution, dict) else None
