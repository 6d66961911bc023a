"""What a vendor's own OpenAPI document says of requests and answers, as a judge over connectors and sandbox alike."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator, OAS31Validator

from sandbox.server import Application, Request, Response

SPECS = Path(__file__).parents[3] / "shared" / "data" / "specs"

OF_COMMAS = {"type": "object", "additionalProperties": False}
"""How Atlassian's Agile document describes a text of several parts (state=active,closed)."""


@dataclass
class Recorded:
    """A stand-in whose traffic is kept."""

    application: Application
    traffic: list[tuple[Request, Response]] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        response = self.application.answer(request)
        self.traffic.append((request, response))
        return response


class Spec:
    """`loose` are query parameters that the document forgets."""

    def __init__(self, name: str, *, loose: frozenset[str] = frozenset()) -> None:
        file = SPECS / name
        if not file.exists():
            pytest.skip(f"no ../shared/data/specs/{name} here")
        self.document = json.loads(gzip.decompress(file.read_bytes()))
        self._loose = loose
        self._validator: Any = OAS31Validator if self.document["openapi"].startswith("3.1") else OAS30Validator

    @cached_property
    def _paths(self) -> list[tuple[re.Pattern[str], str]]:
        """Those with fewest variables first."""
        made = sorted(self.document["paths"], key=lambda path: (path.count("{"), path))
        return [(re.compile(re.sub(r"\\\{[^}]*\\\}", "([^/]+)", re.escape(path))), path) for path in made]

    def problems(self, request: Request, response: Response) -> Iterator[str]:
        """What is wrong with a request and the answer to it."""
        path = next((path for pattern, path in self._paths if pattern.fullmatch(request.path)), None)
        operation = self.document["paths"].get(path, {}).get(request.method.lower())
        if operation is None:
            if response.status not in (404, 405):
                yield f"{request.method} {request.path} is not described"
            return
        where = f"{request.method} {path}"
        for problem in (*self._of_parameters(operation, request), *self._of_body(operation, request)):
            # A request that is wrong may be refused.
            if response.status < 400:
                yield f"{where}: {problem}"
        yield from (f"{where} -> {response.status}: {problem}" for problem in self._of_answer(operation, response))

    def _of_parameters(self, operation: Mapping[str, Any], request: Request) -> Iterator[str]:
        declared = {(one["in"], one["name"]): one for one in operation.get("parameters", ())}
        for name, value in request.query.items():
            known = declared.get(("query", name))
            if known is None and name not in self._loose:
                yield f"the parameter {name} is not described"
            elif known is not None and OF_COMMAS not in (known.get("schema"), known.get("schema", {}).get("items")):
                yield from self._of(known.get("schema", {}), _typed(value, known.get("schema", {})), name)
        for (place, name), one in declared.items():
            if one.get("required") and place == "query" and name not in request.query:
                yield f"the parameter {name} is missing"
            if one.get("required") and place == "header" and name.lower() not in request.headers:
                yield f"the header {name} is missing"

    def _of_body(self, operation: Mapping[str, Any], request: Request) -> Iterator[str]:
        schema = _schema(operation.get("requestBody", {}))
        if schema is not None and request.body:
            yield from self._of(schema, request.json(), "the body")

    def _of_answer(self, operation: Mapping[str, Any], response: Response) -> Iterator[str]:
        answers = operation["responses"]
        status = str(response.status)
        described = answers.get(status) or answers.get(f"{status[0]}XX") or answers.get("default")
        if described is None:
            yield "the status is not described"
            return
        schema = _schema(described)
        if schema is not None and response.headers.get("Content-Type", "").startswith("application/json"):
            yield from self._of(schema, json.loads(response.body), "the answer")

    def _of(self, schema: Mapping[str, Any], value: Any, what: str) -> Iterator[str]:
        validator = self._validator({**schema, "components": self.document["components"]})
        for error in validator.iter_errors(value):
            place = "/".join(map(str, error.absolute_path))
            yield f"{what} {place}: {error.message[:200]}"


def _schema(described: Mapping[str, Any]) -> Mapping[str, Any] | None:
    content = described.get("content", {}).get("application/json")
    return content.get("schema") if content else None


def _typed(text: str, schema: Mapping[str, Any]) -> Any:
    """A parameter's text as the type that its schema speaks of."""
    kind = schema.get("type")
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "number" and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(Decimal(text))
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind == "array":
        return text.split(",")
    return text
