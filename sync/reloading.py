"""Reads what the operator changed, while it runs. It refuses broken changes, and the last good files stay in use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from config.glance import glance
from config.load import Workspace, load
from config.problems import ConfigError, Problem
from sync.definitions import definitions_of
from sync.store.conditions import FILES, Condition
from sync.store.store import Store

log = structlog.get_logger("sync.files")


class Files:
    """The files of one workspace. `problems` are those of a change that was refused, none where the files are good."""

    def __init__(self, path: Path) -> None:
        """Raises ConfigError."""
        self.path = path
        self.seen: Any = glance(path)
        self.workspace: Workspace = load(path)
        self.problems: tuple[Problem, ...] = ()

    def refresh(self) -> bool:
        """Whether they say another thing now than before, or are broken since, or are good again."""
        now = glance(self.path)
        if now == self.seen:
            return False
        self.seen = now
        try:
            new = load(self.path)
            _refuse_another_store(self.workspace, new)
        except ConfigError as error:
            self.problems = tuple(error.problems)
            log.error("changed files are refused", problems=[str(one) for one in error.problems])
            return True
        self.problems, self.workspace = (), new
        log.info("changed files are taken up", key_results=len(new.bindings))
        return True


def _refuse_another_store(old: Workspace, new: Workspace) -> None:
    changed = [
        name
        for name, before, after in (
            ("store", old.store, new.store),
            ("workspace", old.name, new.name),
            ("queue", old.serving.queue, new.serving.queue),
        )
        if before != after
    ]
    if changed:
        message = f"the new {' and '.join(changed)} takes effect when `okrsync serve` is restarted"
        fix = "Restart it, or undo the change"
        raise ConfigError([Problem(file=new.files[0], line=0, message=message, fix=fix)])


def tell_problems(store: Store, problems: tuple[Problem, ...], at: datetime) -> None:
    """For `okrsync status`, which runs elsewhere."""
    if not problems:
        store.conditions.drop(FILES, "")
        return
    value = [{"file": str(one.file), "line": one.line, "message": one.message, "fix": one.fix} for one in problems]
    store.conditions.put(Condition(kind=FILES, name="", value=value, at=at))


def ask_for_changed(workspace: Workspace, store: Store, clock: Callable[[], datetime]) -> None:
    """What says another thing than is recorded is asked at once."""
    known = store.defined.hashes()
    changed = [
        one.key_result
        for one in definitions_of(workspace, workspace.bindings.values())
        if known.get(one.key) != one.hash
    ]
    if changed:
        store.inbox.ask(changed, clock())
