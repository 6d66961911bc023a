"""What publishing costs: the least calls that the tools allow, computed apart from the code, and none for what is
unchanged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from config.load import load
from sandbox.board import Board
from sandbox.data import Data, SharePointList
from sandbox.graph import GraphTenant
from sandbox.jira import JiraSite
from sandbox.jira.fields import Fields
from sandbox.salesforce import SalesforceOrg
from sandbox.server import Application, Server
from sync.passes import run_pass
from sync.store.store import Store
from tests.connectors.contract import CANARY
from tests.connectors.test_jira import PUBLISHED, issue
from tests.publishing.conftest import AT
from tests.publishing.places import SIGNED
from tests.sweep import sweep

MANY = sweep(45, 1000)


@dataclass(frozen=True, kw_only=True)
class Tool:
    """`least` is how many calls the data of so many changed places cost; `path` marks those calls."""

    name: str
    application: Callable[[], Application]
    options: str
    form: Callable[[int], str]
    path: str
    least: Callable[[int], int]


def _jira() -> JiraSite:
    issues = [issue(1) | {"id": str(n), "key": f"SUP-{n}"} for n in range(1, MANY + 1)]
    return JiraSite(
        Data(jira=issues, jira_fields=[*Fields([], issues).described, *PUBLISHED]), token=CANARY, share=1000
    )


def _salesforce() -> SalesforceOrg:
    rows = [{"Id": f"a01{n:012d}AAA", "Key__c": f"kr-{n}", "Current__c": Decimal(-1)} for n in range(1, MANY + 1)]
    return SalesforceOrg(Data(salesforce={"Key_Result__c": rows}), client_secret=CANARY)


def _graph() -> GraphTenant:
    items: list[dict[str, Any]] = [{"id": str(n), "KR": f"kr-{n}", "Value": -1} for n in range(1, MANY + 1)]
    columns = {"KR": "text", "Value": "number"}
    made = SharePointList(columns=columns, items=items, indexed=frozenset({"KR"}))
    return GraphTenant(Data(lists={("s", "OKRs"): made}), client_secret=CANARY)


TOOLS = [
    Tool(
        name="jira",
        application=_jira,
        options="type: jira, email: okrsync@example.com, token: '${S}', requests_per_second: 1000",
        form=lambda n: f"{{jira: {{issue: SUP-{n}, fields: {{KR value: value}}}}, connection: there}}",
        path="/rest/api/",
        least=lambda n: 1 + 1 + n + n,  # who we are, the fields, each issue read and written
    ),
    Tool(
        name="salesforce",
        application=_salesforce,
        options="type: salesforce, client_id: okrsync, client_secret: '${S}'",
        form=lambda n: (
            f"{{salesforce: {{object: Key_Result__c, key: {{Key__c: kr-{n}}}, fields: {{Current__c: value}}}}, connection: there}}"
        ),
        path="/services/data/",
        least=lambda n: 1 + 2 * ceil(n / 200),  # the object's fields, two hundred records a read and a write
    ),
    Tool(
        name="graph",
        application=_graph,
        options="type: graph, tenant: contoso, client_id: okrsync, client_secret: '${S}', login_url: URL",
        form=lambda n: (
            f"{{graph: {{list: OKRs, site: s, key: {{KR: kr-{n}}}, fields: {{Value: value}}}}, connection: there}}"
        ),
        path="/v1.0/",
        least=lambda n: 2 * ceil(n / 20),  # twenty items a batch of reads and of writes
    ),
    Tool(
        name="http",
        application=lambda: Board(CANARY),
        options="type: http, bearer: '${S}', signing_secret: '${W}', allow_private: true",
        form=lambda n: f"{{http: {{post: /v1/hooks/{n}, fields: {{value: value}}}}, connection: there}}",
        path="/v1/",
        least=lambda n: n,  # an event each, and nothing is read
    ),
]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_changed_key_results_cost_the_least_and_unchanged_ones_nothing(
    tool: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S", CANARY)
    monkeypatch.setenv("W", SIGNED)
    lines = ["cycle: 2026-Q4", "objectives:", "  - id: o", "    title: O", "    key_results:"]
    lines += [
        f"      - {{id: kr-{n}, title: KR {n}, start: 0, target: 9999, value: {{memory: v}}, publish: {tool.form(n)}}}"
        for n in range(1, MANY + 1)
    ]
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okrs" / "a.yaml").write_text("\n".join(lines))
    with Server(tool.application()) as server:
        options = tool.options.replace("URL", server.url)

        def sync(value: int, minutes: int) -> tuple[int, int]:
            """How many places were written, and how many calls of data that took."""
            worker = f"connections:\n  memory: {{values: {{v: {value}}}}}\n  there: {{publish: true, url: '{server.url}', {options}}}\n"
            (tmp_path / "okrsync.yaml").write_text(worker)
            before = len(server.calls)
            made = run_pass(load(tmp_path), store, lambda: AT + timedelta(minutes=minutes), reason="one-shot")
            assert made.published.troubled == []
            return made.published.sent, sum(tool.path in call.path for call in server.calls[before:])

        store = Store.open(f"sqlite:///{tmp_path}/s.sqlite")
        first, again, changed = sync(50, 0), sync(50, 5), sync(60, 10)
        store.close()

    assert first == (MANY, tool.least(MANY))
    assert again == (0, 0)
    assert changed[0] == MANY
    assert changed[1] <= tool.least(MANY)
