"""What is said of input that can't be used: a whole file, or one value in it."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from config.problems import ConfigError, Problem


class BadValue(Exception):
    """One value can't be taken; the text says why, and what to write instead."""


def refuse(file: Path, message: str, fix: str = "", row: int = 0) -> NoReturn:
    """Raises ConfigError, which the command line shows like any other file's problem."""
    raise ConfigError([Problem(file=file, line=row, message=message, fix=fix)])
