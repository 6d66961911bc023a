"""One process alone: APScheduler decides when to look."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from sync.engines.base import Waiting
from sync.keeper import Keeper
from sync.store.errors import StoreError

AT_ONCE = 8
"""Workspaces that are looked after at the same time; each has threads of its own for its connections."""
LOOK = timedelta(seconds=15)
"""How often to look at files and the inbox if nothing wakes us."""
log = structlog.get_logger("sync.engine")


class LocalEngine:
    """Each keeper is looked after by one job at a time; when that ends, it says when to look again."""

    def __init__(self, keepers: Collection[Keeper], clock: Callable[[], datetime]) -> None:
        self._keepers = keepers
        self._clock = clock
        self._lock = threading.Lock()
        self._planned: dict[str, datetime] = {}
        self._running: set[str] = set()
        self._stopping = False
        self._ended = threading.Condition(self._lock)
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(AT_ONCE)},
            # However late a job is begun, it is begun, and once.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 2},
        )

    def start(self) -> None:
        for keeper in self._keepers:
            keeper.start()
            keeper.wake = self._waker(keeper)
            self._plan(keeper, self._clock())
        self._scheduler.start()

    def stop(self, seconds: float) -> bool:
        with self._lock:
            self._stopping = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        with self._ended:
            return self._ended.wait_for(lambda: not self._running, seconds)

    def waiting(self) -> Waiting:
        now = self._clock()
        with self._lock:
            late = [at for name, at in self._planned.items() if at < now and name not in self._running]
        return Waiting(jobs=len(late), oldest=min(late, default=None))

    def _waker(self, keeper: Keeper) -> Callable[[], None]:
        def wake() -> None:
            at = self._clock() + timedelta(seconds=keeper.workspace.webhooks.debounce)
            with self._lock:
                # One that runs looks once more when it ends.
                soon = keeper.name in self._running or self._planned.get(keeper.name, at) < at
            if not soon:
                self._plan(keeper, at)

        return wake

    def _plan(self, keeper: Keeper, at: datetime) -> None:
        with self._lock:
            if self._stopping:
                return
            self._planned[keeper.name] = at
            self._scheduler.add_job(
                self._look, "date", run_date=at, args=[keeper], id=keeper.name, replace_existing=True
            )

    def _look(self, keeper: Keeper) -> None:
        with self._lock:
            if self._stopping or keeper.name in self._running:
                return
            self._running.add(keeper.name)
        try:
            keeper.refresh()
            if self._next_at(keeper) <= self._clock():
                keeper.keep()
        finally:
            with self._ended:
                self._running.discard(keeper.name)
                self._ended.notify_all()
            self._plan(keeper, self._next_at(keeper))

    def _next_at(self, keeper: Keeper) -> datetime:
        soonest = self._clock() + LOOK
        try:
            return min(keeper.next_at(), soonest)
        except StoreError as error:
            log.error("the store can't be used", workspace=keeper.name, cause=str(error))
            return soonest
