"""What a store grows to, and whether old history makes anything slower."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.page import Page, Table
from bench.processes import CELLS, once
from bench.runs import Bench, surroundings

TITLE = "Growth"
ABOUT = """100 key results in one process, pass after pass with a clock that is set forward; every pass is made and
measured, none is extrapolated. Values come from memory, so that the passes' own time is seen. Afterwards commands are
run on the store that has grown."""
KEY_RESULTS = 100


def run(bench: Bench, page: Page) -> None:
    table = page.table(
        "what", "passes", "check-ins", "store MB", "CPU ms a pass, first tenth", "last tenth", "wall s", "peak MB"
    )
    commands = page.table("on the store of", "command", *CELLS)
    hours = 24 * bench.sizes.days
    if bench.sizes.changed_passes:
        _line(bench, table, commands, "all values change in every pass", bench.sizes.changed_passes, KEY_RESULTS)
    if hours:
        _line(bench, table, commands, f"{bench.sizes.days} days, hourly, a tenth changes", hours, KEY_RESULTS // 10)


def _line(bench: Bench, table: Table, commands: Table, what: str, passes: int, changed: int) -> None:
    workspace = bench.folder / f"{passes}-{changed}"
    write_workspace(workspace)
    command = [sys.executable, "-m", "bench.growth", str(workspace), str(passes), str(changed)]
    made = once(command, surroundings(workspace))
    told = json.loads(made.output.splitlines()[-1])
    table.add(
        what,
        f"{passes:,}",
        f"{told['check_ins']:,}",
        f"{_store_bytes(workspace) / 1e6:.1f}",
        f"{told['first']:.1f}",
        f"{told['last']:.1f}",
        f"{made.seconds:.1f}",
        f"{made.megabytes:.0f}",
    )
    for asked in ("sync --dry-run", "show", "history o0", "history kr0", "explain kr0"):
        commands.add(what, f"`{asked}`", *bench.okrsync(asked.split(), workspace, {}).cells)


def _store_bytes(workspace: Path) -> int:
    return sum(file.stat().st_size for file in workspace.glob("store.sqlite*"))


def write_workspace(folder: Path) -> None:
    (folder / "okrs").mkdir(parents=True)
    values = ", ".join(f"v{n}: {n}" for n in range(KEY_RESULTS))
    (folder / "okrsync.yaml").write_text(f"connections:\n  memory: {{values: {{{values}}}}}\n")
    lines = [f"cycle: {datetime.now(UTC).year}", "guards: {plausible: false, zero: false, leap: false}", "objectives:"]
    for n in range(KEY_RESULTS):
        if n % 5 == 0:
            lines += [f"  - id: o{n}", f"    title: Objective {n}", "    key_results:"]
        lines.append(f"      - {{id: kr{n}, title: Key result {n}, start: 0, target: 100, value: {{memory: v{n}}}}}")
    (folder / "okrs" / "all.yaml").write_text("\n".join(lines) + "\n")
