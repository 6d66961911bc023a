"""A stand-in that lies: answers of the true one, changed in one place by chance."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.server import Application, Request, Response, exact_json

RAW = {
    "@nan": "NaN",
    "@infinity": "-Infinity",
    "@huge": "1e99999999999999999999",
    "@tiny": "1E-999999",
    "@large": "1e400",
    "@decimals": "0." + "3" * 5000,
    "@digits": "7" * 5000,
    "@deep": "[" * 3000 + "]" * 3000,
    "@deep objects": '{"a":' * 500 + "1" + "}" * 500,
    "@half": r'"a\ud800b"',
    "@nul": r'"a\u0000b"',
}
"""What no JSON writer would write, by the text that stands for it."""
LIES: tuple[Any, ...] = (
    None, True, False, -1, 0, 1, 2**63, -(2**63), 1.5, "", "soon", "-5", "1_000", "x" * 10_000, "2026-13-45",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999-14:00", "2026-10-01T08:00:00", "2026-10-01", "https://[", "//evil",
    "https://evil.example/next", "\u202e\x1b[31m", [], {}, [[]], ["5"], [None], {"a": {}}, {"code": []}, *RAW,
)  # fmt: skip
BODIES = (
    b"",
    b"null",
    b"[]",
    b"{}",
    b"5",
    b'"text"',
    b"\xff\xfe",
    b"<html>sign in</html>",
    b"{",
    b'{"a":1,"a":2}',
    b"\x00",
)
STATUSES = (201, 202, 204, 206, 300, 302, 304, 400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 411, 412, 413, 414,
            415, 416, 418, 422, 423, 424, 428, 429, 431, 451, 500, 501, 502, 503, 504, 507, 509, 520, 599)  # fmt: skip
HEADERS = (
    {"Retry-After": "soon"}, {"Retry-After": "1, 2"}, {"Retry-After": "Tue, 24 Nov 2026 09:00:30 +99999999"},
    {"Retry-After": "1e400"}, {"Retry-After": "nan"}, {"Content-Type": "image/png"}, {"Content-Type": "text/html;charset=x"},
    {"Content-Encoding": "gzip"}, {"Content-Encoding": "a, b, c, d, e, f, g"}, {"Location": "https://evil.example/"},
    {"Set-Cookie": "a=b"}, {"X-Seraph-LoginReason": "OUT"}, {"Sforce-Limit-Info": "api-usage=x/0"}, {"Date": "never"},
)  # fmt: skip


def changed(rng: random.Random, true: Response) -> Response:
    """One lie, of a kind chosen by chance."""
    kind = rng.random()
    if kind < 0.75:
        return Response(status=true.status, body=_told(rng, true.body), headers=true.headers)
    if kind < 0.83:
        cut = true.body[: rng.randrange(len(true.body) + 1)]
        return Response(status=true.status, body=rng.choice((*BODIES, cut)), headers=true.headers)
    if kind < 0.92:
        return Response(status=rng.choice(STATUSES), body=rng.choice((true.body, *BODIES)), headers=true.headers)
    headers = {**true.headers, **rng.choice(HEADERS)}
    return Response(status=rng.choice((true.status, 429, 503, 302)), body=true.body, headers=headers)


def _told(rng: random.Random, body: bytes) -> bytes:
    try:
        data = json.loads(body)
    except ValueError:
        text = body.decode(errors="replace")
        return re.sub(r"\d+", lambda found: str(rng.choice(LIES)), text, count=1).encode(errors="replace")
    places = list(_places(data))
    if not places:
        return rng.choice(BODIES)
    holder, key = rng.choice(places)
    match rng.randrange(6):
        case 0 if isinstance(holder, dict):
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[f"{key} "] = holder.pop(key)
        case 2 if isinstance(holder, list):
            holder.extend([holder[key]] * 50)
        case 3:
            holder[key] = [holder[key]]
        case _:
            holder[key] = rng.choice(LIES)
    text = exact_json(data)
    for stands_for, written in RAW.items():
        text = text.replace(json.dumps(stands_for), written)
    return text.encode()


def _places(data: Any) -> Any:
    if isinstance(data, dict | list):
        for key in list(data) if isinstance(data, dict) else range(len(data)):
            yield data, key
            yield from _places(data[key])


@dataclass
class Liar:
    """`lie` is laid over the `at`-th answer from now on, and over no other; `told` is where that was."""

    true: Application
    lie: Callable[[Response], Response] | None = None
    at: int = 0
    told: str = ""
    said: bytes = b""
    seen: list[str] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        answer = self.true.answer(request)
        self.seen.append(endpoint(request))
        if self.lie is None or len(self.seen) - 1 != self.at:
            return answer
        self.told = endpoint(request)
        lied = self.lie(answer)
        self.said = lied.body
        return lied

    def arm(self, lie: Callable[[Response], Response] | None, at: int) -> None:
        self.lie, self.at, self.told = lie, at, ""
        self.seen.clear()


def endpoint(request: Request) -> str:
    """Method and path, without what names one thing among its like."""
    return f"{request.method} {re.sub(r'(?<=/)(b!x|[0-9][0-9A-Za-z]+|[0-9]+|v[0-9.]+)(?=/|$)', '*', request.path)}"


Tally = dict[tuple[str, str], list[int]]
TALLY: Tally = {}
"""Tried, held and broke, by connector and endpoint."""


def count(connector: str, where: str, *, held: bool) -> None:
    tried = TALLY.setdefault((connector, where), [0, 0, 0])
    tried[0] += 1
    tried[1 if held else 2] += 1
