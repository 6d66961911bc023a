"""Excel by the workbook API: which requests a place needs, and the value that their answers make.

Cells of one sheet that lie near each other are read as one range.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from connectors.errors import BadAnswer
from connectors.graph.queries import ExcelPlace
from connectors.graph.schedule import Request
from mapping.units import DURATION, PERCENT, Unit

PERMISSION = "Files.Read.All"
MOST_CELLS = 2000
"""Cells that one range holds at most, wanted or not: an answer of some 200 kB."""
SECONDS_A_DAY = 86_400
_SELECT = "$select=values,valueTypes,numberFormat"
_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})")
_TIME = re.compile(r"\[?h{1,2}\]?|\[m{1,2}\]|m{1,2}:s{1,2}", re.IGNORECASE)
_DATE = re.compile(r"[yd]", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A place's request, and where in the range that it asks for the place lies (row, column); None for the whole."""

    request: Request
    at: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell as Graph or the file tells it. `kind` is Graph's: Empty, Error, String, Boolean or a number's."""

    value: Any
    kind: str
    form: str


def spots(places: Collection[ExcelPlace]) -> dict[ExcelPlace, Spot]:
    """The requests for these places, as few as can be."""
    found: dict[ExcelPlace, Spot] = {}
    near: dict[tuple[str, str, str], list[tuple[int, int, ExcelPlace]]] = defaultdict(list)
    for place in dict.fromkeys(places):
        sheet, address = _sheet_and_address(place)
        match = _CELL.fullmatch(address)
        if match is None:
            found[place] = Spot(request=_request(place))
        else:
            near[place.drive, place.item, sheet.lower()].append((int(match[2]), column_number(match[1]), place))
    for cells in near.values():
        for group in _boxes(sorted(cells, key=lambda cell: cell[:2])):
            found |= _in_one_range(group)
    return found


def file_request(place: ExcelPlace) -> Request:
    """The workbook's last save, which is as-of for its values, and its address for people."""
    return Request(f"{_item(place)}?$select=id,name,lastModifiedDateTime,webUrl", PERMISSION)


def content_request(place: ExcelPlace) -> Request:
    return Request(f"{_item(place)}/content", PERMISSION)


def cells_of(answer: Mapping[str, Any], spot: Spot, where: str, connection: str) -> list[Cell]:
    """The cells that a place means, from top to bottom. Raises BadAnswer."""
    try:
        grids = (answer["values"], answer["valueTypes"], answer["numberFormat"])
        sizes = {(len(grid), len(grid[0])) for grid in grids if grid}
        if len(sizes) > 1:
            raise TypeError("three grids of different sizes")
        if spot.at is not None:
            row, column = spot.at
            return [Cell(value=grids[0][row][column], kind=str(grids[1][row][column]), form=str(grids[2][row][column]))]
        if any(width != 1 for _, width in sizes):
            raise BadAnswer(f"{where} is more than one cell", connection=connection, fix="Name exactly one cell.")
        rows = zip(*grids, strict=True)
        return [Cell(value=value[0], kind=str(kind[0]), form=str(form[0])) for value, kind, form in rows]
    except (KeyError, IndexError, TypeError, ValueError):
        raise BadAnswer(f"Graph answered {where} without its values", connection=connection) from None


def value_of(place: ExcelPlace, cells: list[Cell], where: str, connection: str) -> tuple[Decimal | None, Unit | None]:
    """The number with the unit that its format tells; None for an empty cell or column. Raises BadAnswer."""
    if place.table is None:
        if len(cells) != 1:
            raise BadAnswer(f"{where} is more than one cell", connection=connection, fix="Name exactly one cell.")
        return _number(cells[0], where, connection)
    filled = [cell for cell in cells if not _is_empty(cell)]
    if place.measure == "count":
        return Decimal(len(filled)), None
    if not filled:
        return None, None
    if place.measure == "last":
        return _number(filled[-1], where, connection)
    numbers = [_number(cell, where, connection) for cell in filled]
    units = {unit for _, unit in numbers}
    if len(units) > 1:
        raise BadAnswer(f"{where} mixes number formats", connection=connection, fix="Format the column in one way.")
    total = sum((value for value, _ in numbers if value is not None), Decimal(0))
    return (total / len(numbers) if place.measure == "avg" else total), units.pop()


