"""Time as connectors wait it out: another thread may end the waiting. Tests put another clock in its place."""

from __future__ import annotations

import threading
import time


def monotonic() -> float:
    return time.monotonic()


def sleep(seconds: float, unless: threading.Event) -> None:
    """Wait, but no longer than until the event is set."""
    unless.wait(seconds)
