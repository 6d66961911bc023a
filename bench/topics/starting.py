"""Commands from a cold start."""

from __future__ import annotations

import sys

from bench.page import Page
from bench.processes import CELLS
from bench.runs import Bench, forget
from bench.stand_ins import sandbox
from bench.world import World, write_data, write_world

TITLE = "A command's start"
ABOUT = "Whole processes over 25 key results on three tools. What Python itself costs stands in the first line."


def run(bench: Bench, page: Page) -> None:
    table = page.table("command", *CELLS)
    table.add("`python -c pass`", *bench.series([sys.executable, "-c", "pass"], {}).cells)
    workspace = bench.folder / "workspace"
    write_data(bench.folder / "data")
    write_world(workspace, World(count=min(25, bench.sizes.shared)))
    with sandbox(bench.folder / "data") as server:
        for command in ("--help", "check", "sync", "show", "show --json", "history kr0", "explain kr0"):
            before = (lambda: forget(workspace)) if command == "sync" else (lambda: None)
            table.add(
                f"`okrsync {command}`",
                *bench.okrsync(command.split(), workspace, server.environment, before=before).cells,
            )
