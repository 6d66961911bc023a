"""Excel's REST API over the workbooks: ranges, named items, table columns."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import Any

from sandbox.data import Cell, Workbook
from sandbox.graph.errors import Refused, bad_request

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d*)")
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
NOTHING = Cell(value=None)


def sheet_range(book: Workbook, sheet: str, address: str | None) -> dict[str, Any]:
    """A range as Graph answers it. Raises Refused."""
    if address is None:
        raise Refused(400, "InvalidArgument", "The cell count in the range has exceeded the maximum supported.")
    found = next((name for name in book.sheets if name.lower() == sheet.lower()), None)
    if found is None:
        raise Refused(404, "ItemNotFound", "The requested resource doesn't exist.")
    first, _, last = address.partition(":")
    corners = [_CELL.fullmatch(corner) for corner in (first, last or first)]
    if not all(corners):
        raise Refused(400, "InvalidArgument", "The argument is invalid or missing or has an incorrect format.")
    columns = [_column(match[1]) for match in corners if match]
    rows = [int(match[2]) for match in corners if match]
    if max(rows) > MOST_ROWS or max(columns) > MOST_COLUMNS:
        raise Refused(400, "InvalidArgument", "The argument is invalid or missing or has an incorrect format.")
    cells = [
        [book.sheets[found].get(f"{_letters(column)}{row}", NOTHING) for column in range(columns[0], columns[1] + 1)]
        for row in range(rows[0], rows[1] + 1)
    ]
    return _answer(f"{found}!{address}", cells)


def named_range(book: Workbook, name: str, sheet: str = "") -> dict[str, Any]:
    """`sheet` is given where the name belongs to one."""
    wanted = f"{sheet}!{name}" if sheet else name
    target = next((place for known, place in book.names.items() if known.lower() == wanted.lower()), None)
    if target is None:
        raise Refused(404, "ItemNotFound", "The requested resource doesn't exist.")
    sheet, _, address = target.rpartition("!")
    return sheet_range(book, sheet.strip("'").replace("''", "'"), address)


def table_column(book: Workbook, table: str, column: str) -> dict[str, Any]:
    columns = next((made for known, made in book.tables.items() if known.lower() == table.lower()), {})
    cells = next((made for known, made in columns.items() if known.lower() == column.lower()), None)
    if cells is None:
        raise Refused(404, "ItemNotFound", "The requested resource doesn't exist.")
    return _answer(f"{table}[{column}]", [[cell] for cell in cells])


def table_part(book: Workbook, table: str, part: str) -> dict[str, Any]:
    """A table's `headerRowRange` or `dataBodyRange`."""
    columns = next((made for known, made in book.tables.items() if known.lower() == table.lower()), None)
    if columns is None:
        raise Refused(404, "ItemNotFound", "The requested resource doesn't exist.")
    if part == "headerRowRange":
        return _answer(f"{table}[#Headers]", [[Cell(value=name) for name in columns]])
    return _answer(f"{table}[#Data]", [list(row) for row in zip(*columns.values(), strict=True)])


def packed(book: Workbook) -> bytes:
    """The workbook as an .xlsx file."""
    from openpyxl import Workbook as File
    from openpyxl.utils import get_column_letter
    from openpyxl.workbook.defined_name import DefinedName
    from openpyxl.worksheet.table import Table

    file = File()
    file.remove(file.worksheets[0])
    for name, cells in book.sheets.items():
        sheet = file.create_sheet(name)
        for address, cell in cells.items():
            sheet[address] = cell.value
            sheet[address].number_format = cell.number_format
    for name, place in book.names.items():
        sheet, _, own = name.rpartition("!")
        (file[sheet] if sheet else file).defined_names[own] = DefinedName(own, attr_text=place)
    for name, columns in book.tables.items():
        sheet = file.create_sheet(f"{name} sheet")
        sheet.append(list(columns))
        for row in zip(*columns.values(), strict=True):
            sheet.append([cell.value for cell in row])
        corner = f"{get_column_letter(len(columns))}{sheet.max_row}"
        sheet.add_table(Table(displayName=name, ref=f"A1:{corner}"))
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def split_address(text: str) -> str | None:
    """The address in `range(address='B4')`; None for a plain `range`."""
    if text in ("range", "range()"):
        return None
    match = re.fullmatch(r"range\(address='((?:[^']|'')*)'\)", text)
    if not match:
        raise bad_request("Resource not found for the segment.")
    return match[1].replace("''", "'")


def _answer(address: str, cells: list[list[Cell]]) -> dict[str, Any]:
    return {
        "address": address,
        "rowCount": len(cells),
        "columnCount": len(cells[0]) if cells else 0,
        "values": [["" if cell.value is None else cell.value for cell in row] for row in cells],
        "text": [["" if cell.value is None else str(cell.value) for cell in row] for row in cells],
        "numberFormat": [[cell.number_format for cell in row] for row in cells],
        "valueTypes": [[_type(cell) for cell in row] for row in cells],
    }


def _type(cell: Cell) -> str:
    if cell.error:
        return "Error"
    if cell.value is None:
        return "Empty"
    if isinstance(cell.value, bool):
        return "Boolean"
    return "Double" if isinstance(cell.value, int | Decimal) else "String"


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _letters(column: int) -> str:
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text
