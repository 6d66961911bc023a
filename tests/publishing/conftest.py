"""A workspace whose key results are published into memory, and passes over it, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from config.load import Workspace, load
from connectors.memory.pull import MemoryConnector
from connectors.memory.spec import MemoryOptions
from mapping.model import Key
from mapping.posting import Post
from sync.passes import Pass, run_pass
from sync.store.store import Store

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
WORKER = """
connections:
  crm: {type: memory}
  board: {type: memory, publish: true}
  wall: {type: memory, publish: true}
"""
OKRS = """
cycle: 2026-Q4
objectives:
  - id: grow
    title: Grow
    publish: {memory: {name: top, fields: {percent: progress}}, connection: wall}
    key_results:
      - id: sales
        title: Sales
        start: 0
        target: 100
        value: {memory: won, connection: crm}
        publish:
          - {memory: {name: sales, fields: {number: value, word: status, fresh: freshness}}, connection: board}
          - {memory: {name: sales, fields: {number: value}}, connection: wall}
      - {id: silent, title: Silent, start: 0, target: 10, value: {memory: other, connection: crm}}
"""


@dataclass
class Company:
    """`now` moves by a minute with each pass."""

    workspace: Workspace
    store: Store
    tools: dict[str, MemoryConnector]
    now: datetime = AT
    keys: dict[str, Key] = field(default_factory=dict)

    def sync(self, *, dry: bool = False, **values: Any) -> Pass:
        self.tools["crm"].values.update(values)
        self.now += timedelta(minutes=1)
        return run_pass(self.workspace, self.store, lambda: self.now, reason="one-shot", dry=dry)

    def posts(self) -> dict[tuple[str, str], Post]:
        return {(one.connection, one.kind): one for one in self.store.outbox.posts().values()}

    def number(self, connection: str = "board") -> Any:
        return self.tools[connection].places["sales"]["number"]


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> dict[str, MemoryConnector]:
    made = {name: MemoryConnector(name, MemoryOptions(), clock=lambda: AT) for name in ("crm", "board", "wall")}
    made["crm"].values = {"won": Decimal(10), "other": Decimal(1)}

    @contextmanager
    def opened(_: Any, names: Iterable[str], *__: Any) -> Iterator[Mapping[str, MemoryConnector]]:
        yield {name: made[name] for name in names}

    for module in ("passes", "publishing.sending", "publishing.previewing", "publishing.judging"):
        monkeypatch.setattr(f"sync.{module}.opened", opened)
    return made


@pytest.fixture
def company_of(tmp_path: Path, tools: dict[str, MemoryConnector]) -> Iterator[Callable[[str], Company]]:
    stores: list[Store] = []

    def make(okrs: str) -> Company:
        (tmp_path / "okrs").mkdir(exist_ok=True)
        (tmp_path / "okrsync.yaml").write_text(WORKER)
        (tmp_path / "okrs" / "a.yaml").write_text(okrs)
        workspace = load(tmp_path)
        stores.append(Store.open(f"sqlite:///{tmp_path}/store.sqlite"))
        return Company(workspace=workspace, store=stores[-1], tools=tools)

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def company(company_of: Callable[[str], Company]) -> Company:
    return company_of(OKRS)
