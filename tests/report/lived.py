"""A workspace over a memory connector that has lived for some weeks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cli.main import run
from config.load import Workspace, load
from connectors.memory.pull import MemoryConnector
from sync.owner import owner_of
from sync.plan import make_plan
from sync.record import record
from sync.standing import standing_of
from sync.store.store import Store
from tests.sync.conftest import connector

START = datetime(2026, 10, 5, 9, tzinfo=UTC)
"""A Monday."""


@dataclass
class Lived:
    folder: Path
    capture: Callable[[], tuple[str, str]]
    crm: MemoryConnector = field(default_factory=lambda: connector("crm", {}))
    at: datetime = START

    @property
    def workspace(self) -> Workspace:
        return load(self.folder)

    @contextmanager
    def store(self) -> Iterator[Store]:
        workspace = self.workspace
        opened = Store.open(workspace.store, owner_of(workspace))
        yield opened
        opened.close()

    def write(self, okrs: str, worker: str = "") -> None:
        (self.folder / "okrs").mkdir(parents=True, exist_ok=True)
        (self.folder / "okrsync.yaml").write_text(f"connections:\n  crm: {{type: memory}}\n{worker}")
        (self.folder / "okrs" / "a.yaml").write_text(okrs)

    def sync(self, day: int, **values: Any) -> None:
        self.at = START + timedelta(days=day)
        self.crm.values.update(values)
        self.crm.clock = lambda: self.at
        workspace = self.workspace
        with self.store() as store:
            standing = standing_of(store, workspace.time_zone)
            plan = make_plan(workspace, {"crm": self.crm}, store.last_check_ins(), self.at, standing=standing)
            record(plan, store, self.at)

    def okrsync(self, *arguments: str, day: int, code: int = 0) -> str:
        self.capture()
        found = run(["-c", str(self.folder), *arguments], clock=lambda: START + timedelta(days=day))
        out, err = self.capture()
        assert found == code, err
        return out or err

    def json(self, *arguments: str, day: int) -> Any:
        return json.loads(self.okrsync(*arguments, day=day))
