"""Tells whoever listens what each call took. Nobody does in a one-shot command."""

from __future__ import annotations

from collections.abc import Callable

Listener = Callable[[str, str, float], None]
"""Takes the connection's name, what came of the call (its HTTP status, or the kind of error), and the seconds."""
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    _listeners.append(listener)


def measured(connection: str, result: str, seconds: float) -> None:
    for listener in _listeners:
        listener(connection, result, seconds)
