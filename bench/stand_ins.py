"""The sandbox in a process of its own, and what it saw."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from bench.processes import OKRSYNC

TOOLS = ("salesforce", "jira", "graph")
VARIABLES = 6


@dataclass(frozen=True, kw_only=True)
class Seen:
    """How many calls each tool was sent since last asked, how many of them it refused for haste, and the seconds from
    the first answer of all to the last one."""

    calls: dict[str, int]
    refused: dict[str, int]
    seconds: float

    @property
    def all_calls(self) -> int:
        return sum(self.calls.values())


@dataclass
class Sandbox:
    """`environment` leads a configuration there."""

    environment: dict[str, str]
    _read: dict[str, int] = field(default_factory=dict)

    def seen(self) -> Seen:
        calls: dict[str, int] = {}
        refused: dict[str, int] = {}
        times: list[float] = []
        for tool in TOOLS:
            with urlopen(f"{self.environment[f'{tool.upper()}_URL']}/__sandbox/calls") as answer:
                log = json.load(answer)
            new = log[self._read.get(tool, 0) :]
            self._read[tool] = len(log)
            calls[tool] = len(new)
            refused[tool] = sum(call["status"] == 429 for call in new)
            times += [call["at"] for call in new]
        return Seen(calls=calls, refused=refused, seconds=max(times, default=0) - min(times, default=0))


@contextmanager
def sandbox(data: Path, latency: float = 0) -> Iterator[Sandbox]:
    command = [*OKRSYNC, "sandbox", "--port", "0", "--data", str(data), "--latency", str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline().removeprefix("export ").strip() for _ in range(VARIABLES)]
            yield Sandbox(dict(line.split("=", 1) for line in lines))
        finally:
            process.terminate()
