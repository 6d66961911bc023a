"""What is wrong with the operator's files: all of it at once, each with its place and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Problem:
    """`line` counts from 1; 0 is the file as a whole."""

    file: Path
    line: int
    message: str
    fix: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        stop = "" if self.message.endswith("?") else "."
        return f"{place}: {self.message}{f'{stop} {self.fix}' if self.fix else ''}"


def _place(problem: Problem) -> tuple[int, str, int, str]:
    return len(problem.file.parts), str(problem.file), problem.line, problem.message


class ConfigError(Exception):
    """The files can't be used. `problems` are sorted by file and line, okrsync.yaml before the OKR files: what is wrong
    there may be why something is wrong here."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=_place)
        super().__init__("\n".join(map(str, self.problems)))
