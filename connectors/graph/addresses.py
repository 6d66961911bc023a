"""Excel's addresses: cells, boxes of cells, and the sheets that they lie in. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")


@dataclass(frozen=True, kw_only=True)
class Box:
    """The cells from one corner to the other, both included."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def cells(self) -> int:
        return max(0, self.right - self.left + 1) * max(0, self.bottom - self.top + 1)

    def __str__(self) -> str:
        corner = f"{letters(self.left)}{self.top}"
        return corner if self.cells == 1 else f"{corner}:{letters(self.right)}{self.bottom}"


def sheet_and_address(text: str) -> tuple[str, str]:
    """The sheet, "" where none is named, and what stands behind its exclamation mark."""
    sheet, _, address = text.rpartition("!")
    if len(sheet) > 1 and sheet.startswith("'") and sheet.endswith("'"):
        sheet = sheet[1:-1].replace("''", "'")
    return sheet, address.strip()


def cell_of(text: str) -> tuple[int, int] | None:
    """(row, column) of B4 or $B$4; None for anything else, or beyond what a sheet has."""
    match = _CELL.fullmatch(text)
    if match is None:
        return None
    row, column = int(match[2]), column_number(match[1])
    return (row, column) if row <= MOST_ROWS and column <= MOST_COLUMNS else None


def box_of(text: str) -> Box | None:
    """B4 or B4:C9; None for anything else, as whole rows and columns."""
    first, colon, second = text.partition(":")
    corners = [cell_of(first), cell_of(second if colon else first)]
    (one, other) = corners
    if one is None or other is None:
        return None
    (top, bottom), (left, right) = sorted((one[0], other[0])), sorted((one[1], other[1]))
    return Box(left=left, top=top, right=right, bottom=bottom)


@lru_cache(maxsize=20_000)
def column_number(name: str) -> int:
    number = 0
    for letter in name.upper():
        number = number * 26 + ord(letter) - 64
    return number


def letters(column: int) -> str:
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text
