"""Reads a zip that a stranger made: in memory only, and never more of it than is reasonable."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from importing.refuse import refuse

MAX_FILE = 64 * 1024 * 1024
MAX_INFLATED = 256 * 1024 * 1024
MAX_ENTRIES = 500
_SPLIT = "Export fewer time periods at a time, or remove files that do not belong to the export"


def check_size(file: Path) -> None:
    try:
        size = file.stat().st_size
    except OSError as error:
        refuse(file, f"this file can't be read: {error.strerror}")
    if not file.is_file():
        refuse(file, "this is not a file", "Name the export itself")
    if size > MAX_FILE:
        refuse(file, f"this file is larger than {MAX_FILE // 1024**2} MB", _SPLIT)


@contextmanager
def opened(file: Path) -> Iterator[zipfile.ZipFile]:
    """The zip, its directory checked. Raises ConfigError."""
    check_size(file)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        refuse(file, "this is not a zip file, or it is damaged", "Export it again, and do not repack it")
    with archive:
        _check(file, archive)
        yield archive


def _check(file: Path, archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        refuse(file, f"this zip contains more than {MAX_ENTRIES} files", _SPLIT)
    for entry in entries:
        name = entry.filename.replace("\\", "/")
        if name.startswith("/") or ".." in PurePosixPath(name).parts or ":" in name.split("/")[0]:
            refuse(file, f"this zip contains {entry.filename[:80]!r}, a path outside of it", "Export it again")
        if entry.flag_bits & 1:
            refuse(file, f"{entry.filename[:80]} is encrypted", "Save it without a password")
    if sum(entry.file_size for entry in entries) > MAX_INFLATED:
        refuse(file, f"this file is larger than {MAX_INFLATED // 1024**2} MB when unpacked", _SPLIT)


def inflate(file: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int) -> bytes:
    """At most `room` bytes: what the directory says of sizes may be a lie. Raises ConfigError."""
    try:
        with archive.open(entry) as stream:
            data = stream.read(room + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
        refuse(file, f"{entry.filename[:80]} in this zip is damaged", "Export it again")
    if len(data) > room:
        refuse(file, f"this file is larger than {MAX_INFLATED // 1024**2} MB when unpacked", _SPLIT)
    return data


def check_honest(file: Path) -> None:
    """Inflates all of it once, for readers that would trust the directory's sizes."""
    with opened(file) as archive:
        room = MAX_INFLATED
        for entry in archive.infolist():
            room -= len(inflate(file, archive, entry, room))
