"""How many requests a vendor lets through in a time: a bucket that fills by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Bucket:
    """Holds `most` requests and wins back as many in `seconds`. `ticks` are the seconds of a clock that only goes on.
    Thread-safe."""

    def __init__(self, most: float, seconds: float, ticks: Callable[[], float]) -> None:
        self._most = most
        self._a_second = most / seconds
        self._ticks = ticks
        self._left = most
        self._at = ticks()
        self._lock = threading.Lock()

    def take(self) -> float:
        """The seconds until there is room again; 0 where this request is let through."""
        with self._lock:
            now = self._ticks()
            self._left = min(self._most, self._left + (now - self._at) * self._a_second)
            self._at = now
            if self._left < 1:
                return (1 - self._left) / self._a_second
            self._left -= 1
            return 0.0
