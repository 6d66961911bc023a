"""The fault switchboard: tells a stand-in to fail its next answers, the ways real services fail."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sandbox.hostile import Hostile

Kind = Literal["status", "reset", "truncate", "html", "hang", "lost", "echo"] | Hostile


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One way to fail.

    `status` answers with that status, `headers` (where `{target}` is what was asked for) and `body`; `reset` drops the
    connection in mid-body;
    `truncate` sends half of the true body under a true Content-Length of that half; `html` answers 200 with a
    login page; `hang` holds the answer back for `delay` seconds and then drops the connection; `lost` carries the
    request out and drops the connection instead of answering; `echo` answers with `status` and all that the request
    said, credentials included, as a careless gateway does. The hostile kinds never end. `delay` (seconds) comes before
    any of them. `path` limits the fault to requests whose path contains it, `method` to those of that method.
    """

    kind: Kind = "status"
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    delay: float = 0
    path: str = ""
    method: str = ""
    times: int = 1


class Switchboard:
    """Faults still to happen, in order. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: list[tuple[Fault, int]] = []

    def fail(self, **fault: Any) -> None:
        """Queue a fault, e.g. `fail(status=429, headers={"Retry-After": "1"}, times=2)`. `times=-1` means always."""
        made = Fault(**fault)
        with self._lock:
            self._pending.append((made, made.times))

    def become(self, **other: Any) -> None:
        """What is queued happens in another way, at the same places."""
        with self._lock:
            self._pending = [(replace(fault, **other), left) for fault, left in self._pending]

    def clear(self) -> None:
        with self._lock:
            self._pending.clear()

    def take(self, path: str, method: str = "") -> Fault | None:
        with self._lock:
            for index, (fault, left) in enumerate(self._pending):
                if fault.path in path and fault.method in ("", method):
                    if left > 1:
                        self._pending[index] = (fault, left - 1)
                    elif left != -1:
                        del self._pending[index]
                    return fault
        return None
