"""Graph's $batch: up to twenty GETs as the steps of one POST, and what each is answered with. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

import requests

from connectors.errors import BadAnswer, ConnectorError
from connectors.graph.errors import refusal
from connectors.graph.schedule import Request
from connectors.pauses import retry_after

PASSING = frozenset({408, 409, 420, 423, 429, 500, 502, 503, 504})
DEPENDENCY_FAILED = 424
"""What the rest of a chain is answered with after one of it failed: it was never asked."""
CHALLENGED = 401

Answer = dict[str, Any] | ConnectorError
"""A JSON object; for a request whose answer is a text, `{"text": ...}`."""


def steps(asked: Sequence[Request], *, chain: bool) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for index, one in enumerate(asked):
        step: dict[str, Any] = {"id": str(index), "method": "GET", "url": one.path, "headers": dict(one.headers)}
        if chain and index:
            step["dependsOn"] = [str(index - 1)]
        made.append(step)
    return made


def parts_by_id(answer: Mapping[str, Any], connection: str) -> dict[str, Mapping[str, Any]]:
    """Graph answers them in any order. Raises BadAnswer."""
    parts = answer.get("responses")
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise BadAnswer("Graph answered a batch in an unexpected format", connection=connection)
    ids = [str(part.get("id")) for part in parts]
    if len(set(ids)) < len(ids):
        raise BadAnswer("Graph answered one request of a batch twice", connection=connection)
    return dict(zip(ids, parts, strict=True))


def answer_of(asked: Request, part: Mapping[str, Any] | None, connection: str) -> Answer:
    """A request's own failure is its own: the batch came through, so the connection stands."""
    if part is None:
        return BadAnswer("Graph did not answer this request of a batch", connection=connection)
    status, body = status_of(part), part.get("body")
    if status is None:
        return BadAnswer("Graph answered a request of a batch in an unexpected format", connection=connection)
    if status == 200 and asked.as_text:
        return {"text": _text(body)}
    if status == 200 and isinstance(body, dict):
        return body
    if 200 <= status < 400:
        return BadAnswer("Graph answered a request of a batch in an unexpected format", connection=connection)
    error = refusal(status, body, connection, asked, retry_after(headers_of(part)))
    if status != CHALLENGED:
        error.scope = "query"
    return error


def status_of(part: Mapping[str, Any] | None) -> int | None:
    status = part.get("status") if part is not None else None
    return status if type(status) is int else None


def headers_of(part: Mapping[str, Any]) -> Mapping[str, str]:
    """They come in any case, and numbers as numbers."""
    headers = part.get("headers")
    made: requests.structures.CaseInsensitiveDict[str] = requests.structures.CaseInsensitiveDict()
    if isinstance(headers, dict):
        made.update({str(name): str(value) for name, value in headers.items() if isinstance(value, str | int | float)})
    return made


def pause_of(part: Mapping[str, Any]) -> float:
    asked = retry_after(headers_of(part))
    return 1.0 if asked is None else asked


def decoded(content: bytes) -> str:
    return content.decode("utf-8-sig", errors="replace")


def _text(body: Any) -> str:
    """A batch gives a plain text as it is, as a number, or in base64."""
    text = body if isinstance(body, str) else str(body) if type(body) is int else ""
    if text.lstrip("\ufeff").strip().isdigit():
        return text
    try:
        return decoded(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return text
