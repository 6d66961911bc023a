"""What is measured, for Prometheus: counters of this process, and gauges read from the store when somebody looks."""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, write_to_textfile
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from structlog.contextvars import get_contextvars

from config.load import Workspace
from connectors.errors import ConnectorError
from connectors.measuring import listen
from sync.health import WORKS
from sync.overview import overview
from sync.passes import Pass
from sync.situation import Situation, situation
from sync.store.errors import StoreError
from sync.store.store import Store

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
Gauges = dict[str, GaugeMetricFamily]


class Metrics:
    """Of one process. Everything carries the name of its workspace."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        of_pass, of_connection = ("workspace", "reason"), ("workspace", "connection")
        self._passes = Counter("okrsync_passes", "Passes that were recorded.", of_pass, registry=self.registry)
        self._seconds = Histogram(
            "okrsync_pass_seconds", "Seconds from the start of a pass to its record.", ("workspace",),
            buckets=(1, 2, 5, 10, 30, 60, 120, 300, 900), registry=self.registry,
        )  # fmt: skip
        self._check_ins = Counter("okrsync_check_ins", "Check-ins recorded.", ("workspace",), registry=self.registry)
        self._failures = Counter(
            "okrsync_failures", "Queries that failed.", (*of_connection, "kind"), registry=self.registry
        )
        self._calls = Counter("okrsync_calls", "Calls to tools.", (*of_connection, "result"), registry=self.registry)
        self._latency = Histogram(
            "okrsync_call_seconds", "Seconds that a call took.", of_connection, buckets=SECONDS, registry=self.registry
        )

    def listen(self) -> None:
        """Count the calls of all connections from now on."""
        listen(self._called)

    def _called(self, connection: str, result: str, seconds: float) -> None:
        workspace = str(get_contextvars().get("workspace", ""))
        self._calls.labels(workspace, connection, result).inc()
        self._latency.labels(workspace, connection).observe(seconds)

    def passed(self, workspace: str, made: Pass, seconds: float | None = None) -> None:
        self._passes.labels(workspace, made.reason).inc()
        self._check_ins.labels(workspace).inc(made.recorded)
        if seconds is not None:
            self._seconds.labels(workspace).observe(seconds)
        for (connection, _), outcome in made.plan.answers.items():
            if isinstance(outcome, ConnectorError):
                self._failures.labels(workspace, connection, outcome.kind).inc()


class Known(Collector):
    """What the stores know, read at each look."""

    def __init__(self, kept: Callable[[], Collection[tuple[Workspace, Store]]], clock: Callable[[], datetime]) -> None:
        self._kept = kept
        self._clock = clock

    def describe(self) -> list[Any]:
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        gauges: Gauges = {}
        for workspace, store in self._kept():
            try:
                now = self._clock()
                _of_key_results(gauges, workspace, store, now)
                _of_situation(gauges, situation(workspace, store, now))
                up = 1
            except StoreError:
                up = 0
            _gauge(gauges, "okrsync_store_up", "Whether the store can be read.", up, workspace=workspace.name)
        yield from gauges.values()


def _of_key_results(gauges: Gauges, workspace: Workspace, store: Store, now: datetime) -> None:
    seen = overview(workspace, store, now)
    views = [*(one for of in seen.objectives for one in (*of.key_results, *of.initiatives)), *seen.kpis]
    name = workspace.name
    for status, count in Count(str(view.shown_status) for view in views).items():
        _gauge(
            gauges,
            "okrsync_key_results",
            "Key results by the status that people see.",
            count,
            workspace=name,
            status=status,
        )
    stale = sum(not view.age.is_current for view in views)
    _gauge(gauges, "okrsync_stale", "Key results whose value is not current.", stale, workspace=name)
    held = sum(view.beside is not None and view.beside.state == "held" for view in views)
    _gauge(gauges, "okrsync_held", "Key results with a value that waits for a person.", held, workspace=name)
    ages = [view.age.age.total_seconds() for view in views if view.age.age is not None and view.age.may_be is not None]
    if ages:
        _gauge(gauges, "okrsync_oldest_value_seconds", "Age of the oldest value.", max(ages), workspace=name)


def _of_situation(gauges: Gauges, seen: Situation) -> None:
    name = seen.workspace
    for one in seen.connections:
        if one.health is None:
            continue
        labels = {"workspace": name, "connection": one.name}
        works = one.health.value["state"] == WORKS
        _gauge(
            gauges, "okrsync_connection_up", "Whether the connection answered when it was last asked.", works, **labels
        )
        if quota := one.health.value.get("quota"):
            left = quota[1] - quota[0]
            _gauge(gauges, "okrsync_quota_left", "Calls that the tool still allows.", left, **labels)
    if seen.last_run is not None:
        at = seen.last_run.finished_at.timestamp()
        _gauge(gauges, "okrsync_last_pass_timestamp_seconds", "When the last pass was recorded.", at, workspace=name)
    waiting = seen.touches.now + seen.touches.later
    _gauge(gauges, "okrsync_touches_waiting", "Touches that wait for a pass.", waiting, workspace=name)
    refused = len(seen.problems)
    _gauge(gauges, "okrsync_refused_problems", "Problems in changed files.", refused, workspace=name)
    for state in ("active", "pending", "refused"):
        count = sum(one.state == state for one in seen.subscriptions)
        if seen.subscriptions:
            _gauge(gauges, "okrsync_subscriptions", "Subscriptions.", count, workspace=name, state=state)


def _gauge(gauges: Gauges, name: str, about: str, value: float, **labels: str) -> None:
    family = gauges.setdefault(name, GaugeMetricFamily(name, about, labels=list(labels)))
    family.add_metric(list(labels.values()), float(value))


def write_metrics(file: Path, workspace: Workspace, store: Store, made: Pass) -> None:
    """For node_exporter's textfile collector: the pass that was made, and what is known after it. Raises OSError."""
    metrics = Metrics()
    metrics.passed(workspace.name, made)
    metrics.registry.register(Known(lambda: [(workspace, store)], lambda: made.plan.at))
    write_to_textfile(str(file), metrics.registry)
