"""Random passes with faults at every point: whatever happens, each place ends with the last value, nothing is told
twice, nothing older comes after what is newer, and nobody's edit is written over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from config.load import load
from connectors.base import Connector
from connectors.errors import Unreachable
from connectors.memory.pull import MemoryConnector
from connectors.memory.spec import MemoryOptions
from sandbox.server import Server
from sync.passes import run_pass
from sync.store.store import Store
from tests.connectors.contract import FakeTime
from tests.publishing.conftest import AT
from tests.publishing.places import PLACES, Place
from tests.sweep import SEED, dice, sweep

OKRS = """
cycle: {name: long, start: 2026-11-01, end: 2090-12-31}
objectives:
  - id: o
    title: O
    key_results:
      - id: kr
        title: KR
        start: 0
        target: 1000000
        guards: {leap: false, zero: false}
        value: {memory: won, connection: crm}
        publish: PUBLISH
"""
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "lost"},
    {"kind": "reset"},
    *({"status": status, "body": '{"error": "no"}'} for status in (409, 412, 423, 500, 502, 504)),
    {"status": 503, "times": 9},
    {"status": 429, "headers": {"Retry-After": "1"}},
    {"status": 429, "headers": {"Retry-After": "7200"}, "times": 9},
    {"kind": "truncate"},
    {"kind": "html"},
)


class Killed(BaseException):
    """The process ended here: nothing of what would follow happens."""


class Grave:
    """Kills after so many steps of the outbox and of the tool, in the middle of any."""

    def __init__(self) -> None:
        self.left: int | None = None

    def step(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left <= 0:
                self.left = 0
                raise Killed

    def around(self, do: Callable[..., Any]) -> Callable[..., Any]:
        def done(*args: Any, **more: Any) -> Any:
            self.step()
            made = do(*args, **more)
            self.step()
            return made

        return done


class World:
    def __init__(self, place: Place, server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.place, self.server, self.grave = place, server, Grave()
        self.crm = MemoryConnector("crm", MemoryOptions(), clock=lambda: AT)
        self.now, self.value, self.edited = AT, 100, False
        self.counts: Counter[str] = Counter()
        monkeypatch.setattr("connectors.wire.time", FakeTime())
        for name, secret in place.secrets.items():
            monkeypatch.setenv(name, secret)
        (folder / "okrs").mkdir()
        (folder / "okrsync.yaml").write_text(
            f"connections:\n  crm: {{type: memory}}\n  there: {place.options(server)}\n"
        )
        (folder / "okrs" / "a.yaml").write_text(OKRS.replace("PUBLISH", place.form))
        self.workspace = load(folder)
        self.store = Store.open(f"sqlite:///{folder}/store.sqlite")
        for name in ("intend", "settle"):
            monkeypatch.setattr(self.store.outbox, name, self.grave.around(getattr(self.store.outbox, name)))
        for module in ("passes", "publishing.sending", "publishing.previewing"):
            monkeypatch.setattr(f"sync.{module}.opened", self.opened)

    @contextmanager
    def opened(self, connections: Any, names: Iterable[str], *_: Any) -> Iterator[Mapping[str, Connector]]:
        made: dict[str, Connector] = {}
        for name in names:
            if name == "crm":
                made[name] = self.crm
                continue
            wanted = connections[name]
            made[name] = wanted.spec.load()(name, wanted.options, clock=lambda: self.now)
            http = made[name]._client.http  # type: ignore[attr-defined]
            http.send = self.grave.around(http.send)
        try:
            yield made
        finally:
            for one in made.values():
                one.close()

    def live(self, rng: Random) -> None:
        """A pass, with what may happen before and in the middle of it."""
        self.now += timedelta(minutes=rng.choice((1, 5, 60, 600)))
        if rng.random() < 0.6:
            self.value += 1
            self.crm.values["won"] = Decimal(self.value)
        elif rng.random() < 0.1:
            self.crm.values["won"] = Unreachable("gone", connection="crm")
        self.server.faults.clear()
        for _ in range(rng.choice((0, 0, 1, 1, 2))):
            fault = rng.choice(FAULTS)
            self.counts[f"{fault.get('kind', fault.get('status'))}"] += 1
            method = rng.choice(("", *self.place.methods))
            self.server.faults.fail(path=self.place.path, method=method, **fault)
        at_rest = self.place.edit and not self.edited and self.place.read(self.server) is not None
        if at_rest and rng.random() < 0.08:
            self.counts["edits"] += 1
            self.before, self.edited = self.place.read(self.server), True
            self.place.edit(self.server, Decimal(-1))  # type: ignore[misc]
        elif self.edited and rng.random() < 0.5:
            self.place.edit(self.server, self.before)  # type: ignore[misc]
            self.edited = False
        self.grave.left = rng.randrange(1, 30) if rng.random() < 0.25 else None
        self.run()
        if self.edited:
            assert self.place.read(self.server) == -1, "somebody's edit was written over"

    def run(self) -> Any:
        self.counts["passes"] += 1
        try:
            return run_pass(self.workspace, self.store, lambda: self.now, reason="one-shot")
        except Killed:
            self.counts["killed"] += 1
            return None

    def rest(self) -> None:
        """All is well again: two passes bring everything where it belongs."""
        self.server.faults.clear()
        self.grave.left = None
        if self.edited and self.place.edit:
            self.place.edit(self.server, self.before)
            self.edited = False
        self.now += timedelta(hours=12)
        self.value += 1
        self.crm.values["won"] = Decimal(self.value)
        self.run()
        made = self.run()
        assert made.published.troubled == []
        told = self.place.told(self.server)
        assert told[-1] == self.value
        assert told == sorted(told), "an older value came after a newer"
        if self.place.appends:
            assert len(told) == len(set(told)), "something was told twice"
        self.counts["written"] = len(told)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_random_passes(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    with Server(place.application()) as server:
        world = World(place, server, tmp_path, monkeypatch)
        rng = dice(f"publishing {place.name}")
        # A first publication may write over what stands there; from then on edits are somebody's.
        world.rest()
        for number in range(sweep(25, 1000)):
            try:
                world.live(rng)
                if number % 50 == 24:
                    world.rest()
            except AssertionError as error:
                raise AssertionError(f"pass {number} of seed {SEED}: {error}") from error
        world.rest()
        world.store.close()
    record_property("counts", dict(world.counts))
    print(place.name, dict(sorted(world.counts.items())))
