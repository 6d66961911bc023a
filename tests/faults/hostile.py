"""Time and memory of a pass over all tools at once, each of them hostile in the same way.

`python -m tests.faults.hostile` prints the table; each pass runs in a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox.hostile import HOSTILE
from sandbox.server import Application, Request, Response, Server
from tests.connectors.contract import CANARY
from tests.faults.table import TOOLS

KINDS = (*HOSTILE, "hang", "pages")
QUERIES = {
    "Salesforce": lambda n: f'{{salesforce: "SELECT COUNT(Id) FROM Opportunity WHERE Amount > {n}"}}',
    "Jira": lambda n: f'{{jira: {{sum: "Story Points", jql: "project = SUP AND key = SUP-{n}"}}}}',
    "Microsoft Graph": lambda n: (
        f'{{graph: {{list: {{site: s, list: Numbers, sum: Amount, filter: "fields/Amount gt {n}"}}}}}}'
    ),
    "JSON API": lambda n: (
        f"{{http: {{get: /v1/items, params: {{n: {n}}}, items: items, next: next, select: length(items)}}}}"
    ),
}
EACH = 8
"""Queries to each tool."""
CHILD = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from config.load import load
from sync.connections import opened
from sync.plan import make_plan
workspace, at = load(Path(sys.argv[1])), datetime(2026, 11, 24, 9, tzinfo=UTC)
start = time.monotonic()
with opened(workspace.connections, workspace.connections, lambda: at, UTC) as connectors:
    plan = make_plan(workspace, connectors, {}, at)
# Not ru_maxrss, which a process takes over from the one that started it.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM:"))
print(time.monotonic() - start, int(peak.split()[1]) / 1024,
      len(plan.troubled), len(plan.steps), flush=True)
import os; os._exit(0)
"""


class Endless:
    """Each page leads to a further one, half a megabyte each, in the way of whichever tool."""

    def __init__(self, true: Application, paths: tuple[str, ...]) -> None:
        self.true, self.paths, self.page = true, paths, 0

    def answer(self, request: Request) -> Response:
        true = self.true.answer(request)
        if not any(path in request.path for path in self.paths) or true.status != 200:
            return true
        self.page += 1
        body = json.loads(true.body) if true.body.startswith(b"{") else {}
        again = request.path + f"?page={self.page}"
        rows = [
            {"id": f"{self.page}-{n}", "key": f"SUP-{self.page}{n:04}", "fields": {}, "pad": "x" * 400}
            for n in range(1000)
        ]
        more = {
            "nextPageToken": f"t{self.page}", "isLast": False, "issues": rows, "items": rows, "next": again,
            "value": rows, "@odata.nextLink": f"http://{request.headers['host']}{again}",
            "done": False, "nextRecordsUrl": again,
        }  # fmt: skip
        if "responses" in body:
            for part in body["responses"]:
                part["body"] = (
                    {**(part.get("body") or {}), **more} if isinstance(part.get("body"), dict) else part["body"]
                )
            return Response.of(body)
        return Response.of({**body, **more})


@dataclass(frozen=True, kw_only=True)
class Measured:
    kind: str
    seconds: float
    megabytes: float
    troubled: int
    asked: int


def measured(kind: str, *, timeout: float, deadline: float) -> Measured:
    with ExitStack() as stack, TemporaryDirectory() as name:
        folder = Path(name)
        connections, key_results = [], []
        for tool in TOOLS:
            application = tool.application()
            paths = tuple(path for name, path in tool.paths.items() if name != "sign-in")
            if kind == "pages":
                application = Endless(application, paths)
            server = stack.enter_context(Server(application))
            if kind != "pages":
                for path in paths:
                    server.faults.fail(
                        kind=kind, path=path, times=-1, **({"delay": timeout * 2} if kind == "hang" else {})
                    )
            written = tool.connection.replace("$URL", server.url)
            connections.append(f"  {written[:-1]}, timeout: {timeout}}}\n")
            word = written.partition(":")[0]
            key_results += [
                f"      - {{id: {word}-{n}, title: K, start: 0, target: 1, value: {QUERIES[tool.title](n)}}}\n"
                for n in range(1, EACH + 1)
            ]
        (folder / "okrs").mkdir()
        (folder / "okrsync.yaml").write_text(f"deadline: {deadline}\nconnections:\n{''.join(connections)}")
        (folder / "okrs" / "a.yaml").write_text(
            "cycle: 2026-Q4\nobjectives:\n  - id: o\n    title: O\n    key_results:\n" + "".join(key_results)
        )
        ran = subprocess.run(
            [sys.executable, "-c", CHILD, str(folder)],
            env={**os.environ, "SECRET": CANARY},
            capture_output=True,
            text=True,
            check=False,
            timeout=deadline * 4 + 60,
        )
        assert ran.returncode == 0, ran.stderr[-2000:]
        seconds, megabytes, troubled, asked = ran.stdout.splitlines()[-1].split()
        return Measured(
            kind=kind, seconds=float(seconds), megabytes=float(megabytes), troubled=int(troubled), asked=int(asked)
        )


if __name__ == "__main__":
    print(f"{4 * EACH} key results over four tools, timeout 5 s, deadline 30 s")
    print(f"{'hostile source':<16}{'seconds':>10}{'peak MB':>10}{'unavailable':>14}")
    for kind in KINDS:
        start = time.monotonic()
        found = measured(kind, timeout=5, deadline=30)
        print(f"{kind:<16}{found.seconds:>10.1f}{found.megabytes:>10.0f}{found.troubled:>9} of {found.asked}")
