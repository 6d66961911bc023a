"""Tables as wide as the terminal: what matters stays where there is no room, and wide characters keep their columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cli.terminal import Part, Span, Terminal, lines_of, width_of
from mapping.foreign import clean

GAP = 2
LEAST, MOST, MOST_OF_A_PIPE = 32, 60, 100
"""Cells of the first column, which is the only one that is wrapped."""

Cell = Part | list[Part]
"""A text, a styled text, or several."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """`leaves` is the order in which columns leave a narrow terminal, 1 first; 0 stays."""

    title: str
    right: bool = False
    leaves: int = 0


def print_table(to: Terminal, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], *, indent: int = 0) -> None:
    """The first column takes what room the others leave, and is wrapped between words; no other is."""
    if not rows:
        return
    drawn = [[_spans(cell) for cell in row] for row in rows]
    heads: list[list[Span]] = [[(column.title, "dim")] if column.title else [] for column in columns]
    widths = [max(map(_width, cells)) for cells in zip(heads, *drawn, strict=True)]
    kept = [n for n in range(len(columns)) if n == 0 or any(row[n] for row in drawn)]
    first = min(widths[0], MOST_OF_A_PIPE if to.width is None else MOST)
    if to.width is not None:
        room = to.width - indent
        for leaving in sorted((n for n in kept if columns[n].leaves), key=lambda n: columns[n].leaves):
            if _others(kept, widths) + min(first, LEAST) <= room:
                break
            kept.remove(leaving)
        first = max(min(first, room - _others(kept, widths)), 1)
    chosen, room_of = [columns[n] for n in kept], [first, *(widths[n] for n in kept[1:])]
    shown = [[row[n] for n in kept] for row in ([heads, *drawn] if any(heads) else drawn)]
    to.rows((line for cells in shown for line in _row(cells, chosen, room_of, wraps=to.width is not None)), indent)


def _others(kept: list[int], widths: list[int]) -> int:
    return sum(widths[n] + GAP for n in kept[1:])


def _row(cells: list[list[Span]], columns: list[Column], widths: list[int], *, wraps: bool) -> Iterator[list[Span]]:
    lines = _lines(cells[0], widths[0]) if wraps else [cells[0]]
    rest: list[Span] = []
    for cell, column, width in zip(cells[1:], columns[1:], widths[1:], strict=True):
        blank = (" " * (width - _width(cell)), "")
        rest += [(" " * GAP, ""), *([blank, *cell] if column.right else [*cell, blank])]
    while rest and not rest[-1][0].strip():
        rest.pop()
    fill = (" " * (widths[0] - _width(lines[0])), "") if rest else ("", "")
    yield [*lines[0], fill, *rest]
    yield from lines[1:]


def _lines(cell: list[Span], width: int) -> list[list[Span]]:
    """The cell in lines between words; each keeps the styles of its parts."""
    if _width(cell) <= width:
        return [cell]
    whole = "".join(text for text, _ in cell)
    return [_cut(cell, begin, end) for begin, end in lines_of(whole, width, width, hard=True)]


def _cut(cell: list[Span], begin: int, end: int) -> list[Span]:
    found: list[Span] = []
    at = 0
    for text, style in cell:
        part = text[max(0, begin - at) : max(0, end - at)]
        if part:
            found.append((part, style))
        at += len(text)
    return found


def _width(cell: Sequence[Span]) -> int:
    return sum(width_of(text) for text, _ in cell)


def _spans(cell: Cell) -> list[Span]:
    parts = cell if isinstance(cell, list) else [cell]
    spans = [(clean(part), "") if isinstance(part, str) else (clean(part[0]), part[1]) for part in parts]
    return [span for span in spans if span[0]]
