"""A thousand key results over three hundred distinct queries of each tool cost no more calls than its limits force."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench import needed
from bench.world import TOOLS, World, write_data, write_world
from config.load import load
from sandbox.graph import GraphTenant
from sandbox.jira import JiraSite
from sandbox.load import load as load_data
from sandbox.run import SECRET
from sandbox.salesforce import SalesforceOrg
from sandbox.server import Server
from sync.connections import opened
from sync.plan import make_plan

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_no_more_calls_than_the_limits_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_data(tmp_path / "data")
    write_world(tmp_path / "okrs", World(count=3000, distinct=300))
    data = load_data(tmp_path / "data")
    with (
        Server(SalesforceOrg(data, client_secret=SECRET)) as salesforce,
        Server(JiraSite(data, token=SECRET)) as jira,
        Server(GraphTenant(data, client_secret=SECRET)) as graph,
    ):
        for name, server in (("SALESFORCE", salesforce), ("JIRA", jira), ("GRAPH", graph)):
            monkeypatch.setenv(f"{name}_URL", server.url)
        for name in ("SALESFORCE_CLIENT_SECRET", "JIRA_TOKEN", "GRAPH_CLIENT_SECRET"):
            monkeypatch.setenv(name, SECRET)
        workspace = load(tmp_path / "okrs")
        with opened(workspace.connections, workspace.connections, lambda: AT, UTC) as connectors:
            plan = make_plan(workspace, connectors, {}, AT)

        assert len(plan.new) == 3000
        # Salesforce: the currency's two questions may need a call. Jira: who we are. Graph: Entra's discovery.
        seen = {"salesforce": len(salesforce.calls), "jira": len(jira.calls), "graph": len(graph.calls)}
        assert {tool: seen[tool] - needed.calls(tool, 300) for tool in TOOLS} == dict.fromkeys(TOOLS, 1)
