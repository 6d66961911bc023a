"""Takes calls that were judged right, and writes them down many at a time: one transaction for all that wait."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from sync.store.inbox import Rung
from sync.store.store import Store

MOST_WAITING = 5000
MOST_AT_ONCE = 500


class Overloaded(Exception):
    """More calls wait than are taken."""


class Receiver:
    """Of one workspace. `wake` is called when something new was touched."""

    def __init__(self, store: Store, wake: Callable[[], None]) -> None:
        self._store = store
        self._wake = wake
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Rung, Future[bool]]] = deque()
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inbox")

    def take(self, call: Rung) -> Future[bool]:
        """Whether it was new, once that is written. Raises Overloaded; the future may raise StoreError."""
        written: Future[bool] = Future()
        # It is written whether its caller still waits or not.
        written.set_running_or_notify_cancel()
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                raise Overloaded
            self._waiting.append((call, written))
            is_first = len(self._waiting) == 1
        if is_first:
            self._writer.submit(self._write)
        return written

    def close(self) -> None:
        self._writer.shutdown(wait=True)

    def _write(self) -> None:
        while batch := self._next():
            try:
                new = self._store.inbox.ring([call for call, _ in batch])
                if any(is_new and call.touched for (call, _), is_new in zip(batch, new, strict=True)):
                    self._wake()
            except BaseException as error:
                for _, written in batch:
                    written.set_exception(error)
                continue
            for (_, written), is_new in zip(batch, new, strict=True):
                written.set_result(is_new)

    def _next(self) -> list[tuple[Rung, Future[bool]]]:
        with self._lock:
            return [self._waiting.popleft() for _ in range(min(MOST_AT_ONCE, len(self._waiting)))]
