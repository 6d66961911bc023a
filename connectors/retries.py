"""How often a request is tried, for how long, and how many a second."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests

from connectors.pauses import retry_after

if TYPE_CHECKING:
    from pyrate_limiter import Rate

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How trouble that may pass is tried again.

    `attempts` counts the first one. Waits grow from `first_wait` (seconds) by doubling, with jitter. A pause that
    the tool asks for is kept exactly, unless it is longer than `longest_wait`: then the error says so at once,
    and the next run asks again. `pause` reads from the headers for how long it asks. `safe` tells whether a request
    may be repeated although it may have been carried out; a POST that only reads is. `own_limit`
    tells whether a 429 concerns the thing that was asked for alone, so that the rest of the connection goes on.
    """

    statuses: frozenset[int] = frozenset({408, 420, 429, 500, 502, 503, 504})
    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 60
    safe: Callable[[requests.PreparedRequest], bool] = lambda request: request.method in IDEMPOTENT
    pause: Callable[[Mapping[str, str]], float | None] = lambda headers: retry_after(headers)
    own_limit: Callable[[requests.PreparedRequest], bool] = lambda _: False


class Budget:
    """The seconds that a request may be under way, in all its tries. Waiting between them does not count."""

    def __init__(self, total: float) -> None:
        self.total = total
        self.left = total

    @property
    def is_spent(self) -> bool:
        return self.left < self.total / 10

    @contextlib.contextmanager
    def spent(self) -> Iterator[None]:
        begun = time.monotonic()
        try:
            yield
        finally:
            self.left = max(0.001, self.left - (time.monotonic() - begun))


def rate(per_second: float) -> Rate:
    """Whole requests in each second, or one in several: 2.5 a second is two, 0.5 is one in two seconds."""
    from pyrate_limiter import Duration, Rate

    if per_second >= 1:
        return Rate(int(per_second), Duration.SECOND)
    return Rate(1, math.ceil(1000 / per_second))
