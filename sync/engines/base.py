"""What every engine does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What waits to be run; `oldest` is since when, None where nothing is late."""

    jobs: int = 0
    oldest: datetime | None = None


class Engine(Protocol):
    """Looks after keepers: calls `keep` when something is due, never twice at once for one workspace."""

    def start(self) -> None:
        """Raises StoreError."""

    def stop(self, seconds: float) -> bool:
        """Begin nothing more, and let what runs end for so long. Returns whether all of it did."""

    def waiting(self) -> Waiting:
        """Raises StoreError."""
