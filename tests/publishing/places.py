"""Places to publish to over HTTP, with what a person does there and what the tool was told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sandbox.board import Board
from sandbox.graph.lists import change
from sandbox.server import Application, Server
from tests.connectors.contract import CANARY
from tests.connectors.test_graph import tenant
from tests.connectors.test_jira import site
from tests.connectors.test_salesforce import org

SIGNED = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass(frozen=True, kw_only=True)
class Place:
    """`told` is every value that the tool took from us, in order; `edit` what a person does, None where nobody can.
    `path` and `methods` are where faults happen. `appends` where each thing may be told only once."""

    name: str
    application: Callable[[], Application]
    options: Callable[[Server], str]
    form: str
    told: Callable[[Server], list[int]]
    read: Callable[[Server], Any] = lambda _: None
    edit: Callable[[Server, Any], None] | None = None
    path: str = "/"
    methods: tuple[str, ...] = ("GET", "PUT")
    appends: bool = False
    secrets: Mapping[str, str] = field(default_factory=lambda: {"THERE_SECRET": CANARY, "THERE_SIGNING": SIGNED})


def _api(server: Server) -> str:
    secrets = 'bearer: "${THERE_SECRET}", signing_secret: "${THERE_SIGNING}"'
    return f'{{type: http, publish: true, url: "{server.url}", {secrets}, allow_private: true}}'


def _of(server: Server) -> Any:
    return server.application


def _numbers(server: Server) -> list[int]:
    """What was carried out, by the log: a lost answer is among it only where the tool wrote it down itself."""
    return [int(value) for value in _of(server).history]


class Remembering(Board):
    """A board that remembers each number that it was told."""

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self.history: list[Any] = []

    def answer(self, request: Any) -> Any:
        before = len(self.writes)
        made = super().answer(request)
        if len(self.writes) > before:
            body = json.loads(request.body)
            self.history.append(body["data"]["value"] if "data" in body else body["v"])
        return made


def _jira_told(server: Server) -> list[int]:
    return [int(fields["customfield_20001"]) for fields in _of(server).edited]


def _salesforce_told(server: Server) -> list[int]:
    return [int(fields["Current__c"]) for fields in _of(server).edits.history]


def _graph(server: Server) -> str:
    app = 'tenant: contoso, client_id: okrsync, client_secret: "${THERE_SECRET}"'
    return f'{{type: graph, publish: true, url: "{server.url}", login_url: "{server.url}", {app}}}'


def _row(server: Server) -> Any:
    return _of(server).items_of("s", "OKRs")[0]


def _graph_told(field: str) -> Callable[[Server], list[int]]:
    return lambda server: [int(body[field]) for _, body in _of(server).written]


KPI = "/v1/kpis/7"
RECORD = "a01000000000001AAA"

PLACES = [
    Place(
        name="http event",
        application=lambda: Remembering(CANARY),
        options=_api,
        form="{http: {post: /v1/hooks/okrs, fields: {value: value}}, connection: there}",
        told=_numbers,
        methods=("POST",),
        appends=True,
    ),
    Place(
        name="http body",
        application=lambda: Remembering(CANARY),
        options=_api,
        form=f'{{http: {{send: {KPI}, body: {{v: "{{value}}"}}, read_back: {{get: {KPI}, select: {{value: data.v}}}}}}, connection: there}}',
        told=_numbers,
        read=lambda server: _of(server).numbers.get(KPI, {}).get("v"),
        edit=lambda server, value: _of(server).numbers.update({KPI: {"v": int(value)}}),
    ),
    Place(
        name="jira",
        application=site,
        options=lambda server: (
            f'{{type: jira, publish: true, url: "{server.url}", email: okrsync@example.com, token: "${{THERE_SECRET}}"}}'
        ),
        form="{jira: {issue: SUP-1, fields: {KR value: value, KR text: status}}, connection: there}",
        told=_jira_told,
        read=lambda server: _of(server).field("SUP-1", "customfield_20001"),
        edit=lambda server, value: _of(server).change("SUP-1", {"customfield_20001": int(value)}),
        path="/issue/",
    ),
    Place(
        name="salesforce",
        application=org,
        options=lambda server: (
            f'{{type: salesforce, publish: true, url: "{server.url}", client_id: okrsync, client_secret: "${{THERE_SECRET}}"}}'
        ),
        form="{salesforce: {object: Key_Result__c, key: {Key__c: kr-1}, fields: {Current__c: value}}, connection: there}",
        told=_salesforce_told,
        read=lambda server: _of(server).record("Key_Result__c", RECORD)["Current__c"],
        edit=lambda server, value: _of(server).edits.change("Key_Result__c", RECORD, Current__c=Decimal(value)),
        path="/services/data/",
        methods=("GET", "PATCH"),
    ),
    Place(
        name="graph list",
        application=tenant,
        options=_graph,
        form="{graph: {list: OKRs, site: s, key: {KR: kr-1}, fields: {Value: value, State: status}}, connection: there}",
        told=_graph_told("Value"),
        read=lambda server: _row(server)["Value"] if _of(server).written else None,
        edit=lambda server, value: change(_row(server), {"Value": int(value)}),
        path="/v1.0/",
        methods=("GET", "PATCH"),
    ),
]
