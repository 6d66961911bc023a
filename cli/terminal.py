"""The one place where a command writes text: what others wrote is cleaned, and nothing in it is taken for markup.

On a terminal sentences are wrapped between words and coloured; a pipe gets plain whole lines.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass

import click

from mapping.foreign import clean

Span = tuple[str, str]
"""A text and its style, one of STYLES."""
Part = str | Span

STYLES: dict[str, dict[str, str | bool]] = {
    "bold": {"bold": True},
    "dim": {"dim": True},
    "red": {"fg": "red"},
    "green": {"fg": "green"},
    "yellow": {"fg": "yellow"},
    "cyan": {"fg": "cyan"},
    "bold green": {"fg": "green", "bold": True},
}
_WORD = re.compile(r"\S+")
LONGEST = 20_000
"""Characters of one text: a query may be long, an answer of a megabyte is no message."""


def width_of(text: str) -> int:
    """The cells that a text fills: a Korean character fills two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def lines_of(text: str, first: int, rest: int, *, hard: bool = False) -> list[tuple[int, int]]:
    """Where each line of at most so many cells begins and ends, broken between words. A longer word stays whole, unless
    `hard`."""
    lines: list[tuple[int, int]] = []
    begin = end = 0
    for match in _WORD.finditer(text):
        room = rest if lines else first
        if end > begin and width_of(text[begin : match.end()]) > room:
            lines.append((begin, end))
            begin, room = match.start(), rest
        end = match.end()
        while hard and end - begin > 1 and width_of(text[begin:end]) > room:
            fits = next(n for n in range(end - 1, begin, -1) if n == begin + 1 or width_of(text[begin:n]) <= room)
            lines.append((begin, fits))
            begin, room = fits, rest
    return [*lines, (begin, len(text))]


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """`width` is None for a pipe, which gets whole lines."""

    width: int | None
    coloured: bool

    def line(self, *parts: Part, indent: int = 0, hang: int | None = None) -> None:
        """One sentence, wrapped between words; its further lines begin at `hang`, else where it begins."""
        spans = [_span(part) for part in parts]
        hang = indent if hang is None else hang
        if self.width is not None:
            spans = _broken(spans, self.width, indent, hang)
        self._write(" " * indent + self._drawn(spans))

    def whole(self, *parts: Part, indent: int = 0) -> None:
        """A line that is never broken: a query, a link, a command, a row."""
        self._write(" " * indent + self._drawn([_span(part) for part in parts]))

    def rows(self, rows: Iterable[Iterable[Span]], indent: int = 0) -> None:
        """Many whole lines at once, of texts that are clean already."""
        margin = " " * indent
        self._write("\n".join(f"{margin}{self._drawn(row)}" for row in rows))

    def text(self, text: str) -> None:
        """Lines as they are."""
        for line in text.splitlines():
            self.whole(line)

    def blank(self) -> None:
        self._write("")

    def _drawn(self, spans: Iterable[Span]) -> str:
        if not self.coloured:
            return "".join(text for text, _ in spans)
        return "".join(click.style(text, **STYLES[style]) if style else text for text, style in spans)  # type: ignore[arg-type]

    def _write(self, line: str) -> None:
        click.echo(line, color=self.coloured)


def _span(part: Part) -> Span:
    text, style = (part, "") if isinstance(part, str) else part
    return clean(text, LONGEST), style


def _broken(spans: list[Span], width: int, indent: int, hang: int) -> list[Span]:
    """The spans with line breaks between words, so that no line is wider than that."""
    whole = "".join(text for text, _ in spans)
    if indent + width_of(whole) <= width:
        return spans
    starts = {begin for begin, _ in lines_of(whole, width - indent, width - hang)[1:]}
    broken: list[Span] = []
    at = 0
    for text, style in spans:
        made = "".join(_at_break(char, at + n, starts, f"\n{' ' * hang}") for n, char in enumerate(text))
        broken.append((made, style))
        at += len(text)
    return broken


def _at_break(char: str, at: int, starts: set[int], line_break: str) -> str:
    if at in starts:
        return f"{line_break}{char}"
    return "" if at + 1 in starts and char == " " else char


def out() -> Terminal:
    """Standard output as it is now. NO_COLOR and a dumb terminal are respected."""
    live = sys.stdout.isatty()
    width = max(20, shutil.get_terminal_size().columns) if live else None
    return Terminal(width=width, coloured=live and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb")


def say_error(text: str) -> None:
    """What went wrong, to standard error: in whole lines, for they are searched for."""
    click.echo(clean(text, LONGEST, lines=True), err=True)
