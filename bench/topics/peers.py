"""Others who can count issues, on the real issues of a public Jira."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.page import Page
from bench.processes import CELLS, OKRSYNC, Run, once, spread
from bench.runs import Bench, forget, surroundings
from bench.stand_ins import sandbox
from bench.world import write_worker

TITLE = "Peers, on real issues"
ABOUT = """29,057 issues of a public Jira, 44 counts: by project, by status, and by kind and year. Who counts by the
jira library does it ten at once; dlt's rest_api source extracts the ids side by side and loads them nowhere. Each is a
process of its own, but okrsync alone also reads its files and records what it found. *Right* are those counts that
agree with the issues themselves, counted from the file. The sandbox's estimate is exact; Atlassian's may lag. okrsync
takes the estimate above 10,000 issues, and says so."""
ROOT = Path(__file__).parents[2]
ISSUES = ROOT.parent / "shared" / "data" / "jira" / "issues.jsonl.gz"
PEERS = ROOT / "bench" / "peers"
DLT = ROOT / ".venv" / "dlt" / "bin" / "python"
PROJECTS, KINDS, YEARS = ("TIMOB", "AC", "ALOY", "MOD", "DAEMON"), ("Bug", "Improvement", "Story"), range(2011, 2022)
Fields = Mapping[str, Any]


def run(bench: Bench, page: Page) -> None:
    if not ISSUES.exists():
        page.say(f"Skipped: the issues are not there ({ISSUES.relative_to(ROOT.parent)}).")
        return
    truth = _truth()
    questions = bench.folder / "questions.json"
    questions.write_text(json.dumps(list(truth)))
    data = bench.folder / "data" / "jira"
    data.mkdir(parents=True)
    (data / ISSUES.name).symlink_to(ISSUES)
    workspace = bench.folder / "workspace"
    _write_workspace(workspace, list(truth))
    page.say(f"{bench.sizes.latency * 1000:.0f} ms latency.")
    table = page.table("by", *CELLS, "calls", "right")
    with sandbox(bench.folder / "data", bench.sizes.latency) as server:
        environment = {**server.environment, "RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": str(bench.folder)}

        def line(who: str, command: list[str], counts: Callable[[Run], list[int]], **more: Any) -> None:
            made: list[int] = []
            server.seen()
            series = bench.series(command, environment, after=lambda _: made.append(server.seen().all_calls), **more)
            found = counts(series.runs[-1])
            right = sum(one == other for one, other in zip(found, truth.values(), strict=True))
            table.add(who, *series.cells, spread(made, digits=0), f"{right} of {len(truth)}")

        environment |= surroundings(workspace)
        command = [*OKRSYNC, "-c", str(workspace), "sync"]
        line("okrsync", command, lambda _: _recorded(workspace, environment), before=lambda: forget(workspace))
        for way in ("estimate", "paging"):
            command = [sys.executable, str(PEERS / "with_jira.py"), way, str(questions)]
            line(f"jira library, by {way}", command, lambda made: list(json.loads(made.output)))
        if DLT.exists():
            line("dlt's rest_api", [str(DLT), str(PEERS / "with_dlt.py"), str(questions)], _printed)
    if not DLT.exists():
        page.say("dlt's rest_api source: skipped, dlt is not installed (`make bench-peers` does it).")


def _printed(made: Run) -> list[int]:
    return list(json.loads(made.output.splitlines()[-1]))


def _recorded(workspace: Path, environment: Mapping[str, str]) -> list[int]:
    shown = json.loads(once([*OKRSYNC, "-c", str(workspace), "show", "--json"], environment).output)
    return [int(one["check_in"]["value"]) for objective in shown["objectives"] for one in objective["key_results"]]


def _questions() -> Iterator[tuple[str, Callable[[Fields], bool]]]:
    """Each JQL, and what it means of an issue's fields."""
    for project in PROJECTS:
        yield f"project = {project}", lambda it, project=project: it["project"]["key"] == project  # type: ignore[misc]
    for status in ("Closed", "Open", "Resolved", "Reopened", "In Review", "In Progress"):
        yield f'status = "{status}"', lambda it, status=status: it["status"]["name"] == status  # type: ignore[misc]
    for kind in KINDS:
        for year in YEARS:
            yield (
                f'issuetype = {kind} AND created >= "{year}-01-01" AND created < "{year + 1}-01-01"',
                lambda it, kind=kind, year=str(year): (  # type: ignore[misc]
                    it["issuetype"]["name"] == kind and it["created"].startswith(year)
                ),
            )


def _truth() -> dict[str, int]:
    questions = dict(_questions())
    found = dict.fromkeys(questions, 0)
    with gzip.open(ISSUES, "rt", encoding="utf-8") as lines:
        for line in lines:
            fields = json.loads(line)["fields"]
            for jql, means in questions.items():
                found[jql] += means(fields)
    return found


def _write_workspace(folder: Path, jqls: list[str]) -> None:
    write_worker(folder)
    lines = [
        f"cycle: {datetime.now(UTC).year}",
        "guards: {plausible: false}",
        "objectives:",
        "  - id: o",
        "    title: O",
        "    key_results:",
    ]
    lines += [
        f"      - {{id: kr{n}, title: Key result {n}, start: 0, target: 9, value: {{jira: {{count: '{jql}'}}}}}}"
        for n, jql in enumerate(jqls)
    ]
    (folder / "okrs" / "all.yaml").write_text("\n".join(lines) + "\n")
