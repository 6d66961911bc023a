"""Keeps one workspace current: what is due, when something is due next, and the pass over it. Engines only say when to
look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from structlog.contextvars import bound_contextvars

from config.load import Workspace
from config.problems import Problem
from sync.chores import Chore, chores_of
from sync.owner import owner_of
from sync.passes import Errand, Pass, run_errand
from sync.reloading import Files, ask_for_changed, tell_problems
from sync.store.conditions import ASKED, JOB, Condition
from sync.store.errors import StoreError
from sync.store.inbox import OF_THE_API, Touch
from sync.store.store import Store
from sync.store.writing import LeaseLost
from sync.ticks import due, next_tick
from sync.touched import concerned, over_at

AFTER_TROUBLE = timedelta(seconds=30)
log = structlog.get_logger("sync.keeper")


class Keeper:
    """One workspace with its store, for as long as `serve` runs. `wake` tells the engine that something was touched;
    it may be called from any thread, and as often as one likes. `trouble` is why the last look came to nothing."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        """Raises ConfigError and StoreError."""
        self.path = path
        self.clock = clock
        self._files = Files(path)
        self.store = Store.open(self.workspace.store, owner_of(self.workspace))
        self.chores: Sequence[Chore] = chores_of(self.store, clock)
        self.wake: Callable[[], None] = lambda: None
        self.trouble: str | None = None
        self.looked_at: datetime | None = None
        self.on_pass: list[Callable[[Keeper, Pass], None]] = []
        self.is_busy = False
        self._not_before: datetime | None = None

    @property
    def workspace(self) -> Workspace:
        """As its files said when they were right the last time."""
        return self._files.workspace

    @property
    def name(self) -> str:
        return self.workspace.name

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._files.problems

    def start(self) -> None:
        """Ask what changed while no process ran. Raises StoreError."""
        tell_problems(self.store, (), self.clock())
        ask_for_changed(self.workspace, self.store, self.clock)

    def refresh(self) -> None:
        """Read the changed files and secrets. If they are broken, keep the last good ones."""
        with bound_contextvars(workspace=self.name):
            if not self._files.refresh():
                return
            try:
                tell_problems(self.store, self.problems, self.clock())
                if not self.problems:
                    ask_for_changed(self.workspace, self.store, self.clock)
            except StoreError as error:
                self._failed(error)

    def next_at(self) -> datetime:
        """When to look after it next. Raises StoreError."""
        now, workspace = self.clock(), self.workspace
        coming = [next_tick(workspace, self._asked(), now), self._touched_at(now)]
        done = self.store.conditions.of(JOB)
        coming += [_chore_at(chore, done, now, workspace) for chore in self.chores if chore.wanted(workspace)]
        first = min((one for one in coming if one is not None), default=now + timedelta(days=1))
        return max(first, now, self._not_before or now)

    def keep(self) -> Pass | None:
        """Ask what is due, if anything is, and do the chores that are. Never raises."""
        with bound_contextvars(workspace=self.name):
            self.refresh()
            self.looked_at = self.clock()
            self.is_busy = True
            try:
                made = self._keep()
            except StoreError as error:
                self._failed(error)
                return None
            except Exception as error:
                log.exception("a pass broke")
                self._failed(error)
                return None
            finally:
                self.is_busy = False
            self.trouble = self._not_before = None
            return made

    def close(self) -> None:
        self.store.close()

    def _keep(self) -> Pass | None:
        made = None
        if self._choose() is not None:
            made = run_errand(self.workspace, self.store, self.clock, self._choose, wait=self.workspace.deadline)
        if made is not None:
            for tell in self.on_pass:
                tell(self, made)
        now, done = self.clock(), self.store.conditions.of(JOB)
        for chore in self.chores:
            if chore.wanted(self.workspace) and _chore_at(chore, done, now, self.workspace) <= now:
                chore.do(self.workspace)
                self.store.conditions.put(Condition(kind=JOB, name=chore.name, value=None, at=now))
        return made

    def _failed(self, error: Exception) -> None:
        self.trouble, self._not_before = str(error), self.clock() + AFTER_TROUBLE
        if isinstance(error, LeaseLost):
            log.warning("pass given up", cause=str(error))
        elif isinstance(error, StoreError):
            log.error("the store can't be used", cause=str(error))

    def _asked(self) -> dict[str, datetime]:
        return {name: one.at for name, one in self.store.conditions.of(ASKED).items()}

    def _choose(self) -> Errand | None:
        """What is due now. What nobody has to be asked for is settled here and now."""
        now, workspace = self.clock(), self.workspace
        ticked, touches = due(workspace, self._asked(), now), self._touches(now)
        if touches and not ticked and over_at(touches, workspace.webhooks.debounce) > now:
            return None
        wanted = frozenset().union(*ticked.values())
        if touches:
            wanted |= concerned(workspace, touches, now, self.store)
        settled = tuple(touch.id for touch in touches)
        if not wanted:
            self.store.inbox.settle(settled)
            self.store.conditions.put(*(Condition(kind=ASKED, name=name, value=None, at=now) for name in ticked))
            return None
        by_person = all(touch.connection == OF_THE_API for touch in touches)
        return Errand(
            key_results=wanted, touches=settled, reason="schedule" if ticked else "person" if by_person else "hook"
        )

    def _touches(self, now: datetime) -> list[Touch]:
        """In quiet hours, only what people ask for counts."""
        touches = self.store.inbox.waiting(now)
        return [one for one in touches if one.connection == OF_THE_API] if self._quiet_until(now) else touches

    def _touched_at(self, now: datetime) -> datetime | None:
        quiet = self._quiet_until(now)
        if touches := self._touches(now):
            return over_at(touches, self.workspace.webhooks.debounce)
        if quiet is not None:
            return quiet
        return self.store.inbox.next_at(now)

    def _quiet_until(self, now: datetime) -> datetime | None:
        quiet = self.workspace.serving.quiet
        return quiet.until(now, self.workspace.time_zone) if quiet else None


def _chore_at(chore: Chore, done: dict[str, Condition], now: datetime, workspace: Workspace) -> datetime:
    last = done.get(chore.name)
    if last is None or last.at < chore.schedule.last(now, workspace.time_zone):
        return now
    return chore.schedule.next(now, workspace.time_zone)
