"""Which questions a pass has to ask: equal questions of many key results are one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from config.load import Binding, Workspace
from config.placeholders import render
from connectors.base import Query

Question = tuple[str, Query]
"""A connection's name, and the query with its dates written out."""


@dataclass(frozen=True, kw_only=True)
class Questions:
    """`by_connection` holds each distinct query once. `of` tells, for each key result, the question behind each
    name in its formula."""

    by_connection: Mapping[str, tuple[Query, ...]]
    of: Mapping[str, Mapping[str, Question]]


def questions_for(workspace: Workspace, bindings: Iterable[Binding], at: datetime) -> Questions:
    by_connection: dict[str, dict[Query, None]] = {}
    of: dict[str, dict[str, Question]] = {}
    for binding in bindings:
        period = binding.key_result.period
        named: dict[str, Question] = {}
        for name, metric in binding.metrics.items():
            spec = workspace.connections[metric.connection].spec
            query = render(metric.query, spec, period, at, workspace.time_zone)
            by_connection.setdefault(metric.connection, {})[query] = None
            named[name] = (metric.connection, query)
        of[binding.key_result.id] = named
    return Questions(by_connection={name: tuple(queries) for name, queries in by_connection.items()}, of=of)
