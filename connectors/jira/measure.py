"""The numbers that issues amount to. Pure: issues in, a value out."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.errors import BadAnswer
from connectors.jira.fields import unit_of
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
)
from connectors.jira.search import Issues
from mapping.units import DURATION, PERCENT, Unit


@dataclass(frozen=True, kw_only=True)
class Measured:
    """`rows` are the issues behind the value; the note says what a reader must know of them."""

    value: Decimal | None
    rows: int
    unit: Unit | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a measure needs besides the issues: the ids of the fields by the names that the operator wrote, and when
    an issue went in progress first, by its id."""

    connection: str
    ids: Mapping[str, str]
    started: Mapping[str, datetime]


def needs(query: OverIssues, ids: Mapping[str, str]) -> frozenset[str]:
    """The ids of the fields that a query reads."""
    match query:
        case Count():
            return frozenset()
        case PercentDone():
            weight = {ids[query.by]} if query.by != "count" else set()
            return frozenset({"status", *weight, *(["resolution"] if query.exclude_resolutions else [])})
        case CycleTime():
            return frozenset({"resolutiondate", "created"})
        case Sum(sum=name) | Average(avg=name) | Median(median=name) | Smallest(min=name) | Largest(max=name):
            return frozenset({ids[name]})


def measure(query: OverIssues, issues: Issues, context: Context) -> Measured:
    """Raises BadAnswer where a field holds something else than it should."""
    match query:
        case Count():
            return Measured(value=Decimal(len(issues)), rows=len(issues))
        case PercentDone():
            return _percent_done(query, issues, context)
        case CycleTime():
            return _cycle_time(query, issues, context)
        case _:
            return _of_field(query, issues, context)


def numbers(issues: Issues, field: str, connection: str) -> dict[str, Decimal]:
    """The field's values by issue; an issue without one is left out. Raises BadAnswer."""
    found: dict[str, Decimal] = {}
    for key, fields in issues.items():
        value = fields.get(field)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise BadAnswer(
                f"the field {field} holds {str(value)[:60]!r} where a number belongs",
                connection=connection,
                fix="Name a number field.",
            )
        found[key] = Decimal(value)
    return found


def category(fields: Mapping[str, Any], connection: str) -> str:
    """The key of the status category: new, indeterminate or done. Raises BadAnswer."""
    try:
        return str(fields["status"]["statusCategory"]["key"])
    except (KeyError, TypeError):
        raise BadAnswer("Jira answered with an issue without a status category", connection=connection) from None


def instant(value: Any, connection: str) -> datetime | None:
    """A Jira time ("2015-02-02T18:32:28.000+0000", or milliseconds since 1970), in UTC. Raises BadAnswer."""
    if value is None:
        return None
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC)
        return datetime.fromisoformat(value).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise BadAnswer(f"{str(value)[:60]!r} stands where a time belongs", connection=connection) from None


def percentile(values: Sequence[Decimal], rank: int) -> Decimal:
    """Interpolated between the two nearest values, as Excel's PERCENTILE.INC."""
    ordered = sorted(values)
    whole, part = divmod(rank * (len(ordered) - 1), 100)
    after = ordered[min(whole + 1, len(ordered) - 1)]
    return ordered[whole] + (after - ordered[whole]) * part / 100


def mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)


def _of_field(query: OfField, issues: Issues, context: Context) -> Measured:
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
    field = context.ids[name]
    values = list(numbers(issues, field, context.connection).values())
    return Measured(
        value=combine(values) if values else None,
        rows=len(issues),
        unit=unit_of(field),
        note=_left_out(len(issues) - len(values), len(issues), f"without {name}"),
    )


def _percent_done(query: PercentDone, issues: Issues, context: Context) -> Measured:
    excluded = {name.casefold() for name in query.exclude_resolutions}
    work = {key: fields for key, fields in issues.items() if _resolution(fields) not in excluded}
    if query.by == "count":
        weights = dict.fromkeys(work, Decimal(1))
    else:
        weights = numbers(work, context.ids[query.by], context.connection)
    credits = {"done": Decimal(1), "indeterminate": query.in_progress}
    whole = sum(weights.values(), Decimal(0))
    done = sum(
        (weight * credits.get(category(work[key], context.connection), 0) for key, weight in weights.items()),
        Decimal(0),
    )
    left_out = len(issues) - len(weights)
    why = " or ".join([*["so resolved"] * bool(excluded), *[f"without {query.by}"] * (query.by != "count")])
    return Measured(
        value=done / whole if whole else None,
        rows=len(issues),
        unit=PERCENT,
        note=_left_out(left_out, len(issues), why),
    )


def _resolution(fields: Mapping[str, Any]) -> str | None:
    resolution = fields.get("resolution")
    return str(resolution.get("name", "")).casefold() if isinstance(resolution, dict) else None


def _cycle_time(query: CycleTime, issues: Issues, context: Context) -> Measured:
    taken: list[Decimal] = []
    for key, fields in issues.items():
        end = instant(fields.get("resolutiondate"), context.connection)
        if query.from_ == "created":
            start = instant(fields.get("created"), context.connection)
        else:
            start = context.started.get(key)
        if start is not None and end is not None and start <= end:
            lasted = end - start
            taken.append(Decimal(lasted.days * 86_400 + lasted.seconds) + Decimal(lasted.microseconds) / 1_000_000)
    why = "not resolved" if query.from_ == "created" else "not resolved or never in progress before"
    return Measured(
        value=_statistic(query.statistic, taken) if taken else None,
        rows=len(issues),
        unit=DURATION,
        note=_left_out(len(issues) - len(taken), len(issues), why),
    )


def _statistic(name: str, values: Sequence[Decimal]) -> Decimal:
    if match := re.fullmatch(r"p(\d+)", name):
        return percentile(values, int(match[1]))
    return mean(values) if name == "mean" else statistics.median(values)


def _left_out(count: int, of: int, why: str) -> str | None:
    return f"{count} of {of} issues are left out: {why}." if count else None
