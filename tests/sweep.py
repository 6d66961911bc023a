"""How far the sweeps of this suite go, and the seed they start from.

`make test` goes the short way, `make torture` (OKRSYNC_TORTURE=1) the long one. Every run prints its seed;
OKRSYNC_SEED=... repeats one.
"""

from __future__ import annotations

import os
import random
from typing import TypeVar

TORTURE = os.environ.get("OKRSYNC_TORTURE", "") not in ("", "0")
SEED = int(os.environ.get("OKRSYNC_SEED") or random.SystemRandom().randrange(2**32))

T = TypeVar("T")


def sweep(short: T, long: T) -> T:
    """The size of a sweep: `for seed in range(sweep(20, 5_000))`."""
    return long if TORTURE else short


def dice(name: str) -> random.Random:
    """Chance for one test, by this run's seed; what other tests draw changes nothing in it."""
    return random.Random(f"{SEED}/{name}")
