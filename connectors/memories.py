"""What a connector remembers from run to run: small facts with an age, such as a token's end or what a field is called.

The store keeps them. Nothing may depend on them: a connector without a memory gives the same answers at more calls.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol


class Memory(Protocol):
    """Of one connection. Threads may share it. Secrets are never put there: a store is no safe."""

    def get(self, key: str, *, max_age: timedelta) -> str | None:
        """What was put there no longer than `max_age` ago."""

    def put(self, key: str, value: str) -> None:
        """Remember from now on; what stood there is forgotten."""


class Forgetful:
    """A memory for one run."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._facts: dict[str, tuple[datetime, str]] = {}

    def get(self, key: str, *, max_age: timedelta) -> str | None:
        found = self._facts.get(key)
        return found[1] if found and self._clock() - found[0] <= max_age else None

    def put(self, key: str, value: str) -> None:
        self._facts[key] = (self._clock(), value)
