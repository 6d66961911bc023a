from __future__ import annotations

from pathlib import Path

import pytest

from mapping.day import UTC
from sandbox.graph import GraphTenant
from sandbox.jira import JiraSite
from sandbox.salesforce import SalesforceOrg
from tests.connectors.contract import CANARY, FakeTime
from tests.faults.table import TOOLS, document, rows, run, world

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
PASSING = {"408", "420", "429", "500", "502", "503", "504"}


@pytest.fixture(autouse=True)
def fake_time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr("connectors.wire.time", fake)
    monkeypatch.setenv("SECRET", CANARY)
    return fake


def test_every_fault_leaves_every_key_result_as_it_was() -> None:
    found = rows()

    assert all(row.kept for row in found)
    assert {row.tool for row in found} == {tool.title for tool in TOOLS}
    for row in found:
        status = row.fault.removeprefix("HTTP ")[:3]
        if (
            status in PASSING
            and row.fault.startswith("HTTP")
            and "7200" not in row.fault
            and row.fault != "connection refused"
        ):
            assert row.waited_out, row
    assert PAGE.read_text() == document(found), "run `python -m tests.faults` and read what changed"


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.title)
def test_a_sign_in_that_ends_in_mid_run_is_renewed(tool: object, tmp_path: Path) -> None:
    from tests.faults.table import Tool

    assert isinstance(tool, Tool)
    if tool.title == "Jira":
        pytest.skip("an API token can't be renewed; the row HTTP 401 has it")
    with world(tool, tmp_path) as made:
        from sync.connections import opened
        from sync.plan import make_plan

        connections = made.workspace.connections
        with opened(connections, connections, lambda: run(made, 1).at, UTC) as connectors:
            assert not make_plan(made.workspace, connectors, {}, run(made, 1).at).troubled
            match made.server.application:
                case SalesforceOrg() as org:
                    org.expire_sessions()
                case GraphTenant() as tenant:
                    tenant.expire_tokens()
                case JiraSite():
                    raise AssertionError
                case api:
                    api.tokens.clear()  # type: ignore[attr-defined]
            assert not make_plan(made.workspace, connectors, {}, run(made, 1).at).troubled
