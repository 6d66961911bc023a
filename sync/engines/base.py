"""What every engine does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """The jobs that wait. `oldest` is the time since which one waits, None if nothing is late."""

    jobs: int = 0
    oldest: datetime | None = None


class Engine(Protocol):
    """Looks after keepers: calls `keep` when something is due, never twice at once for one workspace."""

    def start(self) -> None:
        """Raises StoreError."""

    def stop(self, seconds: float) -> bool:
        """Start nothing new, and give running work this much time to end. Returns whether all of it ended."""

    def waiting(self) -> Waiting:
        """Raises StoreError."""
