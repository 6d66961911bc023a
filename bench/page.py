"""The page of one run of the bench, in Markdown, and its place in README.md."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Table:
    head: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, *cells: object) -> None:
        if len(cells) != len(self.head):
            raise ValueError(f"{len(cells)} cells under {len(self.head)} heads")
        self.rows.append(tuple(str(cell).replace("|", "\\|") for cell in cells))

    def __str__(self) -> str:
        numbers = [all(re.match(r"-?\d|$", row[place]) for row in self.rows) for place in range(len(self.head))]
        lines = [self.head, tuple("---:" if number else "---" for number in numbers), *self.rows]
        return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


@dataclass
class Page:
    """What is to be shown, in order: texts and tables."""

    parts: list[str | Table] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.parts.append(text)

    def table(self, *head: str) -> Table:
        """A new table at the end, to which rows are added; those that are there when time is up are shown."""
        made = Table(head)
        self.parts.append(made)
        return made

    def __str__(self) -> str:
        return "\n\n".join(str(part) for part in self.parts if not isinstance(part, Table) or part.rows)


def put_into(readme: Path, name: str, shown: str) -> None:
    """Between `<!-- NAME -->` and `<!-- end of NAME -->`, in place of what stands there."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, found, rest = readme.read_text().partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{readme} has no place for {name}: write {begin} and {end}")
    readme.write_text(f"{before}{begin}\n\n{shown.strip()}\n\n{end}{after}")
