"""A report as Markdown, for a pull request or a wiki."""

from __future__ import annotations

import re
from collections.abc import Iterable

from views.report.outline import Block, Heading, Item, Rows, Sentence

_OBEYED = re.compile(r"([\\`*_\[\]<>#|~&@^$]|(?<=\w):(?=//)|(?<=www)\.)")
"""What any kind of Markdown takes for more than a sign, wherever it stands: links by themselves, mentions, tables and
HTML among them."""
_AT_THE_BEGIN = re.compile(r"^(\d{1,9})?([-+=.)])")
"""What begins a list, or makes the line before a heading."""


def markdown(blocks: Iterable[Block]) -> str:
    return "\n".join(_lines(blocks)) + "\n"


def escaped(text: str) -> str:
    """The text as it is, whoever reads the Markdown."""
    return _AT_THE_BEGIN.sub(r"\1\\\2", _OBEYED.sub(r"\\\1", " ".join(text.split())))


def _lines(blocks: Iterable[Block]) -> Iterable[str]:
    before: Block | None = None
    for block in blocks:
        if before is not None and not (isinstance(block, Item) and isinstance(before, Item)):
            yield ""
        yield from _block(block)
        before = block


def _block(block: Block) -> Iterable[str]:
    match block:
        case Heading(text=text, level=level):
            yield f"{'#' * level} {escaped(text)}"
        case Sentence(text=text):
            yield escaped(text)
        case Item(title=title, told=told):
            yield f"- **{escaped(title)}**{'  ' if told else ''}"
            yield from (f"  {escaped(one)}{'  ' if n + 1 < len(told) else ''}" for n, one in enumerate(told))
        case Rows(heads=heads, rows=rows):
            yield _row(heads)
            yield f"| --- | {' | '.join('---:' for _ in heads[2:])} | --- |"
            yield from map(_row, rows)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(escaped, cells))} |"
