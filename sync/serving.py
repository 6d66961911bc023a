"""What one process of `okrsync serve` holds together: keepers, the engine that says when to look, what is told."""

from __future__ import annotations

import os
import platform
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import structlog

from config.problems import ConfigError, Problem
from sync.engines.base import Engine, Waiting
from sync.keeper import Keeper
from sync.lease import sole_serve
from sync.passes import Pass
from sync.situation import HEARD
from sync.store.conditions import WORKER, Condition
from sync.store.errors import StoreError
from sync.watchers import tell_watchers

Role = Literal["web", "worker", "all"]
LOOK_LATE = 4 * HEARD
"""How long after its last look an engine counts as stopped."""
log = structlog.get_logger("sync.serving")


class Service:
    """`lost` is set where another process took over meanwhile, so that this one has to end."""

    def __init__(self, paths: Sequence[Path], clock: Callable[[], datetime], role: Role = "all") -> None:
        """Raises ConfigError and StoreError."""
        self.clock = clock
        self.role = role
        self.lost = threading.Event()
        self._stack = ExitStack()
        self._ended = threading.Event()
        self.keepers: dict[str, Keeper] = {}
        self.on_pass: list[Callable[[Keeper, Pass], None]] = []
        try:
            for path in paths:
                self._open(path)
            self.engine = self._engine()
        except BaseException:
            self._stack.close()
            raise

    def start(self) -> None:
        """Raises StoreError where another serves the same store."""
        if not self.is_shared:
            for keeper in self.keepers.values():
                self._stack.enter_context(sole_serve(keeper.store, self.lost.set))
        self.engine.start()
        threading.Thread(target=self._tell_on, name="heartbeat", daemon=True).start()
        log.info("serving", workspaces=sorted(self.keepers), role=self.role, shared=self.is_shared)

    def stop(self, seconds: float) -> None:
        """Begin nothing more, and give what runs so long to end. What does not is repeated by the next one."""
        self._ended.set()
        if not self.engine.stop(seconds):
            log.warning("a pass was left; the next one completes it")
        for keeper in self.keepers.values():
            try:
                keeper.store.conditions.drop(WORKER, self._name)
            except StoreError as error:
                log.warning("the store can't be told that this process ends", cause=str(error))
        self._stack.close()

    @property
    def is_shared(self) -> bool:
        return any(keeper.workspace.serving.queue for keeper in self.keepers.values())

    def refused(self) -> dict[str, list[str]]:
        """What is wrong with changed files, by workspace. The last good ones go on, so it is ready all the same."""
        return {name: [str(one) for one in keeper.problems] for name, keeper in self.keepers.items() if keeper.problems}

    def unready(self) -> dict[str, str]:
        """Why it does not keep everything current; empty if it does."""
        found: dict[str, str] = {}
        now = self.clock()
        for name, keeper in self.keepers.items():
            if keeper.trouble:
                found[f"{name}: store"] = keeper.trouble
        try:
            waiting = self.engine.waiting()
        except StoreError as error:
            return found | {"queue": str(error)}
        if waiting.oldest is not None and now - waiting.oldest > LOOK_LATE:
            found["engine"] = f"{waiting.jobs} jobs wait since {waiting.oldest.isoformat(timespec='seconds')}"
        return found

    def waiting(self) -> Waiting:
        return self.engine.waiting()

    def _open(self, path: Path) -> None:
        keeper = Keeper(path, self.clock)
        self._stack.callback(keeper.close)
        if keeper.name in self.keepers:
            other = self.keepers[keeper.name].path
            message = f"the workspace at {other} is also called {keeper.name!r}"
            raise ConfigError([Problem(file=path, line=0, message=message, fix="Change `workspace:` in one of them")])
        self.keepers[keeper.name] = keeper
        keeper.on_pass.append(self._passed)

    def _passed(self, keeper: Keeper, made: Pass) -> None:
        for told in self.on_pass:
            told(keeper, made)
        tell_watchers(keeper.workspace, keeper.store, made)

    def _engine(self) -> Engine:
        queues = {keeper.workspace.serving.queue for keeper in self.keepers.values()}
        if queues == {None}:
            from sync.engines.local import LocalEngine

            if self.role != "all":
                raise StoreError("--role needs `queue:` in okrsync.yaml: without it one process does everything.")
            return LocalEngine(self.keepers.values(), self.clock)
        (queue, *others) = queues
        if queue is None or others:
            raise StoreError("The workspaces of one `okrsync serve` need the same `queue:`, or none.")
        from sync.engines.shared import SharedEngine

        return SharedEngine(self.keepers, self.clock, queue, works=self.role != "web")

    @property
    def _name(self) -> str:
        return f"{platform.node()} {os.getpid()}"

    def _tell_on(self) -> None:
        """Record that this process lives, for `okrsync status`."""
        told: Mapping[str, object] = {
            "host": platform.node(), "pid": os.getpid(), "role": self.role, "version": version("okrsync"),
        }  # fmt: skip
        while True:
            for keeper in self.keepers.values():
                try:
                    keeper.store.conditions.put(Condition(kind=WORKER, name=self._name, value=told, at=self.clock()))
                except StoreError as error:
                    log.warning("the store can't be told that this process lives", cause=str(error))
                if self.is_shared:
                    keeper.store.release()
            if self._ended.wait(HEARD.total_seconds()):
                return
