"""A Cloud site's limits of haste: so many requests a second for each endpoint and method, everyone's together."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable

from sandbox.limits import Bucket
from sandbox.server import Request, Response

READS, WRITES = 100, 50
OF_ENDPOINT = {
    ("POST", "search/approximate-count"): 150,
    ("GET", "issue/{}"): 150,
    ("POST", "changelog/bulkfetch"): 200,
}
_IDS = re.compile(r"(?<=issue/|board/)[^/]+|(?<=sprint/)\d+|(?<=properties/)[^/]+")
_SAID = "Rate limit exceeded. Please try again later."


class Haste:
    """`share` is the part of each limit that the site's other users leave."""

    def __init__(self, share: float, ticks: Callable[[], float]) -> None:
        self._share = share
        self._ticks = ticks
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def refusal(self, request: Request, endpoint: str) -> Response | None:
        """None where the request is let through."""
        kind = (request.method, _IDS.sub("{}", endpoint))
        most = OF_ENDPOINT.get(kind, READS if request.method in ("GET", "POST") else WRITES) * self._share
        with self._lock:
            bucket = self._buckets.setdefault(kind, Bucket(most, 1, self._ticks))
        wait = bucket.take()
        if not wait:
            return None
        headers = {
            "Retry-After": str(math.ceil(wait)),
            "RateLimit-Reason": "jira-burst-based",
            "X-RateLimit-Limit": f"{most:.0f}",
            "X-RateLimit-Remaining": "0",
        }
        return Response.of({"errorMessages": [_SAID], "errors": {}}, status=429, headers=headers)
