"""How long issues took, and how long they were in a status. Pure: issues and their histories in, a value out."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from connectors.jira.catalogue import Statuses
from connectors.jira.changes import Stay
from connectors.jira.measured import Measured, left_out
from connectors.jira.queries import CycleTime, TimeInStatus
from connectors.jira.search import Issues
from connectors.jira.values import IN_PROGRESS, instant
from mapping.units import DURATION

Histories = Mapping[str, tuple[Stay, ...]]


def cycle_time(
    query: CycleTime, issues: Issues, histories: Histories, statuses: Statuses | None, connection: str
) -> Measured:
    """Raises BadAnswer."""
    taken: list[Decimal] = []
    gone: set[str] = set()
    for key, fields in issues.items():
        end = instant(fields.get("resolutiondate"), connection)
        if end is None:
            continue
        if statuses is None:
            start = instant(fields.get("created"), connection)
        else:
            start, unknown = _started(histories[key], statuses)
            gone |= unknown
        if start is not None and start <= end:
            taken.append(_seconds(end - start))
    why = "not resolved" if query.from_ == "created" else "not resolved or never in progress before"
    return _measured(query.statistic, taken, len(issues), why, gone)


def time_in_status(query: TimeInStatus, issues: Issues, histories: Histories, statuses: Statuses) -> Measured:
    """Of the issues that were there and are there no more."""
    chosen = {name.casefold() for name in query.statuses}
    taken: list[Decimal] = []
    gone: set[str] = set()
    for key in issues:
        kinds = [(stay, _is_chosen(stay, chosen, statuses)) for stay in histories[key]]
        unknown = {_name(stay) for stay, is_in in kinds if is_in is None}
        gone |= unknown
        inside = [stay for stay, is_in in kinds if is_in]
        if inside and not unknown and all(stay.until is not None for stay in inside):
            taken.append(sum((_seconds(stay.until - stay.since) for stay in inside if stay.until), Decimal(0)))
    return _measured(query.statistic, taken, len(issues), "never in it, or still in it", gone)


def named_in(histories: Histories) -> set[str]:
    """The names and ids of all statuses that the issues went through."""
    return {text.casefold() for stays in histories.values() for stay in stays for text in (stay.name, stay.status)}


def statistic(name: str, values: Sequence[Decimal]) -> Decimal:
    """mean, median, or a percentile such as p85."""
    if match := re.fullmatch(r"p(\d{1,2})", name):
        return percentile(values, int(match[1]))
    return mean(values) if name == "mean" else statistics.median(values)


def percentile(values: Sequence[Decimal], rank: int) -> Decimal:
    """Interpolated between the two nearest values, as Excel's PERCENTILE.INC."""
    ordered = sorted(values)
    whole, part = divmod(rank * (len(ordered) - 1), 100)
    after = ordered[min(whole + 1, len(ordered) - 1)]
    return ordered[whole] + (after - ordered[whole]) * part / 100


def mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)


def _started(stays: Iterable[Stay], statuses: Statuses) -> tuple[datetime | None, set[str]]:
    """When it went in progress first, or the status before that of which nobody can tell."""
    for stay in stays:
        kind = statuses.kind(stay.status, stay.name)
        if kind is None:
            return None, {_name(stay)}
        if kind == IN_PROGRESS:
            return stay.since, set()
    return None, set()


def _is_chosen(stay: Stay, chosen: set[str], statuses: Statuses) -> bool | None:
    if chosen:
        return stay.name.casefold() in chosen or stay.status.casefold() in chosen
    kind = statuses.kind(stay.status, stay.name)
    return None if kind is None else kind == IN_PROGRESS


def _name(stay: Stay) -> str:
    return stay.name or stay.status or "one without a name"


def _seconds(lasted: timedelta) -> Decimal:
    return Decimal(lasted.days * 86_400 + lasted.seconds) + Decimal(lasted.microseconds) / 1_000_000


def _measured(of: str, taken: list[Decimal], issues: int, why: str, gone: set[str]) -> Measured:
    if gone:
        why += f", or in a status that no longer exists, so that nobody can tell ({', '.join(sorted(gone)[:10])})"
    return Measured(
        value=statistic(of, taken) if taken else None,
        rows=issues,
        unit=DURATION,
        note=left_out(issues - len(taken), issues, why),
    )
