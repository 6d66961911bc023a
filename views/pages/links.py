"""Where each page is, as a page says it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

_PLAIN = re.compile(r"[^A-Za-z0-9._-]")


class Links(Protocol):
    """Of a site of files, or of pages that are served."""

    def now(self) -> str: ...
    def week(self, name: str | None = None) -> str: ...
    def kpis(self) -> str: ...
    def people(self) -> str: ...
    def objectives(self) -> str: ...
    def objective(self, objective: str, cycle: str) -> str: ...
    def key_result(self, key_result: str, cycle: str) -> str: ...
    def asset(self, name: str) -> str: ...


@dataclass(frozen=True, kw_only=True)
class FileLinks:
    """As files in folders; `root` leads from a page to the folder of all."""

    root: str = ""

    def now(self) -> str:
        return f"{self.root}index.html"

    def week(self, name: str | None = None) -> str:
        return f"{self.root}week{f'-{file_name(name)}' if name else ''}.html"

    def kpis(self) -> str:
        return f"{self.root}kpis.html"

    def people(self) -> str:
        return f"{self.root}people.html"

    def objectives(self) -> str:
        return f"{self.root}objectives.html"

    def objective(self, objective: str, cycle: str) -> str:
        return f"{self.root}objective/{file_name(objective)}.{file_name(cycle)}.html"

    def key_result(self, key_result: str, cycle: str) -> str:
        return f"{self.root}key-result/{file_name(key_result)}.{file_name(cycle)}.html"

    def asset(self, name: str) -> str:
        return f"{self.root}{name}"


def file_name(text: str) -> str:
    """The text where it is a plain name, else with each other sign by its number."""
    return _PLAIN.sub(lambda found: f"_{ord(found[0]):x}_", text)
