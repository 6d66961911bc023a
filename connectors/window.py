"""How many requests may be in flight: more while the service answers, one alone once it says that it is too much."""

from __future__ import annotations

import threading


class Window:
    """Opens by one for each answer, up to `most`; a refusal (HTTP 429) closes it down to one. Thread-safe; a thread
    that is inside may enter again, as a request does that follows a redirect."""

    def __init__(self, *, first: int, most: int) -> None:
        self._most = most
        self._size = min(first, most)
        self._out = 0
        self._changed = threading.Condition()
        self._mine = threading.local()

    @property
    def size(self) -> int:
        return self._size

    def __enter__(self) -> None:
        self._mine.depth = getattr(self._mine, "depth", 0) + 1
        if self._mine.depth > 1:
            return
        with self._changed:
            self._changed.wait_for(lambda: self._out < self._size)
            self._out += 1

    def __exit__(self, *_: object) -> None:
        self._mine.depth -= 1
        if self._mine.depth:
            return
        with self._changed:
            self._out -= 1
            self._changed.notify_all()

    def saw(self, *, refused: bool) -> None:
        with self._changed:
            self._size = 1 if refused else min(self._most, self._size + 1)
            self._changed.notify_all()
