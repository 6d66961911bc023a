"""What the numbers were measured on."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("simple-salesforce", "jira", "msal", "requests")


def described() -> list[str]:
    """One thing a line."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return [
        f"Measured on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, okrsync {version('okrsync')} ({_commit()})",
        f"{_processor()}, {os.cpu_count()} cores, {_memory()} GB of memory, {_system()}",
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}",
    ]


def load() -> str:
    """How busy the machine was in the last minute, with whatever else."""
    return f"{os.getloadavg()[0]:.1f}"


def _processor() -> str:
    named = (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f}"


def _system() -> str:
    named = (line.partition("=")[2].strip('"') for line in _lines("/etc/os-release") if line.startswith("PRETTY_NAME"))
    return f"{next(named, platform.system())}, {platform.system()} {platform.release()}"


def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_text().splitlines()
    except OSError:
        return []


def _commit() -> str:
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() or "no checkout"
