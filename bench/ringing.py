"""Rings as Jira does: signed events, each another, over connections that are kept open."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

LINES = 32
"""Connections of calls that come by the clock."""
SECRET = "bench-hook-secret-of-32-characters"


@dataclass(frozen=True, kw_only=True)
class Bell:
    """`path` is that of the connection's hook below `url`."""

    url: str
    path: str

    def ring(self, numbers: Sequence[int], due: Callable[[int], float] | None = None) -> list[float]:
        """The seconds until each call was answered, since it was due where that is told. Raises ValueError for an
        answer that does not take it."""
        server = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        took: list[float] = []
        for number in numbers:
            body, headers = signed(number)
            begun = time.perf_counter()
            if due is not None:
                time.sleep(max(0.0, due(number) - begun))
                begun = due(number)
            server.request("POST", self.path, body, headers)
            answer = server.getresponse()
            answer.read()
            took.append(time.perf_counter() - begun)
            if answer.status not in (200, 202):
                raise ValueError(f"a webhook was answered with {answer.status}")
        server.close()
        return took

    def burst(self, first: int, count: int, at_once: int) -> list[float]:
        with ThreadPoolExecutor(at_once) as pool:
            return [one for took in pool.map(self.ring, _parts(first, count, at_once)) for one in took]

    def steady(self, first: int, count: int, a_second: int) -> list[float]:
        """Calls that come by the clock, whether those before were answered or not, as long as a line is free."""
        begun = time.perf_counter() + 0.5

        def due(number: int) -> float:
            return begun + (number - first) / a_second

        with ThreadPoolExecutor(LINES) as pool:
            made = pool.map(lambda part: self.ring(part, due), _parts(first, count, LINES))
            return [one for took in made for one in took]


def _parts(first: int, count: int, at_once: int) -> list[range]:
    return [range(first + part, first + count, at_once) for part in range(at_once)]


def signed(number: int) -> tuple[bytes, dict[str, str]]:
    """An event of an issue that was updated now, as a webhook of an administrator sends it."""
    project = {"id": "1", "key": "SUP", "name": "Support"}
    event = {
        "timestamp": int(time.time() * 1000),
        "webhookEvent": "jira:issue_updated",
        "issue": {"id": str(number), "key": f"SUP-{number}", "fields": {"project": project}},
    }
    body = json.dumps(event).encode()
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature": f"sha256={digest}", "X-Atlassian-Webhook-Identifier": f"bench-{number}"}
    return body, {**headers, "Content-Type": "application/json"}
