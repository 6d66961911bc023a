"""Microsoft's own description of Graph over every request of the connector and every answer of the sandbox."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mapping.reading import Reading
from sandbox.graph import GraphTenant
from sandbox.server import Request, Response, Server
from tests.connectors import test_graph_publishing as publishing
from tests.connectors.test_graph_queries import (
    BOOK,
    DATA,
    OTHER,
    ask,
    connect,
    excel,
    fake_time,
    learning,
    listed,
    plan,
    table,
    usage,
)  # fmt: skip
from tests.specs.judge import Recorded, Spec

__all__ = ["fake_time"]

GRAPH = "/v1.0/"
FORMS: list[Any] = [
    excel("KPIs!B4"),
    excel("Nowhere!A1"),
    {"excel": {**OTHER, "range": "S!A1"}},
    {"excel": {**BOOK, "name": "Visits"}},
    {"excel": {**BOOK, "name": "KPIs!Visits"}},
    table("Amount", "sum"),
    table("Nothing", "sum"),
    listed(count=True),
    listed(sum="Amount", filter="fields/Status eq 'Done'"),
    listed(sum="Nothing"),
    listed(latest="Amount"),
    {"list": {"site": "s", "list": "Nothing", "count": True}},
    plan(),
    plan(bucket="b2", measure="done"),
    {"planner": {"plan": "nothing"}},
    usage("Office 365"),
    {"report": {"function": "getTeamsTeamCounts", "period": "D30", "column": "c"}},
    {"count": "users"},
    {"count": "users", "filter": "accountEnabled eq true"},
    {"count": "groups/g1/members"},
    {"site_analytics": {"site": "s"}},
    {"site_analytics": {**BOOK, "measure": "actions", "period": "last_seven_days"}},
    learning(),
    {"get": "/security/secureScores?$top=1", "select": "value[0].currentScore", "pages": False},
    {"get": "/organization", "select": "length(value)"},
]


@pytest.fixture(scope="module")
def spec() -> Spec:
    return Spec("graph-v1-cut.json.gz", loose=frozenset({"search"}))  # of GET /sites, on its own page alone


@pytest.fixture
def tenant() -> GraphTenant:
    return GraphTenant(DATA, page_size=2)


@pytest.fixture
def recorded(tenant: GraphTenant) -> Recorded:
    return Recorded(tenant)


@pytest.fixture
def server(recorded: Recorded) -> Iterator[Server]:
    with Server(recorded) as running:
        yield running


def exchanges(recorded: Recorded) -> Iterator[tuple[Request, Response]]:
    """Requests to Graph with their answers, those inside of batches too."""
    for request, response in recorded.traffic:
        if not request.path.startswith(GRAPH):
            continue
        yield _as_described(request), response
        if request.path == "/v1.0/$batch" and response.status == 200:
            steps = {step["id"]: step for step in request.json()["requests"]}
            for part in json.loads(response.body)["responses"]:
                yield _step(steps[part["id"]]), _part(part)


def _as_described(request: Request) -> Request:
    """A function without parameters goes with or without its parentheses; the document knows those with."""
    bare = "/reports/" in request.path and not request.path.endswith(")")
    return replace(request, path=f"{request.path}()") if bare else request


def _step(step: dict[str, Any]) -> Request:
    parts = urlsplit(step["url"])
    query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    headers = {name.lower(): value for name, value in step.get("headers", {}).items()}
    body = json.dumps(step["body"]).encode() if "body" in step else b""
    return Request(method=step["method"], path=f"/v1.0{parts.path}", query=query, headers=headers, body=body)


def _part(part: dict[str, Any]) -> Response:
    plain = not isinstance(part.get("body"), dict)
    body = base64.b64decode(part["body"]) if plain else json.dumps(part["body"]).encode()
    kind = "text/plain" if plain else "application/json"
    return Response(status=part["status"], body=body, headers={"Content-Type": kind})


def problems(recorded: Recorded, spec: Spec) -> list[str]:
    return sorted(
        {problem for request, response in exchanges(recorded) for problem in spec.problems(request, response)}
    )


@pytest.mark.parametrize("excel_by", ["workbook", "auto", "download"])
def test_every_query_as_microsoft_describes_it(
    server: Server, recorded: Recorded, spec: Spec, tenant: GraphTenant, excel_by: str
) -> None:
    tenant.workbooks_refuse = 423 if excel_by == "auto" else None

    found = ask(connect(server, excel_by=excel_by), *FORMS)
    for form in FORMS:
        ask(connect(server, excel_by=excel_by), form)

    assert problems(recorded, spec) == []
    assert sum(isinstance(one, Reading) for one in found) >= 17
    assert len(list(exchanges(recorded))) > 50


def test_check_as_microsoft_describes_it(server: Server, recorded: Recorded, spec: Spec) -> None:
    from pydantic import TypeAdapter

    from connectors.graph.spec import SPEC

    connector = connect(server)
    connector.check()
    list(connector.validate([TypeAdapter(SPEC.queries).validate_python(form) for form in FORMS]))

    assert problems(recorded, spec) == []


def test_what_is_found_as_microsoft_describes_it(
    server: Server, recorded: Recorded, spec: Spec, tenant: GraphTenant
) -> None:
    connector = connect(server)
    ((site, name), *_), ((drive, item), *_) = list(DATA.lists), list(DATA.workbooks)
    within = {"drives": site, "lists": site, "columns": f"{site}/{name}", "names": f"{drive}/{item}", "sites": ""}

    found = {kind: list(connector.find(kind, "", where)) for kind, where in within.items()}

    assert problems(recorded, spec) == []
    assert found["sites"]
    assert found["drives"]
    assert found["lists"]


def test_what_is_published_as_microsoft_describes_it(spec: Spec) -> None:
    recorded = Recorded(publishing.tenant())
    with Server(recorded) as server:
        connector = publishing.connect(server)
        one = publishing.item(1, {"Value": Decimal("83.2"), "State": "at risk", "At": publishing.NOW})
        others = [publishing.item(n, {"Value": Decimal(n + 50)}) for n in (2, 3, 99)]
        task = publishing.task(Decimal(42))
        outcomes = publishing.publish(connector, one) + publishing.publish(connector, *others, task)
        list(connector.check_destinations([one.destination, task.destination]))

    assert [type(outcome).__name__ for outcome in outcomes] == ["Receipt", "Receipt", "Receipt", "NotFound", "Receipt"]
    assert problems(recorded, spec) == []
    written = [request for request, _ in exchanges(recorded) if request.method == "PATCH"]
    assert len(written) == 4
    assert all(request.headers.get("if-match") for request in written)


@pytest.mark.parametrize("status", [401, 403, 404, 409, 423, 429, 500, 503, 504])
def test_refusals_as_microsoft_describes_them(
    server: Server, recorded: Recorded, spec: Spec, tenant: GraphTenant, status: int
) -> None:
    tenant.item_faults += [("users", status, {})] * 8
    tenant.sessions_refuse = tenant.workbooks_refuse = status

    ask(connect(server), *FORMS)

    assert problems(recorded, spec) == []


def test_the_judge_sees_what_is_wrong(spec: Spec) -> None:
    good = Request(
        method="GET", path="/v1.0/users/$count", query={}, headers={"consistencylevel": "eventual"}, body=b""
    )
    number = Response(body=b"5", headers={"Content-Type": "text/plain"})
    items = Request(method="GET", path="/v1.0/planner/plans/p/tasks", query={}, headers={}, body=b"")

    assert list(spec.problems(good, number)) == []
    assert list(spec.problems(replace(good, headers={}), number))
    assert list(spec.problems(replace(good, query={"$top": "5"}), number))
    assert list(spec.problems(replace(good, path="/v1.0/nowhere"), number))
    assert list(spec.problems(items, Response.of({"items": []})))
    assert list(spec.problems(items, Response.of({"value": [{"id": "1", "percentComplete": "50"}]})))
