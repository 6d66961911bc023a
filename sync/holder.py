"""Who holds a lease, and whether that process still is."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path


def this_process() -> str:
    pid = os.getpid()
    return json.dumps({"host": platform.node(), "machine": _machine(), "pid": pid, "started": _started(pid)})


def is_gone(holder: str) -> bool:
    """True only where it ran on this machine and does not any more; of other machines nobody knows."""
    told = _told(holder)
    if not told or told.get("machine") != _machine() or os.name != "posix":
        return False
    pid = told.get("pid")
    if not isinstance(pid, int):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return bool(told.get("started") != _started(pid))


def is_here(holder: str) -> bool:
    """Whether it ran on this machine."""
    return _told(holder).get("machine") == _machine()


def named(holder: str) -> str:
    """For people."""
    told = _told(holder)
    return f"process {told['pid']} on {told['host']}" if {"pid", "host"} <= set(told) else "somebody"


def _told(holder: str) -> dict[str, object]:
    try:
        told = json.loads(holder)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _machine() -> str:
    """A container has its own processes, whatever it is called; after a restart none of before is left."""
    try:
        return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return platform.node()


def _started(pid: int) -> str | None:
    """When it began: a number of a process is used again."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    state, *rest = told.rpartition(")")[2].split()
    return None if state in ("Z", "X") else rest[18]
