"""Tries each fault at each operation of each tool, through a whole pass of the loop."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from config.load import Workspace, load
from mapping.assess import Failed
from sandbox.server import Application, Server
from sync.connections import opened
from sync.plan import Plan, make_plan
from sync.record import record
from sync.store.store import Store
from tests.connectors.contract import CANARY
from tests.connectors.json_api import JsonApi
from tests.connectors.test_graph import BOOK, tenant
from tests.connectors.test_jira import site
from tests.connectors.test_salesforce import org
from tests.sync.conftest import q4

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
LATER = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
ALWAYS = -1


@dataclass(frozen=True, kw_only=True)
class Tool:
    """`paths` are the operations: a name, and a part of the path of its requests."""

    title: str
    application: Callable[[], Application]
    connection: str
    query: str
    paths: Mapping[str, str]


TOOLS = (
    Tool(
        title="Salesforce",
        application=org,
        connection="salesforce: {url: $URL, client_id: okrsync, client_secret: '${SECRET}'}",
        query='{salesforce: "SELECT COUNT(Id) FROM Opportunity"}',
        paths={"sign-in": "/services/oauth2/token", "query": "/services/data/"},
    ),
    Tool(
        title="Jira",
        application=site,
        connection="jira: {url: $URL, email: okrsync@example.com, token: '${SECRET}'}",
        query='{jira: {count: "project = SUP"}}',
        paths={"sign-in": "/myself", "search": "/search/"},
    ),
    Tool(
        title="Microsoft Graph",
        application=tenant,
        connection="graph: {tenant: contoso, client_id: okrsync, client_secret: '${SECRET}', url: $URL, "
        "login_url: $URL}",
        query=f"{{graph: {{excel: {{drive: '{BOOK['drive']}', item: '{BOOK['item']}', name: Visits}}}}}}",
        paths={"sign-in": "/oauth2/v2.0/token", "batch": "/v1.0/"},
    ),
    Tool(
        title="JSON API",
        application=lambda: JsonApi(secret=CANARY, way="oauth"),
        connection="http: {url: $URL, token_url: $URL/oauth/token, client_id: okrsync, client_secret: '${SECRET}', "
        "allow_private: true}",
        query="{http: {get: /v1/stats, select: users}}",
        paths={"sign-in": "/oauth/token", "request": "/v1/"},
    ),
)
SOON = 0.2
"""Seconds for a request where a fault takes up all of it."""
FEW = 100_000
"""Bytes of an answer at most, so that one without end takes little time."""
STATUSES = (401, 403, 404, 408, 409, 410, 420, 429, 500, 502, 503, 504)
FAULTS: dict[str, dict[str, Any]] = {
    **{f"HTTP {status}": {"status": status} for status in STATUSES},
    "HTTP 429, Retry-After: 2": {"status": 429, "headers": {"Retry-After": "2"}},
    "HTTP 429, Retry-After: 2.128": {"status": 429, "headers": {"Retry-After": "2.128"}},
    "HTTP 429, Retry-After: a date": {"status": 429, "headers": {"Retry-After": LATER}},
    "HTTP 429, Retry-After: 7200": {"status": 429, "headers": {"Retry-After": "7200"}},
    "HTTP 502 with a web page": {"status": 502, "body": "<html>bad gateway</html>"},
    "reset in mid-body": {"kind": "reset"},
    "a web page with HTTP 200": {"kind": "html"},
    "JSON cut off": {"kind": "truncate"},
    "JSON of a wrong shape": {"status": 200, "body": '{"unexpected": [1]}'},
    "a redirect to another host": {"status": 307, "headers": {"Location": "https://elsewhere.example/"}},
    "an answer without end": {"kind": "endless"},
    "a small answer that unpacks to gigabytes": {"kind": "bomb"},
    "headers without end": {"kind": "endless-head"},
}
SLOW: dict[str, dict[str, Any]] = {
    "no answer in time": {"kind": "hang", "delay": 0.3},
    "a byte of the answer now and then": {"kind": "drip"},
    "a byte of the headers now and then": {"kind": "drip-head"},
    "`100 Continue` again and again": {"kind": "continue"},
}
"""What takes up all the time of a request, so that it is not tried again within the run."""


TIME_AND_MEMORY = """\
## Time and memory

A request ends within `timeout`, all its tries included. The answer to one query has at most `max_bytes`, unpacked and with
all its pages, and okrsync reads only a few large answers at the same time. The table shows what a pass over 32 key
results of four tools needs if every answer is hostile in the same way, with `timeout: 5` and `deadline: 30`, on two busy
cores. `python -m tests.faults.hostile` measures it again. A pass with truthful answers needs 90 MB.

| every answer is | seconds | peak memory |
| --- | --- | --- |
| a byte now and then | 7 | 90 MB |
| headers, a byte now and then | 7 | 90 MB |
| `100 Continue` again and again | 7 | 91 MB |
| a body without end | 4 | 228 MB |
| headers without end | 4 | 93 MB |
| a small body that unpacks to gigabytes | 8 | 226 MB |
| none at all | 6 | 109 MB |
| a page that leads to a further one, half a megabyte each | 10 | 268 MB |

