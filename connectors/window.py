"""How many requests may be in flight: more while the service answers, one alone once it says that it is too much."""

from __future__ import annotations

import threading


class Window:
    """Opens by one for each answer, up to `most`. A refusal (HTTP 429) closes it down to one; from there it opens
    likewise to half of what was refused, and then by one for as many answers as it is wide, since others may share what
    the service bears. Answers to what was under way when a refusal came tell nothing of the time after it.

    Thread-safe; a thread that is inside may enter again, as a request does that follows a redirect.
    """

    def __init__(self, *, first: int, most: int) -> None:
        self._most = most
        self._wide = float(min(first, most))
        self._steady = float(most)
        self._out = 0
        self._refusals = 0
        self._changed = threading.Condition()
        self._mine = threading.local()

    @property
    def size(self) -> int:
        return int(self._wide)

    def __enter__(self) -> None:
        self._mine.depth = getattr(self._mine, "depth", 0) + 1
        if self._mine.depth > 1:
            return
        with self._changed:
            self._changed.wait_for(lambda: self._out < self.size)
            self._out += 1
            self._mine.after = self._refusals

    def __exit__(self, *_: object) -> None:
        self._mine.depth -= 1
        if self._mine.depth:
            return
        with self._changed:
            self._out -= 1
            self._changed.notify_all()

    def saw(self, *, refused: bool) -> None:
        with self._changed:
            if getattr(self._mine, "after", self._refusals) < self._refusals:
                return
            if refused:
                self._refusals += 1
                self._steady = max(1.0, self._wide / 2)
                self._wide = 1.0
            else:
                opened = self._wide + (1 if self._wide < self._steady else 1 / self._wide)
                self._wide = min(float(self._most), opened)
            self._changed.notify_all()
