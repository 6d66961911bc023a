"""The answers for monitors, on a separate port: whether it is ready, and the metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fastapi import FastAPI, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from sync.keeper import Keeper
from sync.metrics import Known, Metrics
from sync.passes import Pass
from sync.serving import Service
from sync.store.errors import StoreError
from web.app import health

Results = Mapping[tuple[str, str, str], int]


def admin(service: Service, deliveries: Callable[[], Results]) -> FastAPI:
    """`deliveries` counts webhooks by workspace, connection and result."""
    metrics = Metrics()
    metrics.listen()
    metrics.registry.register(
        Known(lambda: [(one.workspace, one.store) for one in service.keepers.values()], service.clock)
    )
    metrics.registry.register(_Process(service, deliveries))

    def passed(keeper: Keeper, made: Pass) -> None:
        metrics.passed(keeper.name, made, (service.clock() - made.plan.at).total_seconds())

    service.on_pass.append(passed)
    app = FastAPI(title="okrsync, for monitors", openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(health)

    @app.get("/readyz")
    async def readyz() -> JSONResponse:
        """503 with the reasons if something is not kept current."""
        found = await run_in_threadpool(service.unready)
        told = {"ready": not found, "problems": found, "refused_files": service.refused(), **_looks(service)}
        return JSONResponse(told, 503 if found else 200)

    @app.get("/metrics")
    async def measured() -> Response:
        return Response(await run_in_threadpool(generate_latest, metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return app


def _looks(service: Service) -> dict[str, Any]:
    return {
        "looked_at": {
            name: keeper.looked_at.isoformat() if keeper.looked_at else None for name, keeper in service.keepers.items()
        }
    }


class _Process(Collector):
    """What this process knows: its queue, and what came of webhooks."""

    def __init__(self, service: Service, deliveries: Callable[[], Results]) -> None:
        self._service = service
        self._deliveries = deliveries

    def describe(self) -> list[Any]:
        return []

    def collect(self) -> Iterator[Any]:
        counted = CounterMetricFamily(
            "okrsync_webhooks", "Webhooks by outcome.", labels=["workspace", "connection", "result"]
        )
        for labels, count in list(self._deliveries().items()):
            counted.add_metric(list(labels), count)
        yield counted
        try:
            waiting = self._service.waiting()
        except StoreError:
            return
        yield GaugeMetricFamily("okrsync_queue_jobs", "Jobs that are due but wait.", waiting.jobs)
        oldest = (self._service.clock() - waiting.oldest).total_seconds() if waiting.oldest else 0.0
        yield GaugeMetricFamily("okrsync_queue_oldest_seconds", "How long the oldest of them has waited.", oldest)
