from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import Call
from connectors.jira.spec import SPEC
from sandbox.data import Data
from sandbox.jira import JiraSite
from sandbox.server import Server
from tests.connectors.contract import CANARY, ConnectorContract, Hook


def issue(number: int, **fields: Any) -> dict[str, Any]:
    done = number % 2 == 0
    category = {"key": "done", "name": "Done"} if done else {"key": "new", "name": "To Do"}
    status = {"id": str(int(done)), "name": "Closed" if done else "Open", "statusCategory": category}
    base = {
        "project": {"id": "1", "key": "SUP", "name": "Support"},
        "status": status,
        "issuetype": {"id": "1", "name": "Task", "subtask": False},
        "created": f"2026-10-{number:02d}T08:00:00.000+0000",
        "customfield_10016": Decimal(number) / 2,
        "timespent": number * 3600,
    }
    return {"id": str(10000 + number), "key": f"SUP-{number}", "fields": base | fields}


def site(**options: Any) -> JiraSite:
    return JiraSite(Data(jira=[issue(number) for number in range(1, 6)]), token=CANARY, page_size=2, **options)


def jira_call(at: datetime, event: str, project: str = "SUP", **more: Any) -> Call:
    """As Jira Cloud sends it, to an administrator's webhook."""
    of = {"id": "1", "key": project, "name": f"Project {project}"}
    issue = {"id": "10001", "key": f"{project}-1", "fields": {"project": of}}
    body = json.dumps({"timestamp": int(at.timestamp() * 1000), "webhookEvent": event, "issue": issue, **more}).encode()
    return signed_by_jira(body)


def signed_by_jira(body: bytes, secret: str = CANARY) -> Call:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-hub-signature": f"sha256={signature}", "x-atlassian-webhook-identifier": "8a1f-1"}
    return Call(body=body, headers=headers)


class TestJira(ConnectorContract):
    spec = SPEC
    data_path = "/search/"

    @pytest.fixture
    def fake(self) -> Iterator[Server]:
        with Server(site()) as server:
            yield server

    @pytest.fixture
    def options(self, fake: Server) -> dict[str, Any]:
        return {"url": fake.url, "email": "okrsync@example.com", "token": CANARY, "hook_secret": CANARY}

    @pytest.fixture
    def unsigned(self, options: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in options.items() if name != "hook_secret"}

    @pytest.fixture
    def hook(self) -> Hook:
        return Hook(
            signed=lambda at: jira_call(at, "jira:issue_updated"),
            unknown=lambda at: jira_call(at, "user_created"),
            touches={"count": "project = SUP AND created > -30d"},
            spares={"count": "project in (OPS, SALES) AND statusCategory = Done"},
            stale=timedelta(hours=3),
        )

    @pytest.fixture
    def good(self) -> tuple[Any, Decimal]:
        return {"count": "project = SUP AND statusCategory = Done"}, Decimal(2)

    @pytest.fixture
    def bad(self) -> Any:
        return {"count": "project = NOWHERE"}

    @pytest.fixture
    def empty(self) -> Any:
        return {"avg": "Story Points", "jql": "project = SUP AND created > 2027-01-01"}

    @pytest.fixture
    def paged(self) -> tuple[Any, Decimal]:
        return {"sum": "Story Points", "jql": "project = SUP"}, Decimal("7.5")

    @pytest.fixture
    def batch(self) -> tuple[list[Any], int]:
        jql = "project = SUP AND key = SUP-1"
        return [{"count": jql}, {"sum": "timespent", "jql": jql}, {"percent_done": jql}, {"count": "key = SUP-2"}], 2
