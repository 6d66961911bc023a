"""Worlds to measure in: records for the sandbox, and as many key results as are asked for."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

DEALS, ISSUES, ITEMS = 2000, 2000, 100
TOOLS = ("salesforce", "jira", "graph")
AN_OBJECTIVE = 5
"""Key results of one objective."""
SITE, LIST = "s", "Numbers"


def write_data(folder: Path) -> None:
    """Deals, issues and a list, in the layout that `okrsync sandbox --data` loads."""
    (folder / "salesforce").mkdir(parents=True)
    with (folder / "salesforce" / "Opportunity.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["Id", "Amount", "IsWon", "CloseDate"])
        for n in range(DEALS):
            writer.writerow([f"006{n}", f"{n * 37 % 9000}.25", str(n % 3 == 0).lower(), f"2026-10-{n % 28 + 1:02d}"])
    (folder / "jira").mkdir()
    with (folder / "jira" / "issues.jsonl").open("w") as out:
        for n in range(ISSUES):
            out.write(json.dumps(_issue(n)) + "\n")
    (folder / "graph" / "lists" / SITE).mkdir(parents=True)
    amounts = "\n".join(str(n * 3) for n in range(ITEMS))
    (folder / "graph" / "lists" / SITE / f"{LIST}.csv").write_text(f"Amount\n{amounts}\n")


def _issue(n: int) -> Mapping[str, object]:
    done = n % 2 == 0
    category = {"key": "done" if done else "new", "name": "Done" if done else "To Do"}
    return {
        "id": str(n),
        "key": f"SUP-{n}",
        "fields": {
            "project": {"id": "1", "key": "SUP", "name": "Support"},
            "status": {"id": str(int(done)), "name": category["name"], "statusCategory": category},
            "created": f"2026-10-{n % 28 + 1:02d}T08:00:00.000+0000",
            "labels": [f"l{n % 400}"],
        },
    }


# The n-th question to each tool, no two of which share their rows.


def soql(n: int) -> str:
    return f"SELECT SUM(Amount) FROM Opportunity WHERE IsWon = true AND Amount > {n}"


def jql(n: int) -> str:
    return f"project = SUP AND labels = l{n % 400}"


def odata(n: int) -> str:
    return f"fields/Amount gt {n}"


QUESTION: Mapping[str, Callable[[int], str]] = {"salesforce": soql, "jira": jql, "graph": odata}
QUERY: Mapping[str, Callable[[int], str]] = {
    "salesforce": lambda n: f'{{salesforce: "{soql(n)}", unit: number}}',
    "jira": lambda n: f'{{jira: {{count: "{jql(n)}"}}}}',
    "graph": lambda n: f'{{graph: {{list: {{site: {SITE}, list: {LIST}, count: true, filter: "{odata(n)}"}}}}}}',
}


@dataclass(frozen=True, kw_only=True)
class World:
    """`count` key results over `distinct` questions to each of the `tools`. Where it is `woven`, every key result is a
    formula over two named metrics of its own, objectives have parents, and all of it lies in `files` files."""

    count: int
    distinct: int = 300
    tools: tuple[str, ...] = TOOLS
    woven: bool = False
    files: int = 1

    def tool(self, n: int) -> str:
        return self.tools[n % len(self.tools)]

    def number(self, n: int) -> int:
        """Which of its tool's questions the n-th key result asks."""
        return n // len(self.tools) % self.distinct

    def asked(self) -> dict[str, list[str]]:
        """The distinct questions by tool."""
        asked: dict[str, dict[str, None]] = {tool: {} for tool in self.tools}
        for n in range(self.count):
            asked[self.tool(n)][QUESTION[self.tool(n)](self.number(n))] = None
        return {tool: list(questions) for tool, questions in asked.items()}


def write_world(folder: Path, world: World) -> None:
    """A workspace, and its questions as JSON for those who ask without okrsync."""
    write_worker(folder)
    (folder / "questions.json").write_text(json.dumps(world.asked()))
    a_file = -(-world.count // world.files // AN_OBJECTIVE) * AN_OBJECTIVE
    for number, first in enumerate(range(0, world.count, a_file)):
        numbers = range(first, min(first + a_file, world.count))
        lines = _woven(world, numbers) if world.woven else _plain(world, numbers)
        (folder / "okrs" / f"{number:04d}.yaml").write_text("\n".join([*_head(), *lines]) + "\n")


def _head() -> list[str]:
    return [f"cycle: {datetime.now(UTC).year}", "guards: {plausible: false, zero: false, leap: false}"]


def _plain(world: World, numbers: range) -> Iterator[str]:
    yield "objectives:"
    for n in numbers:
        if n % AN_OBJECTIVE == 0:
            yield from (f"  - id: o{n}", f"    title: Objective {n}", "    key_results:")
        yield _key_result(n, QUERY[world.tool(n)](world.number(n)))


def _woven(world: World, numbers: range) -> Iterator[str]:
    yield "metrics:"
    for n in numbers:
        yield f"  m{n}: {QUERY[world.tool(n)](world.number(n))}"
    yield "objectives:"
    for n in numbers:
        if n % AN_OBJECTIVE == 0:
            parent = n // AN_OBJECTIVE // AN_OBJECTIVE * AN_OBJECTIVE
            yield from (f"  - id: o{n}", f"    title: Objective {n}")
            yield from ([f"    parent: o{parent}"] if parent != n else [])
            yield "    key_results:"
        yield _key_result(n, f"m{n} + m{max(0, n - len(world.tools))} / 2")


def _key_result(n: int, value: str) -> str:
    return f"      - {{id: kr{n}, title: Key result {n}, start: 0, target: 100, value: {value}}}"


def write_worker(folder: Path) -> None:
    """A workspace without OKRs, which asks the sandbox."""
    (folder / "okrs").mkdir(parents=True)
    (folder / "okrsync.yaml").write_text(
        "connections:\n"
        '  salesforce: {url: "${SALESFORCE_URL}", client_id: okrsync, client_secret: "${SALESFORCE_CLIENT_SECRET}"}\n'
        '  jira: {url: "${JIRA_URL}", email: okrsync@example.com, token: "${JIRA_TOKEN}"}\n'
        '  graph: {tenant: contoso, client_id: okrsync, client_secret: "${GRAPH_CLIENT_SECRET}", '
        'url: "${GRAPH_URL}", login_url: "${GRAPH_URL}"}\n'
    )
