from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import Call
from connectors.jira.spec import SPEC
from sandbox.data import Data
from sandbox.jira import JiraSite
from sandbox.jira.fields import Fields
from sandbox.jira.gateway import Gateway
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
    data = Data(jira=[issue(number) for number in range(1, 6)])
    described = [*Fields([], data.jira).described, *PUBLISHED]
    return JiraSite(replace(data, jira_fields=described), token=CANARY, page_size=2, **options)


def field(ident: int, name: str, kind: str, **more: Any) -> dict[str, Any]:
    custom = f"customfield_{ident}"
    schema = {"type": kind, "customId": ident, **more.pop("schema", {})}
    names = {"id": custom, "key": custom, "name": name, "clauseNames": [f"cf[{ident}]", name]}
    return {**names, "custom": True, "orderable": True, "navigable": True, "searchable": True, "schema": schema, **more}


_CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes"
PUBLISHED = [
    field(20001, "KR value", "number", schema={"custom": f"{_CUSTOM}:float"}),
    field(
        20002, "KR status", "option", options=["on track", "behind", "at risk"], schema={"custom": f"{_CUSTOM}:select"}
    ),
    field(20003, "KR note", "string", schema={"custom": f"{_CUSTOM}:textarea"}),
    field(20004, "KR day", "date", schema={"custom": f"{_CUSTOM}:datepicker"}),
    field(20005, "KR time", "datetime", schema={"custom": f"{_CUSTOM}:datetime"}),
    field(20006, "KR labels", "array", schema={"items": "string", "custom": f"{_CUSTOM}:labels"}),
    field(20007, "KR text", "string", schema={"custom": f"{_CUSTOM}:textfield"}),
    field(20008, "KR owner", "user", schema={"custom": f"{_CUSTOM}:userpicker"}),
]


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


def site_of(server: Server) -> JiraSite:
    """Also where a gateway stands before it."""
    found = server.application.site if isinstance(server.application, Gateway) else server.application
    assert isinstance(found, JiraSite)
    return found


class TestJira(ConnectorContract):
    spec = SPEC
    data_path = "/search/"
    publish_path = "/issue/"

    @pytest.fixture
    def place(self) -> tuple[Any, Any, Any]:
        form = {"issue": "SUP-1", "fields": {"KR value": "value", "customfield_20002": "status"}}
        one = (("KR value", Decimal("2.50")), ("customfield_20002", "on track"))
        return form, one, (("KR value", Decimal(3)), ("customfield_20002", "behind"))

    @pytest.fixture
    def missing_place(self, place: tuple[Any, Any, Any]) -> Any:
        return {**place[0], "issue": "SUP-99"}

    @pytest.fixture
    def lose_answer(self, fake: Server) -> Callable[[Any], None]:
        return lambda _: fake.faults.fail(kind="lost", method="PUT")

    @pytest.fixture
    def written(self, fake: Server) -> Callable[[Any], int]:
        return lambda _: len(site_of(fake).edits)

    @pytest.fixture
    def meddle(self, fake: Server) -> Callable[[Any], Any]:
        def change(_: Any) -> Any:
            site_of(fake).change("SUP-1", {"customfield_20001": 77, "customfield_20007": "mine"})
            return lambda: site_of(fake).field("SUP-1", "customfield_20007")

        return change

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