"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """What a fault that stays leads to, and whether a fault that passes costs the value."""

    tool: str
    operation: str
    fault: str
    error: str
    scope: str
    message: str
    kept: bool
    waited_out: bool


@dataclass(frozen=True, kw_only=True)
class World:
    workspace: Workspace
    server: Server
    store: Store


@contextmanager
def world(tool: Tool, folder: Path, **options: Any) -> Iterator[World]:
    """A tool, a key result on it, and a store that knows its last value."""
    with Server(tool.application()) as server:
        (folder / "okrs").mkdir(exist_ok=True)
        more = "".join(f", {name}: {value}" for name, value in options.items())
        connection = f"{tool.connection.replace('$URL', server.url)[:-1]}{more}}}"
        (folder / "okrsync.yaml").write_text(f"connections:\n  {connection}\n")
        (folder / "okrs" / "q4.yaml").write_text(
            "cycle: 2026-Q4\nobjectives:\n  - id: o\n    title: O\n    key_results:\n"
            f"      - {{id: kr, title: KR, start: 0, target: 200, value: {tool.query}}}\n"
        )
        store = Store.open(f"sqlite:///{folder}/store.sqlite")
        made = World(workspace=load(folder), server=server, store=store)
        # The first answer of a stand-in may take longer than a slow fault is given.
        assert any(run(made, 0).new for _ in range(5))
        yield made
        store.close()


def run(made: World, hours: int) -> Plan:
    """One pass, with connections of its own."""
    at = NOW + timedelta(hours=hours)
    with opened(made.workspace.connections, made.workspace.connections, lambda: at, UTC) as connectors:
        plan = make_plan(made.workspace, connectors, made.store.last_check_ins(), at)
    record(plan, made.store, at)
    return plan


def tried(made: World, tool: Tool, operation: str, fault: str, hours: int) -> Row:
    before = made.store.last_check_ins()[q4("kr")]
    made.server.faults.fail(path=tool.paths[operation], times=1, **FAULTS[fault])
    once = run(made, hours)
    made.server.faults.clear()
    made.server.faults.fail(path=tool.paths[operation], times=ALWAYS, **FAULTS[fault])
    stays = run(made, hours + 1)
    made.server.faults.clear()
    return row(tool.title, operation, fault, stays, once, made.store.last_check_ins()[q4("kr")] == before)


def kept_waiting(made: World, tool: Tool, operation: str, fault: str, hours: int) -> Row:
    before = made.store.last_check_ins()[q4("kr")]
    made.server.faults.fail(path=tool.paths[operation], times=ALWAYS, **SLOW[fault])
    stays = run(made, hours)
    made.server.faults.clear()
    return row(tool.title, operation, fault, stays, stays, made.store.last_check_ins()[q4("kr")] == before)


def refused(made: World, tool: Tool, hours: int) -> Row:
    before = made.store.last_check_ins()[q4("kr")]
    made.server.stop()
    stays = run(made, hours)
    return row(tool.title, "any", "connection refused", stays, stays, made.store.last_check_ins()[q4("kr")] == before)


def row(tool: str, operation: str, fault: str, stays: Plan, once: Plan, kept: bool) -> Row:
    (outcome,) = stays.answers.values()
    (step,) = stays.steps
    assert isinstance(step.assessment, Failed), f"{tool}, {operation}, {fault}: {step.assessment}"
    assert CANARY not in str(outcome) + step.assessment.cause + step.assessment.fix
    return Row(
        tool=tool,
        operation=operation,
        fault=fault,
        error=step.assessment.kind,
        scope=getattr(outcome, "scope", ""),
        message=_steady(step.assessment.cause),
        kept=kept,
        waited_out=not once.troubled,
    )


def _steady(message: str) -> str:
    """Without what differs from run to run."""
    message = re.sub(r"127\.0\.0\.1:\d+", "HOST", message)
    return re.sub(r", request [0-9a-f-]{36}", "", message)


def rows() -> list[Row]:
    found: list[Row] = []
    for tool in TOOLS:
        with TemporaryDirectory() as name, world(tool, Path(name), max_bytes=FEW) as made:
            hours = 1
            for operation in tool.paths:
                for fault in FAULTS:
                    if tool.title == "JSON API" and operation != "sign-in" and "wrong shape" in fault:
                        # Whatever JSON an unknown API answers may be right: a missing key is "no value".
                        continue
                    found.append(tried(made, tool, operation, fault, hours))
                    hours += 2
            found.append(refused(made, tool, hours))
        with TemporaryDirectory() as name, world(tool, Path(name), timeout=SOON) as made:
            slow = [(operation, fault) for operation in tool.paths for fault in SLOW]
            found += [kept_waiting(made, tool, *each, hours + n) for n, each in enumerate(slow)]
    return sorted(found, key=lambda row: ([tool.title for tool in TOOLS].index(row.tool), _order(row)))


def _order(row: Row) -> int:
    """The operations of a tool one after the other, what concerns any of them last."""
    (tool,) = [tool for tool in TOOLS if tool.title == row.tool]
    return [*tool.paths, "any"].index(row.operation)


def document(found: list[Row]) -> str:
    lines = [
        "# What each fault does",
        "",
        "`python -m tests.faults` writes this page. It tries each fault in a whole pass against the stand-ins, and a test",
        'checks that the page is true. The column "if it passes" says whether okrsync waits until the fault is over, so that',
        "it costs nothing. A fault that stays makes the key results of the query, or of the whole connection, *unavailable*:",
        "they keep their last value, and the exit code of the run is 3 or 4.",
        "",
    ]
    lines += TIME_AND_MEMORY.splitlines()
    for tool in dict.fromkeys(row.tool for row in found):
        lines += [f"## {tool}", "", "| operation | fault | if it passes | if it stays | concerns | what it says |"]
        lines += ["| --- | --- | --- | --- | --- | --- |"]
        for row in found:
            if row.tool == tool:
                passes = "waited out" if row.waited_out else "as if it stays"
                lines.append(
                    f"| {row.operation} | {row.fault} | {passes} | {row.error} | {row.scope} | {row.message} |"
                )
        lines.append("")
    return "\n".join(lines)
