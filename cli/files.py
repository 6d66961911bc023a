"""Files that a command writes: whole or not at all, or for nobody else to read."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import click


def write_whole(file: Path, text: str) -> None:
    """Its folder is made where there is none; until all is written the file is not there. Raises
    click.ClickException."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # No *.yaml, so that nobody reads it half written.
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as opened:
                opened.write(text)
                opened.flush()
                os.fsync(opened.fileno())
            os.chmod(name, 0o644)
            os.replace(name, file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise click.ClickException(f"{file} can't be written: {error.strerror}. Nothing is closed.") from None


def write_privately(file: Path, text: str) -> None:
    """Readable for its owner alone from the first byte on, also where the file was there before. A pipe or a device,
    such as /dev/null, belongs to everybody and is left as it is."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as opened:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                os.fchmod(descriptor, 0o600)
            opened.write(text)
    except OSError as error:
        raise click.ClickException(f"{file} can't be written: {error.strerror}. Name another file.") from None


def write_page(file: Path, text: str) -> None:
    """Whole, in place of what was there. Only its owner can read it: to give it to others is to choose it. Raises
    click.ClickException."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = file.with_name(f".{file.name}.part")
        part.unlink(missing_ok=True)
        write_privately(part, text)
        part.replace(file)
    except OSError as error:
        raise click.ClickException(f"{file} can't be written: {error.strerror}. Name another folder.") from None
