"""Excel by the file itself: documented for apps, where the workbook API is not.

It holds the values of the last save. A formula that no Excel ever calculated has none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.errors import BadAnswer, BadQuery, ConnectorError, NotFound
from connectors.graph.addresses import Box, box_of, column_number, sheet_and_address
from connectors.graph.cells import ONE_CELL, UNCALCULATED, Cell
from connectors.graph.excel_book import Book, index
from connectors.graph.queries import ExcelPlace
from connectors.graph.xlsx import Enough, Package, Unreadable

MOST_CELLS = 200_000
"""Cells that all places of one file may want together."""
EMPTY = Cell(value="", kind="Empty", form="General")


def read(
    content: bytes, name: str, connection: str, places: Collection[ExcelPlace]
) -> dict[ExcelPlace, list[Cell] | ConnectorError]:
    """The cells of each place from top to bottom, or why there are none. Raises BadAnswer where the file can't be
    read."""
    try:
        book = Book(Package(content))
        found: dict[ExcelPlace, list[Cell] | ConnectorError] = {}
        boxes: dict[ExcelPlace, tuple[str, Box]] = {}
        for place in places:
            try:
                boxes[place] = _place(book, place, name, connection)
            except ConnectorError as error:
                found[place] = error
        wanted: dict[str, list[Box]] = defaultdict(list)
        for sheet, box in boxes.values():
            wanted[sheet].append(box)
        if sum(box.cells for each in wanted.values() for box in each) > MOST_CELLS:
            raise Unreadable(f"is asked for more than {MOST_CELLS:,} cells")
        cells = {sheet: _cells(book, sheet, each) for sheet, each in wanted.items()}
        for place, (sheet, box) in boxes.items():
            found[place] = [cells[sheet].get((row, box.left), EMPTY) for row in range(box.top, box.bottom + 1)]
        return found
    except Unreadable as error:
        fix = "Name an .xlsx file that Excel opens without a password, or keep the numbers in a smaller one."
        raise BadAnswer(f"{name} {error}", connection=connection, fix=fix) from None


def _place(book: Book, place: ExcelPlace, file: str, connection: str) -> tuple[str, Box]:
    """The part of the sheet, and the cells of it. Raises BadQuery, NotFound."""
    if place.table is not None:
        table = book.tables.get(place.table.lower())
        if table is None:
            raise NotFound(f"{file} has no table {place.table!r}", connection=connection)
        column = next((n for n, head in enumerate(table.heads) if head.lower() == (place.column or "").lower()), None)
        if column is None:
            raise NotFound(f"{file} has no column {place.column!r} in the table {place.table}", connection=connection)
        return table.sheet, table.body(column)
    address = place.range if place.name is None else _named(book, place, file, connection)
    sheet, cells = sheet_and_address(address or "")
    box = box_of(cells)
    if box is None or box.cells != 1:
        fix = "Make the name refer to one cell." if place.name else ONE_CELL
        what = "is not a cell" if box is None else "is more than one cell"
        raise BadQuery(f"{(address or '')[:60]!r} {what}", connection=connection, fix=fix)
    part = book.sheets.get(sheet.lower())
    if part is None:
        raise NotFound(f"{file} has no sheet {sheet!r}", connection=connection)
    return part, box


def _named(book: Book, place: ExcelPlace, file: str, connection: str) -> str:
    sheet, name = sheet_and_address(place.name or "")
    found = book.names.get((sheet.lower(), name.lower()))
    if found is None:
        others = [title for title in book.titles if (title.lower(), name.lower()) in book.names]
        fix = f"It belongs to a sheet: write {others[0]}!{name}." if others else ""
        raise NotFound(f"{file} has no name {place.name!r}", connection=connection, fix=fix)
    return found


@dataclass(kw_only=True)
class _Raw:
    kind: str
    style: str
    value: str = ""
    has_value: bool = False
    formula: bool = False


class _Sheet:
    """Reads the wanted cells of a sheet, row by row until the last wanted one."""

    def __init__(self, boxes: list[Box]) -> None:
        self.found: dict[tuple[int, int], _Raw] = {}
        self._single: dict[int, set[int]] = defaultdict(set)
        self._columns = [box for box in boxes if box.cells > 1]
        for box in boxes:
            if box.cells == 1:
                self._single[box.top].add(box.left)
        self._last = max(box.bottom for box in boxes)
        self._row = self._column = 0
        self._here: set[int] = set()
        self._spoken = False
        self._raw: _Raw | None = None

    def start(self, element: str, attributes: Mapping[str, str]) -> None:
        if element == "c":
            if self._here:
                self._cell(attributes)
        elif element == "row":
            text = attributes.get("r") or str(self._row + 1)
            if not text.isdecimal() or len(text) > 7:
                raise Unreadable("contains a row without a position")
            self._row, self._column = int(text), 0
            if self._row > self._last:
                raise Enough
            columns = {box.left for box in self._columns if box.top <= self._row <= box.bottom}
            self._here = self._single.get(self._row, set()) | columns
        elif element == "f" and self._raw is not None:
            self._raw.formula = True
        elif element == "rPh":
            self._spoken = True

    def _cell(self, attributes: Mapping[str, str]) -> None:
        place = attributes.get("r")
        letters = "" if place is None else place.rstrip("0123456789")
        if len(letters) > 3 or (not (letters.isascii() and letters.isalpha()) and place is not None):
            raise Unreadable("contains a cell without a position")
        self._column = column_number(letters) if letters else self._column + 1
        self._raw = None
        if self._column in self._here:
            self._raw = _Raw(kind=attributes.get("t", "n"), style=attributes.get("s", "0"))
            self.found[self._row, self._column] = self._raw

    def end(self, element: str, text: str) -> None:
        if element == "sheetData":
            raise Enough
        if element == "rPh":
            self._spoken = False
        if self._raw is None:
            return
        if element == "v":
            self._raw.value, self._raw.has_value = text, True
        elif element == "t" and not self._spoken:
            self._raw.value, self._raw.has_value = (self._raw.value + text)[:1000], True
        elif element == "c":
            self._raw = None


def _cells(book: Book, sheet: str, boxes: list[Box]) -> dict[tuple[int, int], Cell]:
    reader = _Sheet(boxes)
    book.package.walk(sheet, reader.start, reader.end)
    formats = book.formats()
    numbers = {index(raw.value) for raw in reader.found.values() if raw.kind == "s"}
    texts = book.texts({number for number in numbers if number is not None})
    return {at: _cell(raw, formats, texts) for at, raw in reader.found.items()}


def _cell(raw: _Raw, formats: list[str], texts: Mapping[int, str]) -> Cell:
    style = index(raw.style)
    form = formats[style] if style is not None and style < len(formats) else "General"
    if not raw.has_value:
        return Cell(value="", kind=UNCALCULATED if raw.formula else "Empty", form=form)
    value: Any = raw.value
    match raw.kind:
        case "e":
            return Cell(value=value, kind="Error", form=form)
        case "b":
            return Cell(value=value.strip() == "1", kind="Boolean", form=form)
        case "s":
            number = index(value)
            text = None if number is None else texts.get(number)
            return Cell(value=text if text is not None else "a text that is missing", kind="String", form=form)
        case "n" if not value.strip():
            return Cell(value="", kind=UNCALCULATED if raw.formula else "Empty", form=form)
        case "n":
            try:
                return Cell(value=Decimal(value.strip()), kind="Double", form=form)
            except InvalidOperation:
                pass
    # A formula's text, a text of the cell's own, a date in letters, or what should have been a number.
    return Cell(value=value, kind="String", form=form)
