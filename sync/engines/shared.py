"""Many processes that share the work: procrastinate's queue in PostgreSQL.

Every minute one job looks at all workspaces and defers a pass for each that has something due; a ring defers one too. A
workspace's lock lets one pass run at a time, its queueing lock lets one wait. A job whose worker is gone is taken up
again by the next rescue, half a minute after its last heartbeat.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import psycopg
import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status
from psycopg_pool import ConnectionPool

from connectors.pacing import share
from sync.engines.base import Waiting
from sync.engines.queue import plain, prepare, shared_bucket, unusable
from sync.keeper import Keeper
from sync.store.errors import StoreError

AT_ONCE = 8
"""Jobs that one worker runs at the same time."""
HEARTBEAT, STALLED = 5.0, 20.0
"""Seconds between two heartbeats, and seconds without one after which a worker counts as gone."""
RESCUE = "* * * * * */10"
SOON = timedelta(minutes=1)
"""The job that runs every minute finds what is due later."""
SECONDS_TO_ASK = 10.0
_WAITING = """
SELECT COUNT(*) AS jobs, MIN(GREATEST(job.scheduled_at, told.at)) AS oldest
FROM procrastinate_jobs job
JOIN procrastinate_events told ON told.job_id = job.id AND told.type = 'deferred'
WHERE job.status = 'todo' AND (job.scheduled_at IS NULL OR job.scheduled_at <= NOW())
  AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs other WHERE other.status = 'doing' AND other.lock = job.lock)
"""
log = structlog.get_logger("sync.engine")


class SharedEngine:
    def __init__(
        self, keepers: Mapping[str, Keeper], clock: Callable[[], datetime], queue: str, *, works: bool
    ) -> None:
        """`works` is false where this process takes calls alone."""
        self._keepers = keepers
        self._clock = clock
        self._url = plain(queue)
        self._works = works
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="queue", daemon=True)
        self._app = App(connector=PsycopgConnector(conninfo=self._url, min_size=1, max_size=AT_ONCE))
        self._worker: asyncio.Task[None] | None = None
        self._pool: ConnectionPool[Any] | None = None
        self._woken: dict[str, float] = {}
        self._keep = self._app.task(name="okrsync.keep")(self._kept)
        look = self._app.task(name="okrsync.look", queueing_lock="look", lock="look")(self._look)
        self._app.periodic(cron="* * * * *")(look)
        # Without a lock: that of one that was killed would keep every other from coming to its rescue.
        rescue = self._app.task(name="okrsync.rescue", queueing_lock="rescue")(self._rescue)
        self._app.periodic(cron=RESCUE)(rescue)

    def start(self) -> None:
        prepare(self._url)
        self._thread.start()
        self._ask(self._open())
        self._pool = ConnectionPool(self._url, min_size=0, max_size=AT_ONCE, open=True)
        share(shared_bucket(self._pool))
        for keeper in self._keepers.values():
            keeper.wake = self._waker(keeper)
            if self._works:
                keeper.start()
                self._defer(keeper.name, "now")
            keeper.store.release()
        if self._works:
            self._ask(self._work())

    def stop(self, seconds: float) -> bool:
        ended = self._worker is None or bool(self._ask(self._end(seconds), seconds + SECONDS_TO_ASK))
        with suppress(StoreError):
            self._ask(self._close())
        if self._pool is not None:
            share(None)
            self._pool.close(timeout=1)
        self._loop.call_soon_threadsafe(self._loop.stop)
        return ended

    def waiting(self) -> Waiting:
        found = self._ask(self._app.connector.execute_query_one_async(_WAITING))
        return Waiting(jobs=found["jobs"], oldest=found["oldest"])

    def _waker(self, keeper: Keeper) -> Callable[[], None]:
        def wake() -> None:
            debounce, now = keeper.workspace.webhooks.debounce, time.monotonic()
            # One that was deferred a moment ago runs later than this, and reads what was rung until then.
            if now < self._woken.get(keeper.name, -1.0) + debounce / 2:
                return
            self._woken[keeper.name] = now
            with suppress(StoreError):
                self._defer(keeper.name, "rung", self._clock() + timedelta(seconds=debounce))

        return wake

    def _kept(self, workspace: str) -> None:
        """A job: whatever is due of one workspace."""
        keeper = self._keepers.get(workspace)
        if keeper is None:
            log.error("a job of a workspace that is not served here", workspace=workspace)
            return
        keeper.keep()
        try:
            at = keeper.next_at()
        except StoreError:
            return
        finally:
            keeper.store.release()
        if at <= self._clock() + SOON:
            self._defer(workspace, "again", at)

    def _look(self, timestamp: int) -> None:
        """The job of every minute."""
        del timestamp
        for name, keeper in self._keepers.items():
            keeper.refresh()
            try:
                if keeper.next_at() <= self._clock():
                    self._defer(name, "due")
            except StoreError as error:
                log.error("the store can't be used", workspace=name, cause=str(error))
            finally:
                keeper.store.release()

    async def _rescue(self, timestamp: int) -> None:
        """Run the jobs of dead workers again."""
        del timestamp
        for job in await self._app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
            log.warning("a worker is gone; its job is taken up again", job=job.id, task=job.task_name)
            try:
                await self._app.job_manager.retry_job(job)
            except (AlreadyEnqueued, ConnectorException):
                # One like it waits already, and does what this one would.
                assert job.id is not None  # noqa: S101 - it is in the database
                await self._app.job_manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=True)

    async def _open(self) -> None:
        await self._app.open_async()

    async def _close(self) -> None:
        await self._app.close_async()

    async def _work(self) -> None:
        running = self._app.run_worker_async(
            concurrency=AT_ONCE,
            install_signal_handlers=False,
            delete_jobs="successful",
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=STALLED,
        )
        self._worker = asyncio.create_task(running)

    async def _end(self, seconds: float) -> bool:
        """Whether what runs has ended; the worker lets it, once it is cancelled."""
        assert self._worker is not None  # noqa: S101 - whoever calls has looked
        self._worker.cancel()
        done, _ = await asyncio.wait([self._worker], timeout=seconds)
        return bool(done)

    def _defer(self, workspace: str, why: str, at: datetime | None = None) -> None:
        """One that waits already is enough. What is to run later does not stand before what is to run now."""
        waits = f"{workspace} {'later' if why == 'again' else 'now'}"
        options: dict[str, Any] = {"lock": workspace, "queueing_lock": waits}
        if at is not None:
            options["schedule_at"] = at
        with suppress(AlreadyEnqueued):
            self._ask(self._keep.configure(**options).defer_async(workspace=workspace))

    def _ask(self, question: Coroutine[Any, Any, Any], seconds: float = SECONDS_TO_ASK) -> Any:
        """From any thread but the loop's own. Raises StoreError."""
        asked = asyncio.run_coroutine_threadsafe(question, self._loop)
        try:
            return asked.result(seconds)
        except (ConnectorException, psycopg.Error, TimeoutError) as error:
            asked.cancel()
            raise unusable(error) from None
