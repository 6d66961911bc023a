"""Runs commands in processes of their own, and measures each: time, CPU, memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

OKRSYNC = (sys.executable, "-c", "from cli.main import main; main()")

_SMALL_PROCESS = """
import json, os, sys, time
to = [(os.POSIX_SPAWN_OPEN, n, f"{sys.argv[1]}.{n}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600) for n in (1, 2)]
begun = time.perf_counter()
pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ, file_actions=to)
_, status, used = os.wait4(pid, 0)
seconds = time.perf_counter() - begun
code = os.waitstatus_to_exitcode(status)
print(json.dumps([seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, code]))
"""
"""A process takes over the peak of the one that starts it, and the bench itself is larger than what it measures."""


class Failed(Exception):
    """A command ended otherwise than it should."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of a command: its wall time, its CPU time, the most memory that it held, and what it printed."""

    seconds: float
    cpu: float
    megabytes: float
    output: str


@dataclass(frozen=True, kw_only=True)
class Series:
    """Several runs of one command."""

    runs: tuple[Run, ...]

    @property
    def seconds(self) -> float:
        return median(run.seconds for run in self.runs)

    @property
    def cpu(self) -> float:
        return median(run.cpu for run in self.runs)

    @property
    def megabytes(self) -> float:
        return median(run.megabytes for run in self.runs)

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """How many, then median and spread of time, CPU and memory."""
        return (
            str(len(self.runs)),
            spread([run.seconds for run in self.runs]),
            spread([run.cpu for run in self.runs]),
            spread([run.megabytes for run in self.runs], digits=0),
        )


CELLS = ("runs", "wall s", "CPU s", "peak MB")
"""The heads of `Series.cells`."""


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The median, and from the least to the most."""
    low, middle, high = (f"{value:.{digits}f}" for value in (min(values), median(values), max(values)))
    return f"{middle} ({low}-{high})" if low != high else middle


def once(command: Sequence[str], environment: Mapping[str, str], *, codes: Sequence[int] = (0,)) -> Run:
    """Raises Failed where it ends with another exit code than one of `codes`."""
    with tempfile.TemporaryDirectory() as name:
        file = f"{name}/out"
        measured = subprocess.run(
            [sys.executable, "-S", "-c", _SMALL_PROCESS, file, *command],
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        seconds, cpu, megabytes, code = json.loads(measured.stdout)
        output, errors = (Path(f"{file}.{number}").read_text(errors="replace") for number in (1, 2))
    if code not in codes:
        print(errors[-5000:], file=sys.stderr)
        raise Failed(f"`{' '.join(Path(part).name for part in command if part != '-c')}` ended with {code}")
    return Run(seconds=seconds, cpu=cpu, megabytes=megabytes, output=output)
