"""Where requests of a connection are counted, so that they keep its `requests_per_second`: in this process by itself,
or where all replicas count together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from connectors.retries import rate

if TYPE_CHECKING:
    from pyrate_limiter import AbstractBucket, Limiter, Rate

Bucket: TypeAlias = "Callable[[str, list[Rate]], AbstractBucket]"
_shared: list[Bucket] = []


def share(bucket: Bucket | None) -> None:
    """From now on count in the bucket that this makes for a connection and its rates; None: in this process again."""
    _shared[:] = [bucket] if bucket else []


def limiter(connection: str, per_second: float) -> Limiter:
    from pyrate_limiter import Limiter

    rates = rate(per_second)
    return Limiter(_shared[0](connection, [rates])) if _shared else Limiter(rates)
