"""What a topic measures with: a folder, a size, and runs that end in time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.processes import OKRSYNC, Run, Series, once

LEAST_RUNS = 3
ENOUGH = 8.0
"""Seconds on one line after which its least runs are enough."""
TOO_LONG = 60.0
"""Seconds of a first run after which one is enough."""


class TimeIsUp(Exception):
    """What is left is not measured."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """`counts` of key results without latency; `shared` key results over `distinct` questions of each tool with
    `latency` seconds; growth over `changed_passes` and over `days` of 24 passes; `runs` of each line at most."""

    counts: tuple[int, ...] = (100, 1_000, 10_000)
    shared: int = 1_000
    distinct: int = 300
    latency: float = 0.2
    assessed: tuple[int, ...] = (1_000, 10_000)
    changed_passes: int = 0
    days: int = 0
    runs: int = 5


USUAL = Sizes()
FULL = Sizes(counts=(10_000, 100_000), assessed=(100_000,), changed_passes=1_000, days=30)
SMALL = Sizes(counts=(10,), shared=12, distinct=4, latency=0.01, assessed=(20,), changed_passes=3, days=1, runs=1)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """`until` is the time of `time.monotonic()` at which nothing more is begun."""

    folder: Path
    sizes: Sizes
    until: float

    def look_at_the_clock(self) -> None:
        """Raises TimeIsUp."""
        if time.monotonic() > self.until:
            raise TimeIsUp

    def series(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        before: Callable[[], object] = lambda: None,
        after: Callable[[Run], object] = lambda _: None,
        codes: Sequence[int] = (0,),
    ) -> Series:
        """The command several times; `before` and `after` each, which are not measured, things are put right and looked
        at. Raises Failed, TimeIsUp."""
        runs: list[Run] = []
        begun = time.monotonic()
        while len(runs) < self.sizes.runs:
            spent = time.monotonic() - begun
            if runs and (runs[0].seconds > TOO_LONG or (len(runs) >= LEAST_RUNS and spent > ENOUGH)):
                break
            if runs and time.monotonic() > self.until:
                break
            self.look_at_the_clock()
            before()
            runs.append(once(command, environment, codes=codes))
            after(runs[-1])
        return Series(runs=tuple(runs))

    def okrsync(
        self,
        arguments: Sequence[str],
        workspace: Path,
        environment: Mapping[str, str],
        *,
        before: Callable[[], object] = lambda: None,
        after: Callable[[Run], object] = lambda _: None,
    ) -> Series:
        """A command of okrsync in a workspace, whose store and cache lie in it."""
        around = {**environment, **surroundings(workspace)}
        return self.series([*OKRSYNC, "-c", str(workspace), *arguments], around, before=before, after=after)


def surroundings(workspace: Path) -> dict[str, str]:
    return {"OKRSYNC_STORE": f"sqlite:///{workspace}/store.sqlite", "OKRSYNC_CACHE": f"{workspace}/cache"}


def forget(workspace: Path) -> None:
    """Nothing is recorded."""
    for file in workspace.glob("store.sqlite*"):
        file.unlink()
