"""Past values of key results, as their sources tell them today.

Only a query that names `{as_of}` can answer for a past day. All days of all key results are asked in one read of each
connection, so that equal questions are one and the rest is batched as always.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from config.load import Binding, Workspace
from config.placeholders import names_as_of, render
from connectors.base import Connector, Query
from mapping.assess import CheckIn, Failed, NewCheckIn, NoValue, assess
from mapping.day import day_of, end_of
from sync.connections import readers
from sync.plan import known
from sync.pull import pull, sent
from sync.questions import Question
from sync.store.store import Store

Every = Literal["day", "week", "month"]
REBUILT = "rebuilt from what the source says today"


@dataclass(frozen=True, kw_only=True)
class Rebuilding:
    """`values` are the check-ins by their days, oldest first; `refused` says of a key result why none can be rebuilt,
    `missing` of a day why it has none."""

    values: Mapping[str, Sequence[tuple[date, CheckIn]]]
    refused: Mapping[str, str]
    missing: Mapping[str, Mapping[date, str]]
    calls: Mapping[str, int]


def days_between(first: date, last: date, every: Every) -> list[date]:
    """The last days of each week (Sunday) or month, or each day, from `first` to before `last`."""
    days = [first + timedelta(days=n) for n in range(max(0, (last - first).days))]
    if every == "week":
        return [day for day in days if day.weekday() == 6]
    if every == "month":
        return [day for day in days if (day + timedelta(days=1)).day == 1]
    return days


def why_not(binding: Binding) -> str | None:
    """Why past values of a key result can't be rebuilt, None where they can."""
    blind = sorted(name for name, metric in binding.metrics.items() if not names_as_of(metric.query))
    if not binding.metrics:
        return "it has no query"
    return f"{', '.join(blind)} does not name {{as_of}}, so it can't be asked for a past day" if blind else None


def rebuild(
    workspace: Workspace,
    bindings: Iterable[Binding],
    connectors: Mapping[str, Connector],
    since: date,
    at: datetime,
    every: Every,
) -> Rebuilding:
    """Ask for each day from `since` to yesterday that lies in a key result's own days. Writes nothing."""
    chosen, zone = list(bindings), workspace.time_zone
    refused = {one.key_result.id: reason for one in chosen if (reason := why_not(one))}
    wanted = [
        (binding, day)
        for binding in chosen
        if binding.key_result.id not in refused
        for day in days_between(since, day_of(at, zone), every)
        if binding.key_result.period.start <= day <= binding.key_result.period.end
    ]
    asked: dict[str, dict[Query, None]] = {}
    of: dict[tuple[str, date], dict[str, Question]] = {}
    for binding, day in wanted:
        named: dict[str, Question] = {}
        for name, metric in binding.metrics.items():
            spec = workspace.connections[metric.connection].spec
            query = render(metric.query, spec, binding.key_result.period, end_of(day, zone), zone)
            asked.setdefault(metric.connection, {})[query] = None
            named[name] = (metric.connection, query)
        of[binding.key_result.id, day] = named
    questions = {name: tuple(queries) for name, queries in asked.items()}
    able = readers(connectors)
    answers = pull(questions, able, deadline=workspace.deadline)
    values: dict[str, list[tuple[date, CheckIn]]] = {}
    missing: dict[str, dict[date, str]] = {}
    for binding, day in wanted:
        key = binding.key_result.id
        before = values.get(key, [])
        readings = {name: known(answers[asked], binding.metrics[name]) for name, asked in of[key, day].items()}
        found = assess(
            binding.key_result,
            readings,
            replace(before[-1][1], at=end_of(day, zone)) if before else None,
            end_of(day, zone),
            zone=zone,
            metric_units=binding.units,
            guarded=False,
        )
        match found:
            case NewCheckIn(check_in=made):
                values.setdefault(key, []).append((day, replace(made, note=REBUILT)))
            case Failed(cause=cause) | NoValue(cause=cause):
                missing.setdefault(key, {})[day] = cause
            case _:
                values.setdefault(key, []).append((day, replace(before[-1][1], at=end_of(day, zone))))
    return Rebuilding(values=values, refused=refused, missing=missing, calls=sent(able, questions))


def write(made: Rebuilding, store: Store) -> int:
    """Returns how many values are new or differ from those rebuilt before."""
    return store.past.rebuild([pair for pairs in made.values.values() for pair in pairs])