def as_of(answer: Mapping[str, Any], otherwise: datetime) -> datetime:
    try:
        return datetime.fromisoformat(str(answer["lastModifiedDateTime"]))
    except (KeyError, ValueError):
        return otherwise


def column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _number(cell: Cell, where: str, connection: str) -> tuple[Decimal | None, Unit | None]:
    if _is_empty(cell):
        return None, None
    if cell.kind == "Error":
        raise BadAnswer(f"{where} holds the error {cell.value}", connection=connection, fix="Mend the cell's formula.")
    if isinstance(cell.value, bool) or not isinstance(cell.value, int | Decimal):
        raise BadAnswer(
            f"{where} holds {str(cell.value)[:60]!r} where a number belongs",
            connection=connection,
            fix="Put a number into the cell, or name the right one.",
        )
    return _scaled(Decimal(cell.value), cell.form)


def _is_empty(cell: Cell) -> bool:
    return cell.kind == "Empty" or cell.value == ""


def _scaled(value: Decimal, form: str) -> tuple[Decimal, Unit | None]:
    """Excel keeps 42% as 0.42, and a time as a fraction of a day."""
    plain = re.sub(r'"[^"]*"|\\.', "", form)
    if "%" in plain:
        return value, PERCENT
    if _TIME.search(plain) and not _DATE.search(plain):
        return (value * SECONDS_A_DAY).quantize(Decimal("0.001")).normalize(), DURATION
    return value, None


def _boxes(cells: list[tuple[int, int, ExcelPlace]]) -> list[list[tuple[int, int, ExcelPlace]]]:
    """Cells in ranges of at most MOST_CELLS, from the top down."""
    groups: list[list[tuple[int, int, ExcelPlace]]] = []
    for cell in cells:
        if groups and _area([*groups[-1], cell]) <= MOST_CELLS:
            groups[-1].append(cell)
        else:
            groups.append([cell])
    return groups


def _area(cells: list[tuple[int, int, ExcelPlace]]) -> int:
    rows, columns = [cell[0] for cell in cells], [cell[1] for cell in cells]
    return (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1)


def _in_one_range(cells: list[tuple[int, int, ExcelPlace]]) -> dict[ExcelPlace, Spot]:
    top, left = min(cell[0] for cell in cells), min(cell[1] for cell in cells)
    bottom, right = max(cell[0] for cell in cells), max(cell[1] for cell in cells)
    corner, other = f"{_letters(left)}{top}", f"{_letters(right)}{bottom}"
    place = cells[0][2]
    request = _range_request(place, corner if corner == other else f"{corner}:{other}")
    return {place: Spot(request=request, at=(row - top, column - left)) for row, column, place in cells}


def _request(place: ExcelPlace) -> Request:
    book = f"{_item(place)}/workbook"
    if place.name is not None:
        return Request(f"{book}/names/{quote(place.name, safe='')}/range?{_SELECT}", PERMISSION, workbook=book)
    if place.table is not None:
        table, column = quote(place.table, safe=""), quote(place.column or "", safe="")
        path = f"{book}/tables/{table}/columns/{column}/dataBodyRange?{_SELECT}"
        return Request(path, PERMISSION, workbook=book)
    return _range_request(place, _sheet_and_address(place)[1])


def _range_request(place: ExcelPlace, address: str) -> Request:
    book = f"{_item(place)}/workbook"
    sheet, _ = _sheet_and_address(place)
    quoted = address.replace("'", "''")
    path = f"{book}/worksheets/{quote(sheet, safe='')}/range(address='{quoted}')?{_SELECT}"
    return Request(path, PERMISSION, workbook=book)


def _sheet_and_address(place: ExcelPlace) -> tuple[str, str]:
    sheet, _, address = (place.range or "").rpartition("!")
    return sheet.strip("'").replace("''", "'"), address.replace("$", "").upper()


def _letters(column: int) -> str:
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def _item(place: ExcelPlace) -> str:
    return f"/drives/{quote(place.drive, safe='!')}/items/{quote(place.item, safe='!')}"
