"""Bodies that lie, for each endpoint: nothing but our own errors, of the query alone, and its neighbours' answers."""

from __future__ import annotations

import base64
import json
import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from connectors.errors import ConnectorError
from mapping.reading import Reading
from sandbox.graph import GraphTenant
from sandbox.server import Request, Response, Server
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
from tests.sweep import dice, sweep

__all__ = ["fake_time"]

NEIGHBOUR = {"count": "groups/g1/members"}
QUERIES: dict[str, tuple[Any, str]] = {
    "cell": (excel("KPIs!B4"), "/workbook/worksheets"),
    "name": ({"excel": {**BOOK, "name": "Visits"}}, "/workbook/names"),
    "table": (table("Amount", "sum"), "/workbook/tables"),
    "session": (excel("KPIs!B4"), "/createSession"),
    "file": (excel("KPIs!B4"), "/items/01A?"),
    "content": ({"excel": {**OTHER, "range": "S!A1"}}, "/download/"),
    "count of a list": (listed(count=True), "/items?"),
    "sum of a list": (listed(sum="Amount"), "/items?"),
    "latest of a list": (listed(latest="Amount", by="Amount"), "/items?"),
    "columns of a list": (listed(sum="Shown amount"), "/columns"),
    "plan": (plan(), "/planner/"),
    "learning": (learning(measure="avg"), "/learningCourseActivities"),
    "report": (usage("Office 365"), "/download/"),
    "count": ({"count": "users"}, "/users/$count"),
    "analytics": ({"site_analytics": {"site": "s"}}, "/analytics/"),
    "get": ({"get": "/organization", "select": "length(value)", "as_of": "value[0].at"}, "/organization"),
}
STRANGE: list[Any] = [
    None, True, False, 0, -1, 2**63, -(2**63), 1.5, -0.0, "", " ", "soon", "-1", "NaN", "\x00", "\ud83d", "x" * 5000, "2026-13-45",
    "0001-01-01T00:00:00", "9999-12-31T23:59:59-14:00", "https://evil.example/x", [], {}, [[]], [{}], {"a": 1}, ["5"], [None],
]  # fmt: skip
RAW = [
    "", "null", "5", '"text"', "[]", "{}", "<html></html>", "[" * 3000, '{"value": ' + "[" * 3000, '{"value": [1e99999999999999]}',
    '{"value": [NaN]}', '{"a": 1, "a": 2}', '{"value": [' + "9" * 5000 + "]}", '{"value": [], "@odata.nextLink": NaN}', "\x00", "{",
    '{"value": [{"id": "1", "fields": {"Amount": 1E-399}}]}', '{"values": [[1E-300]], "valueTypes": [["Double"]], "numberFormat": [["0"]]}',
]  # fmt: skip


class Liar:
    """A tenant that answers what is asked for by a part of its address with a lie, in batches too."""

    def __init__(self, chance: random.Random, target: str) -> None:
        self.tenant = GraphTenant(DATA, page_size=2, ticks=count(step=1000).__next__)
        self.chance = chance
        self.target = target

    def answer(self, request: Request) -> Response:
        response = self.tenant.answer(request)
        options = "&".join(f"{name}={value}" for name, value in request.query.items())
        if request.path == "/v1.0/$batch":
            return self._batch(request, response)
        if self.target in f"{request.path}?{options}" and response.status != 302:
            return Response(
                body=self._lie(response.body), headers=response.headers, status=self._status(response.status)
            )
        return response

    def _batch(self, request: Request, response: Response) -> Response:
        urls = {step["id"]: step["url"] for step in request.json()["requests"]}
        made = json.loads(response.body)
        for part in made.get("responses", ()):
            if self.target in urls[part["id"]]:
                body = part["body"]
                told = body if isinstance(body, dict) else base64.b64decode(body)
                lie = self._lie(told if isinstance(told, bytes) else json.dumps(told).encode())
                try:
                    part["body"] = lie.decode() if b"[" * 999 in lie else json.loads(lie)
                except ValueError:
                    part["body"] = lie.decode(errors="replace")
                if self.chance.random() < 0.2:
                    part[self.chance.choice(["status", "headers", "id"])] = self.chance.choice(STRANGE)
        return Response(body=json.dumps(made).encode(), headers=response.headers)

    def _status(self, status: int) -> int:
        return status if self.chance.random() < 0.8 else self.chance.choice([200, 400, 403, 404, 409, 410, 423, 500])

    def _lie(self, body: bytes) -> bytes:
        if self.chance.random() < 0.3:
            return self.chance.choice(RAW).encode(errors="replace")
        try:
            told = json.loads(body)
        except ValueError:
            return self._cut(body)
        for _ in range(self.chance.randint(1, 3)):
            told = self._changed(told)
        return json.dumps(told).encode(errors="replace")

    def _changed(self, told: Any) -> Any:
        """One thing somewhere in it is another."""
        if isinstance(told, dict) and told and self.chance.random() < 0.85:
            key = self.chance.choice(list(told))
            if self.chance.random() < 0.15:
                return {name: part for name, part in told.items() if name != key}
            return {**told, key: self._changed(told[key])}
        if isinstance(told, list) and told and self.chance.random() < 0.85:
            place = self.chance.randrange(len(told))
            return [*told[:place], self._changed(told[place]), *told[place + 1 :]]
        return self.chance.choice(STRANGE)

    def _cut(self, body: bytes) -> bytes:
        changed = bytearray(body)
        for _ in range(self.chance.randint(0, 6)):
            if changed:
                changed[self.chance.randrange(len(changed))] = self.chance.randrange(256)
        return bytes(changed[: self.chance.randint(0, len(changed))] if self.chance.random() < 0.4 else changed)


@pytest.fixture(params=QUERIES)
def endpoint(request: pytest.FixtureRequest) -> Iterator[tuple[Any, Liar, Server, str]]:
    form, target = QUERIES[request.param]
    liar = Liar(dice(f"graph lies {request.param}"), target)
    with Server(liar) as server:
        yield form, liar, server, request.param


def test_lies_cost_their_own_query(endpoint: tuple[Any, Liar, Server, str]) -> None:
    form, _, server, name = endpoint
    excel_by = {"content": "download", "session": "workbook"}.get(name, "auto")
    connector = connect(server, excel_by=excel_by, timeout=20)
    forms = [form, excel("Other!A1"), {"excel": {**BOOK, "name": "Visits"}}] if name == "session" else [form]
    told: Counter[str] = Counter()
    for _ in range(sweep(25, 2_000)):
        *found, neighbour = ask(connector, *forms, NEIGHBOUR)

        assert neighbour.value == 3, neighbour
        for one in found:
            told[type(one).__name__] += 1
            assert isinstance(one, Reading | ConnectorError)
            if isinstance(one, ConnectorError):
                assert one.scope == "query", one
                assert one.fix
            elif one.value is not None:
                assert isinstance(one.value, Decimal)
                assert one.value.is_finite()
                assert one.evidence.rows is None or one.evidence.rows >= 0
            if name not in ("session", "latest of a list", "cell", "name", "table", "get", "sum of a list", "content"):
                assert not isinstance(one, Reading) or one.value is None or one.value >= 0
    assert sum(told.values()) >= 25
