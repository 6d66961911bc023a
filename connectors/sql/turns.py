"""Breaks off what runs too long, and everything when a run's time is up, from another thread and whatever the server
does."""

from __future__ import annotations

import os
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

SECONDS_TO_CANCEL = 1.0


class Turn:
    """One query's time with a connection of the driver, from before there is one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._raw: Any = None
        self.over = False

    def hold(self, raw: Any) -> None:
        with self._lock:
            self._raw = raw
        if self.over:
            _cut(raw)

    def cut(self) -> None:
        self.over = True
        with self._lock:
            raw = self._raw
        if raw is not None:
            _cut(raw)

    def cancel(self) -> None:
        """Let the server know first, so that it does not go on working for nobody."""
        self.over = True
        cancel = getattr(self._raw, "cancel_safe", None)
        if cancel is not None:
            with suppress(Exception):
                cancel(timeout=SECONDS_TO_CANCEL)
        self.cut()


class Turns:
    """All turns of one connection of ours. Thread-safe; a thread has one turn at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[Turn] = set()
        self._mine = threading.local()
        self.stopped = False

    @contextmanager
    def turn(self, seconds: float) -> Iterator[Turn]:
        """A turn of this thread that is cut when it has lasted so long."""
        turn = Turn()
        timer = threading.Timer(seconds, turn.cut)
        timer.daemon = True
        with self._lock:
            self._running.add(turn)
            turn.over = self.stopped
        self._mine.turn = turn
        timer.start()
        try:
            yield turn
        finally:
            timer.cancel()
            self._mine.turn = None
            with self._lock:
                self._running.discard(turn)

    def hold(self, raw: Any) -> None:
        """This thread's turn has come to a connection of the driver."""
        turn: Turn | None = getattr(self._mine, "turn", None)
        if turn is not None:
            turn.hold(raw)

    def stop(self) -> None:
        with self._lock:
            self.stopped = True
            running = list(self._running)
        threads = [threading.Thread(target=turn.cancel, daemon=True) for turn in running]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(2 * SECONDS_TO_CANCEL)


def _cut(raw: Any) -> None:
    """The driver's thread wakes up with an error: SQLite is interrupted, PostgreSQL's socket shut, which needs nobody
    at its other end. What other drivers do is theirs."""
    if isinstance(raw, sqlite3.Connection):
        with suppress(sqlite3.Error):
            raw.interrupt()
    elif hasattr(raw, "pgconn"):
        with suppress(Exception), socket.socket(fileno=os.dup(raw.pgconn.socket)) as shared:
            shared.shutdown(socket.SHUT_RDWR)
