from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from connectors.jira.spec import SPEC
from sandbox.data import Data
from sandbox.jira import JiraSite
from sandbox.server import Server
from tests.connectors.contract import CANARY, ConnectorContract


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


class TestJira(ConnectorContract):
    spec = SPEC
    data_path = "/search/"

    @pytest.fixture
    def fake(self) -> Iterator[Server]:
        with Server(site()) as server:
            yield server

    @pytest.fixture
    def options(self, fake: Server) -> dict[str, Any]:
        return {"url": fake.url, "email": "okrsync@example.com", "token": CANARY}

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
