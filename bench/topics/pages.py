"""Reports and pages for people."""

from __future__ import annotations

import shutil
from functools import partial

from bench.page import Page
from bench.processes import CELLS, OKRSYNC, once
from bench.runs import Bench, surroundings
from bench.stand_ins import sandbox
from bench.world import World, write_data, write_world

TITLE = "Reports and pages"
ABOUT = """Whole processes over a store in which each key result was recorded once. `--site` writes the pages of
everything as files, anew each time."""


def run(bench: Bench, page: Page) -> None:
    workspace = bench.folder / "workspace"
    write_data(bench.folder / "data")
    write_world(workspace, World(count=bench.sizes.shared, distinct=100))
    with sandbox(bench.folder / "data") as server:
        environment = {**server.environment, **surroundings(workspace)}
        once([*OKRSYNC, "-c", str(workspace), "sync"], environment)
    table = page.table("key results", "command", *CELLS)
    site = bench.folder / "site"
    for command, arguments in (
        ("show", []),
        ("report --week now", ["--week", "now"]),
        ("report --site", ["--site", str(site)]),
    ):
        series = bench.okrsync(
            [command.split()[0], *arguments],
            workspace,
            environment,
            before=partial(shutil.rmtree, site, ignore_errors=True),
        )
        table.add(f"{bench.sizes.shared:,}", f"`okrsync {command}`", *series.cells)
