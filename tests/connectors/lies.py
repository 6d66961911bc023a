"""Answers that are not true: a truthful JSON body with one thing in it changed, and a stand-in that gives such ones."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from sandbox.server import Application, Request, Response

RAW = {
    "NaN": "NaN",
    "infinite": "1e400",
    "tiny": "1E-999999",
    "beyond Decimal": "1e99999999999999999999",
    "5,000 digits": "9" * 5000,
    "5,000 decimals": f"0.{'1' * 5000}",
    "deep": "[" * 3000 + "]" * 3000,
    "half a pair": '"\\ud800"',
    "NUL": '"a\\u0000b"',
}
"""What JSON can hold and Python's writer would not write."""
LIES: dict[str, Any] = {
    "null": None,
    "true": True,
    "list": [],
    "list of a number": [5],
    "object": {},
    "no text": "",
    "text": "soon",
    "path": "../../x?y=z#",
    "minus one": -1,
    "2^63": 2**63,
    "a fraction": 0.5,
    "year 1": "0001-01-01T00:00:00.000+0000",
    "no zone": "2026-10-01T08:00:00",
    "long text": "x" * 5000,
}
_GONE = object()


@dataclass(frozen=True)
class Lie:
    """`place` is the way to what is changed: keys and indexes; `what` is one of LIES or RAW, "gone" or "twice"."""

    place: tuple[Any, ...]
    what: str

    def told(self, truth: Any) -> bytes:
        """The truthful body with this in it; as it is where there is no such place."""
        body = deepcopy(truth)
        mark = f"RAW {self.what}"
        changed = RAW.get(self.what)
        value = mark if changed is not None else LIES.get(self.what)
        if not self.place:
            return (changed or json.dumps(value)).encode()
        at = body
        try:
            for step in self.place[:-1]:
                at = at[step]
            if self.what == "gone":
                del at[self.place[-1]]
            elif self.what == "twice" and isinstance(at, list):
                at.append(at[self.place[-1]])
            elif self.what != "twice":
                at[self.place[-1]]
                at[self.place[-1]] = value
        except (KeyError, IndexError, TypeError):
            return json.dumps(truth).encode()
        return json.dumps(body).replace(json.dumps(mark), changed or "").encode()


def places(body: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a body, of lists the first two only."""
    yield before
    if isinstance(body, dict):
        for key in body:
            yield from places(body[key], (*before, key))
    elif isinstance(body, list):
        for index in range(min(2, len(body))):
            yield from places(body[index], (*before, index))


def lies(body: Any, chance: random.Random, most: int) -> list[Lie]:
    """So many of those that can be told, or all."""
    found = [Lie(place, what) for place in places(body) for what in (*LIES, *RAW, "gone", "twice")]
    return found if len(found) <= most else chance.sample(found, most)


@dataclass
class Liar:
    """A stand-in before another one, whose answers to what `concerns` picks it changes. `seen` is the last true one."""

    truthful: Application
    concerns: Callable[[Request], bool] = lambda _: False
    lie: Lie | None = None
    seen: Any = None
    told: int = field(default=0)

    def answer(self, request: Request) -> Response:
        answer = self.truthful.answer(request)
        if not self.concerns(request) or answer.status != 200:
            return answer
        self.seen = json.loads(answer.body)
        if self.lie is None:
            return answer
        self.told += 1
        return Response(status=200, body=self.lie.told(self.seen), headers=answer.headers)
