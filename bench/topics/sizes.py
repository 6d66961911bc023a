"""How time and memory grow with the number of key results, without latency."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from itertools import product
from pathlib import Path

from bench.page import Page, Table
from bench.processes import CELLS, Series
from bench.runs import Bench, forget
from bench.stand_ins import sandbox
from bench.world import World, write_data, write_world

TITLE = "Many key results"
ABOUT = """Whole processes, a third of the key results on each tool, over at most 100 questions a tool, no latency.
*Plain*: each key result has its query, in one file. *Woven*: each is a formula over two named metrics, one of them its
neighbour's, objectives have parents, in files of some 500. *Again* is a pass in which nothing changed. *Cold* is
without what an earlier start left in the cache."""
DISTINCT, A_FILE = 100, 500
LINEAR = ("sync", "sync again", "check", "show", "plan")


def run(bench: Bench, page: Page) -> None:
    write_data(bench.folder / "data")
    table = page.table("key results", "world", "command", *CELLS, "CPU ms each")
    medians: dict[tuple[str, str, int], Series] = {}
    try:
        with sandbox(bench.folder / "data") as server:
            for count, woven in product(bench.sizes.counts, (False, True)):
                world = World(
                    count=count, distinct=DISTINCT, woven=woven, files=max(1, count // A_FILE) if woven else 1
                )
                name = "woven" if woven else "plain"
                workspace = bench.folder / f"{name}-{count}"
                write_world(workspace, world)
                for command, series in _lines(bench, table, count, name, workspace, server.environment):
                    medians[name, command, count] = series
    finally:
        _growth(page, medians, bench.sizes.counts)


def _lines(
    bench: Bench, table: Table, count: int, name: str, workspace: Path, environment: dict[str, str]
) -> Iterator[tuple[str, Series]]:
    def add(command: str, series: Series) -> tuple[str, Series]:
        table.add(f"{count:,}", name, command, *series.cells, f"{series.cpu / count * 1000:.2f}")
        return command, series

    yield add("sync", bench.okrsync(["sync"], workspace, environment, before=lambda: forget(workspace)))
    yield add("sync again", bench.okrsync(["sync"], workspace, environment))
    for command in ("check", "show", "plan"):
        yield add(command, bench.okrsync([command], workspace, environment))
    cache = workspace / "cache"
    if cache.exists():
        emptied = partial(shutil.rmtree, cache, ignore_errors=True)
        yield add("check, cold", bench.okrsync(["check"], workspace, environment, before=emptied))


def _growth(page: Page, medians: dict[tuple[str, str, int], Series], counts: tuple[int, ...]) -> None:
    if len(counts) < 2:
        return
    less, more = counts[-2:]
    table = page.table("world", "command", f"wall, {more:,} to {less:,}", "CPU", "memory")
    for name in ("plain", "woven"):
        for command in LINEAR:
            small, large = medians.get((name, command, less)), medians.get((name, command, more))
            if small is None or large is None:
                continue
            table.add(
                name,
                command,
                f"{large.seconds / small.seconds:.1f}",
                f"{large.cpu / small.cpu:.1f}",
                f"{large.megabytes / small.megabytes:.1f}",
            )
