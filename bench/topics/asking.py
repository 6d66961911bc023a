"""The three tools with latency, beside a good script and beside the least that the vendors' limits allow."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench import needed
from bench.page import Page, Table
from bench.processes import CELLS, OKRSYNC, Run, Series, once, spread
from bench.runs import Bench, forget, surroundings
from bench.stand_ins import Sandbox, Seen, sandbox
from bench.world import TOOLS, World, write_data, write_world

TITLE = "Asking, beside a script"
ABOUT = """Whole processes, from start to exit. okrsync reads the files, asks, assesses and records; the script
(`bench/script.py`) asks each distinct question once, by ten threads for each tool, with the same client libraries, and
prints the values: it records, judges and explains nothing. *Calls* are those that the server saw in each run, *needed*
is the least by the vendors' limits (`bench/needed.py`, which knows nothing of okrsync), *beyond* what was sent in vain.
*Asking s* is the time from the first question to the last answer, by the server's clock; *least s* that of the needed
calls alone, as many at once as the vendors let through. *Values* counts answers that are the same as the script's."""


def run(bench: Bench, page: Page) -> None:
    sizes = bench.sizes
    write_data(bench.folder / "data")
    page.say(
        f"{sizes.shared:,} key results over {sizes.distinct} distinct questions of each tool, "
        f"{sizes.latency * 1000:.0f} ms latency."
    )
    table = page.table("tools", "by", *CELLS, "calls", "needed", "beyond", "refused", "asking s", "least s", "values")
    for tools in (*((tool,) for tool in TOOLS), TOOLS):
        world = World(count=sizes.shared * len(tools), distinct=sizes.distinct, tools=tools)
        workspace = bench.folder / "-".join(tools)
        write_world(workspace, world)
        with sandbox(bench.folder / "data", sizes.latency) as server:
            _lines(bench, table, world, workspace, server)


def _lines(bench: Bench, table: Table, world: World, workspace: Path, server: Sandbox) -> None:
    script: dict[str, dict[str, Any]] = {}
    seen: list[Seen] = []

    def note(made: Run) -> None:
        seen.append(server.seen())
        script.update(json.loads(made.output))

    command = [sys.executable, "-m", "bench.script", str(workspace / "questions.json")]
    theirs = bench.series(command, server.environment, after=note)
    _add(table, bench, world, "the script", theirs, seen, "")
    seen = []
    ours = bench.okrsync(
        ["sync"],
        workspace,
        server.environment,
        before=lambda: forget(workspace),
        after=lambda _: seen.append(server.seen()),
    )
    _add(table, bench, world, "okrsync", ours, seen, _same(world, workspace, server, script))


def _add(table: Table, bench: Bench, world: World, who: str, series: Series, seen: Sequence[Seen], values: str) -> None:
    asked = {tool: len(questions) for tool, questions in world.asked().items()}
    least = sum(needed.calls(tool, count) for tool, count in asked.items())
    ideal = max(needed.seconds(tool, count, bench.sizes.latency) for tool, count in asked.items())
    made = [one.all_calls for one in seen]
    table.add(
        "all three" if len(world.tools) > 1 else world.tools[0],
        who,
        *series.cells,
        spread(made, digits=0),
        least,
        spread([one - least for one in made], digits=0),
        spread([sum(one.refused.values()) for one in seen], digits=0),
        spread([one.seconds + bench.sizes.latency for one in seen]),
        f"{ideal:.2f}",
        values,
    )


def _same(world: World, workspace: Path, server: Sandbox, script: dict[str, dict[str, Any]]) -> str:
    """How many of the values that were recorded are those that the script got."""
    command = [*OKRSYNC, "-c", str(workspace), "show", "--json"]
    shown = json.loads(once(command, {**server.environment, **surroundings(workspace)}).output)
    recorded = {one["id"]: one["check_in"] for objective in shown["objectives"] for one in objective["key_results"]}
    asked = {tool: list(values.values()) for tool, values in script.items()}
    same = 0
    for n in range(world.count):
        check_in = recorded.get(f"kr{n}")
        wanted = asked[world.tool(n)][world.number(n)]
        same += check_in is not None and Decimal(check_in["value"]) == Decimal(str(wanted))
    return f"{same:,} of {world.count:,}"
