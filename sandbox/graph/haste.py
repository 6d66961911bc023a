"""A tenant's limits of haste for one app, those that Microsoft publishes for what is read here.

SharePoint's resource units are not counted: how many an app has is not published in one place.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable

from sandbox.graph.errors import Refused
from sandbox.limits import Bucket

REPORT = (14, 600)
"""Requests for one usage report, and in how many seconds."""
WORKBOOKS = (1500, 10)
_REPORT = re.compile(r"/reports/(get\w+)")


class Haste:
    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self._lock = threading.Lock()
        self._buckets: dict[str, Bucket] = {}

    def check(self, path: str) -> None:
        """Raises Refused where it comes too soon."""
        if report := _REPORT.search(path):
            self._take(report[1], REPORT)
        elif "/workbook/" in path:
            self._take("workbooks", WORKBOOKS)

    def _take(self, name: str, limit: tuple[int, int]) -> None:
        with self._lock:
            bucket = self._buckets.setdefault(name, Bucket(*limit, self._ticks))
        if wait := bucket.take():
            headers = {"Retry-After": str(math.ceil(wait))}
            raise Refused(
                429, "TooManyRequests", "Too many requests. Please retry after the time given.", headers=headers
            )
