"""A report as plain text, for a mail or a terminal."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Sequence

from views.report.outline import Block, Heading, Item, Rows, Sentence

WIDTH = 100
INDENT = "  "
"""Before what begins with the words of others: nothing takes it for a formula."""
FIRST = 44
"""Cells of a table's first column; longer titles go on below."""


def text(blocks: Iterable[Block]) -> str:
    return "\n".join(_lines(blocks)) + "\n"


def _lines(blocks: Iterable[Block]) -> Iterable[str]:
    before: Block | None = None
    for block in blocks:
        if before is not None and not isinstance(before, Heading):
            yield ""
        yield from _block(block)
        before = block


def _block(block: Block) -> Iterable[str]:
    match block:
        case Heading(text=text, level=1 | 2 as level):
            yield text
            yield ("=" if level == 1 else "-") * min(WIDTH, width_of(text))
        case Heading(text=text):
            yield f"{INDENT}{text}"
            yield f"{INDENT}{'.' * min(WIDTH, width_of(text))}"
        case Sentence(text=text):
            yield from _wrapped(text)
        case Item(title=title, told=told):
            yield from _wrapped(title, first="* ", rest="  ")
            for one in told:
                yield from _wrapped(one, first="  ", rest="  ")
        case Rows(heads=heads, rows=rows):
            yield from _table(heads, rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterable[str]:
    widths = [max(width_of(row[n]) for row in (heads, *rows)) for n in range(len(heads))]
    widths[0] = min(FIRST, widths[0])
    for row in (heads, *rows):
        titles = _cut(row[0], widths[0])
        others = [
            _filled(cell, width, right=n < len(heads) - 2)
            for n, (cell, width) in enumerate(zip(row[1:], widths[1:], strict=True))
        ]
        yield f"{INDENT}{_filled(titles[0], widths[0])}  {'  '.join(others)}".rstrip()
        yield from (f"{INDENT}{title}" for title in titles[1:])


def _filled(text: str, width: int, *, right: bool = False) -> str:
    blank = " " * (width - width_of(text))
    return f"{blank}{text}" if right else f"{text}{blank}"


def _wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    lines = _cut(" ".join(text.split()), WIDTH - len(rest))
    return [f"{rest if n else first}{line}" for n, line in enumerate(lines)]


def _cut(text: str, width: int) -> list[str]:
    """Lines of at most so many cells, broken between words; a word that is longer is broken too."""
    lines, line = [], ""
    for word in text.split(" "):
        for part in textwrap.wrap(word, max(1, width // 2)) if width_of(word) > width else [word]:
            joined = f"{line} {part}" if line else part
            if line and width_of(joined) > width:
                lines.append(line)
                line = part
            else:
                line = joined
    return [*lines, line]


def width_of(text: str) -> int:
    """The cells that a text fills where each sign has the same width: a Korean one fills two."""
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
