"""Excel by the workbook API: which requests a place needs, and the value that their answers make.

Cells of one sheet that lie near each other are read as one range, several columns of a table as its whole body.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from connectors.errors import BadAnswer, NotFound
from connectors.graph.addresses import Box, box_of, sheet_and_address
from connectors.graph.queries import ExcelPlace
from connectors.graph.schedule import Request

PERMISSION = "Files.Read.All"
MOST_CELLS = 2000
"""Cells that one range holds at most, wanted or not: an answer of some 200 kB."""
MOST_BYTES = 40_000_000
"""Of a workbook that is downloaded."""
COLUMNS_TOGETHER = 3
"""Columns of one table from which its body and its headers, two requests, are fewer than one for each."""
_SELECT = "$select=values,valueTypes,numberFormat"


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A place's request, and where in the range that it asks for the place lies (row, column); None for the whole.
    `head` asks for the headers that tell which column of a table's body the place is."""

    request: Request
    at: tuple[int, int] | None = None
    head: Request | None = None

    @property
    def requests(self) -> list[Request]:
        return [self.request, *([self.head] if self.head else [])]


def spots(places: Collection[ExcelPlace], *, together: bool = True) -> dict[ExcelPlace, Spot]:
    """The requests for these places, as few as can be; for each column of a table one, unless they go `together`."""
    found: dict[ExcelPlace, Spot] = {}
    tables: dict[tuple[str, str, str], list[ExcelPlace]] = defaultdict(list)
    near: dict[tuple[str, str, str], list[tuple[int, int, ExcelPlace]]] = defaultdict(list)
    for place in dict.fromkeys(places):
        sheet, address = sheet_and_address(place.range or "")
        box = box_of(address)
        if place.table is not None:
            tables[place.drive, place.item, place.table.lower()].append(place)
        elif box is None:
            found[place] = Spot(request=_request(place))
        else:
            near[place.drive, place.item, sheet.lower()].append((box.top, box.left, place))
    for columns in tables.values():
        wide = together and len({(place.column or "").lower() for place in columns}) >= COLUMNS_TOGETHER
        found |= _in_one_table(columns) if wide else {place: Spot(request=_request(place)) for place in columns}
    for cells in near.values():
        for group in _boxes(sorted(cells, key=lambda cell: cell[:2])):
            found |= _in_one_range(group)
    return found


def file_request(place: ExcelPlace) -> Request:
    """The workbook's last save, which is as-of for its values, and its address for people."""
    return Request(f"{_item(place)}?$select=id,name,size,lastModifiedDateTime,webUrl", PERMISSION)


def content_request(place: ExcelPlace) -> Request:
    return Request(f"{_item(place)}/content", PERMISSION)


def as_of(answer: Mapping[str, Any], where: str, connection: str) -> datetime:
    """Graph tells it in UTC, and mostly says so. Raises BadAnswer."""
    try:
        at = datetime.fromisoformat(answer["lastModifiedDateTime"])
    except (KeyError, ValueError, TypeError):
        raise BadAnswer(f"Graph does not tell when {where} was saved", connection=connection) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def refuse_too_large(file: Mapping[str, Any], connection: str) -> None:
    """Raises BadAnswer for a file that is not to be downloaded."""
    size = file.get("size")
    if type(size) is int and size > MOST_BYTES:
        raise BadAnswer(
            f"{file.get('name')} has {size:,} bytes, too many to download (at most {MOST_BYTES:,})",
            connection=connection,
            fix="Keep the numbers in a smaller workbook.",
        )


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
    return _box(cells).cells


def _box(cells: list[tuple[int, int, ExcelPlace]]) -> Box:
    rows, columns = [cell[0] for cell in cells], [cell[1] for cell in cells]
    return Box(left=min(columns), top=min(rows), right=max(columns), bottom=max(rows))


def _in_one_range(cells: list[tuple[int, int, ExcelPlace]]) -> dict[ExcelPlace, Spot]:
    box = _box(cells)
    place = cells[0][2]
    sheet, _ = sheet_and_address(place.range or "")
    book = f"{_item(place)}/workbook"
    path = f"{book}/worksheets/{quote(sheet, safe='')}/range(address='{box}')?{_SELECT}"
    request = Request(path, PERMISSION, workbook=book)
    return {place: Spot(request=request, at=(row - box.top, column - box.left)) for row, column, place in cells}


def _in_one_table(places: list[ExcelPlace]) -> dict[ExcelPlace, Spot]:
    book = f"{_item(places[0])}/workbook"
    table = f"{book}/tables/{quote(places[0].table or '', safe='')}"
    body = Request(f"{table}/dataBodyRange?{_SELECT}", PERMISSION, workbook=book)
    head = Request(f"{table}/headerRowRange?$select=values", PERMISSION, workbook=book)
    return {place: Spot(request=body, head=head) for place in places}


def column_of(place: ExcelPlace, headers: Mapping[str, Any], connection: str) -> int:
    """Which of a table's columns a place is. Raises NotFound, BadAnswer."""
    match headers.get("values"):
        case [[*names]]:
            shown = [str(name)[:200] for name in names]
        case _:
            raise BadAnswer(f"Graph answered the headers of table {place.table} without them", connection=connection)
    known = [name.lower() for name in shown]
    wanted = (place.column or "").lower()
    if known.count(wanted) == 1:
        return known.index(wanted)
    raise NotFound(
        f"the table {place.table} has no column {place.column!r}",
        connection=connection,
        fix=f"Write one of: {', '.join(shown)[:500]}.",
    )


def _request(place: ExcelPlace) -> Request:
    """For a name or a table's column."""
    book = f"{_item(place)}/workbook"
    if place.name is not None:
        sheet, name = sheet_and_address(place.name)
        owner = f"{book}/worksheets/{quote(sheet, safe='')}" if sheet else book
        return Request(f"{owner}/names/{quote(name, safe='')}/range?{_SELECT}", PERMISSION, workbook=book)
    table, column = quote(place.table or "", safe=""), quote(place.column or "", safe="")
    path = f"{book}/tables/{table}/columns/{column}/dataBodyRange?{_SELECT}"
    return Request(path, PERMISSION, workbook=book)


def _item(place: ExcelPlace) -> str:
    return f"/drives/{quote(place.drive, safe='!')}/items/{quote(place.item, safe='!')}"
