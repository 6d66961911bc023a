"""Keeps what the OKR files of a workspace came to, so that the next start need not read their YAML again.

It lies in a file of our own under OKRSYNC_CACHE, else in the user's folder for such things, and never counts against
the OKR files: it says of which contents, version and settings it was made, and is used for exactly these. Files with
something wrong in them are never kept, so that problems are always told from the files themselves. There is nothing
secret in it: okrsync.yaml is read each time. Where it can't be written, read or understood, all goes on without it.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Any

from config.compiled import NotCompilable, Reader, Writer
from config.settings import Connection, WorkerSettings
from config.yaml_source import MAX_BYTES
from connectors import registry

FOLDER = "OKRSYNC_CACHE"
"""The folder; `off` keeps nothing."""
FORMAT = 1
LEAST_BYTES = 32_768
"""Of all OKR files together. Fewer are read as fast from their YAML."""
MOST_FILES = 50
"""Of as many workspaces something is kept; what was written longest ago goes."""
ABANDONED = 3600
"""Seconds after which nobody goes on with a file that was begun."""
_SECRET = {"store", "queue", "ping_url", "webhooks"}
"""Settings that may hold a password. None of them decides what an OKR file means."""
_END = "end "


class Kept:
    """That of one workspace, whose okrsync.yaml is in `root` and whose OKR `files` are in `okrs`."""

    def __init__(
        self,
        root: Path,
        okrs: Path,
        files: Iterable[Path],
        settings: WorkerSettings,
        connections: Mapping[str, Connection],
    ) -> None:
        self._root = root
        self._connections = connections
        self._file: Path | None = None
        folder = _folder()
        content = _content(root, okrs, files) if folder is not None else None
        if folder is None or content is None:
            return
        name = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:32]
        self._file = folder / f"{name}.json"
        self._head = json.dumps({"format": FORMAT, "of": _of(content, settings, connections)}, sort_keys=True)

    def read(self) -> tuple[Any, ...] | None:
        """What was written, None where that was of something else."""
        if self._file is None:
            return None
        reader = Reader(self._root)
        try:
            with self._file.open("rb") as opened:
                if not _is_ours(os.fstat(opened.fileno())) or opened.readline().decode().rstrip("\n") != self._head:
                    return None
                digest = hashlib.sha256()
                for line in opened:
                    if line.startswith(_END.encode()):
                        is_whole = line.decode().split()[1] == digest.hexdigest()
                        return reader.values() if is_whole else None
                    digest.update(line)
                    reader.line(line)
        except (OSError, *Reader.BROKEN):
            pass
        return None

    def write(self, *values: Any) -> None:
        """Another process may do the same: whoever is last wins, with the same."""
        if self._file is None:
            return
        temporary = ""
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            number, temporary = tempfile.mkstemp(dir=self._file.parent, prefix="new-")
            with os.fdopen(number, "w", encoding="ascii", newline="\n") as opened:
                digest = hashlib.sha256()

                def put(line: str) -> None:
                    digest.update(f"{line}\n".encode())
                    opened.write(f"{line}\n")

                opened.write(f"{self._head}\n")
                tools = {name: one.spec.name for name, one in self._connections.items()}
                Writer(put, self._root, tools).values(*values)
                opened.write(f"{_END}{digest.hexdigest()}\n")
            os.replace(temporary, self._file)
            _make_room(self._file.parent)
        except (OSError, NotCompilable, ValueError):
            with suppress(OSError):
                os.unlink(temporary)


def _folder() -> Path | None:
    given = os.environ.get(FOLDER)
    if given is not None:
        return None if given.strip().lower() in ("", "off") else Path(given)
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(home) / "okrsync" if os.path.isabs(home) else None


def _is_ours(found: os.stat_result) -> bool:
    """Only we could have written it."""
    mine = not hasattr(os, "geteuid") or found.st_uid == os.geteuid()
    return stat.S_ISREG(found.st_mode) and mine and not found.st_mode & 0o077


def _content(root: Path, okrs: Path, files: Iterable[Path]) -> list[str] | None:
    """Each file by its name with what stands in it, None where they are few, or where one may not be read."""
    told, size = [], 0
    try:
        inside = okrs.resolve()
        for file in files:
            found = file.stat()
            if (
                not stat.S_ISREG(found.st_mode)
                or found.st_size > MAX_BYTES
                or not file.resolve().is_relative_to(inside)
            ):
                return None
            with file.open("rb") as opened:
                told.append(f"{file.relative_to(root)} {hashlib.file_digest(opened, 'sha256').hexdigest()}")
            size += found.st_size
    except (OSError, ValueError):
        return None
    return told if size >= LEAST_BYTES else None


def _of(content: list[str], settings: WorkerSettings, connections: Mapping[str, Connection]) -> str:
    """All that decides what the OKR files come to."""
    tools = sorted((name, one.spec.name, one.publishes) for name, one in connections.items())
    said = settings.model_dump(mode="json", exclude=_SECRET)
    whole = [content, tools, said, _version(), list(_extensions())]
    return hashlib.sha256(json.dumps(whole, sort_keys=True, default=str).encode()).hexdigest()


@cache
def _version() -> list[Any]:
    """Ours, and for those who work on it the state of its code."""
    here = Path(__file__).parent.parent
    code = [
        (entry.name, entry.stat().st_size, entry.stat().st_mtime_ns)
        for folder in ("config", "mapping", "connectors", *(f"connectors/{name}" for name in registry.BUILT_IN))
        for entry in sorted(os.scandir(here / folder), key=lambda entry: entry.name)
        if entry.name.endswith(".py")
    ]
    return [version("okrsync"), version("pydantic"), sys.version, code]


def _extensions() -> Iterator[tuple[str, ...]]:
    for point in sorted(entry_points(group=registry.GROUP), key=lambda point: point.name):
        package = point.dist
        yield point.name, point.value, package.name if package else "", package.version if package else ""


def _make_room(folder: Path) -> None:
    kept = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
    begun = [file for file in folder.glob("new-*") if file.stat().st_mtime < kept[0].stat().st_mtime - ABANDONED]
    for file in [*kept[MOST_FILES:], *begun]:
        with suppress(OSError):
            file.unlink()
