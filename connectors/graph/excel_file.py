"""Excel by the file itself, read with openpyxl: documented for apps, where the workbook API is not.

It holds the values of the last save. A formula that no Excel ever calculated has none.
"""

from __future__ import annotations

import io
import zipfile
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.utils.cell import get_column_letter, range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from connectors.errors import BadAnswer, BadQuery, NotFound
from connectors.graph.excel import SECONDS_A_DAY, Cell
from connectors.graph.queries import ExcelPlace

MOST_BYTES = 50_000_000
MOST_UNPACKED = 500_000_000
"""Bytes that a file may unpack to: a small one may be made to fill the memory."""


class ExcelFile:
    """Raises BadAnswer where the content is no workbook, or too large a one."""

    def __init__(self, content: bytes, name: str, connection: str) -> None:
        self._name = name
        self._connection = connection
        self._content = content
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                unpacked = sum(part.file_size for part in packed.infolist())
            if len(content) > MOST_BYTES or unpacked > MOST_UNPACKED:
                raise BadAnswer(
                    f"{name} has {len(content):,} bytes ({unpacked:,} unpacked), too many to read",
                    connection=connection,
                    fix="Keep the numbers in a smaller workbook.",
                )
            self._book = load_workbook(io.BytesIO(content), data_only=True)
        except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError):
            raise BadAnswer(f"{name} is no Excel workbook", connection=connection, fix="Name an .xlsx file.") from None
        self._formulas: Workbook | None = None

    def cells(self, place: ExcelPlace) -> list[Cell]:
        """The cells that a place means, from top to bottom. Raises BadQuery, NotFound, BadAnswer."""
        sheet, address = self._place(place)
        if sheet not in self._book.sheetnames:
            near = next((name for name in self._book.sheetnames if name.lower() == sheet.lower()), None)
            if near is None:
                raise self._missing(f"sheet {sheet!r}")
            sheet = near
        try:
            left, top, right, bottom = range_boundaries(address)
        except (ValueError, TypeError):
            raise BadQuery(f"{address!r} is no cell", connection=self._connection, fix="Write KPIs!B4.") from None
        if left != right:
            raise BadQuery(
                f"{address} is more than one cell", connection=self._connection, fix="Name exactly one cell."
            )
        rows = range(int(top or 1), int(bottom or 1) + 1)
        return [self._cell(sheet, row, int(left or 1)) for row in rows]

    def _place(self, place: ExcelPlace) -> tuple[str, str]:
        if place.name is not None:
            defined = next(
                (one for key, one in self._book.defined_names.items() if key.lower() == place.name.lower()), None
            )
            if defined is None:
                raise self._missing(f"name {place.name!r}")
            sheet, _, address = str(defined.attr_text).rpartition("!")
        elif place.table is not None:
            return self._column(place)
        else:
            sheet, _, address = (place.range or "").rpartition("!")
        return sheet.strip("'").replace("''", "'"), address.replace("$", "")

    def _column(self, place: ExcelPlace) -> tuple[str, str]:
        for sheet in self._book.worksheets:
            for table in sheet.tables.values():
                if table.displayName.lower() != (place.table or "").lower():
                    continue
                left, top, right, bottom = range_boundaries(table.ref)
                heads = {
                    str(sheet.cell(row=int(top or 1), column=index).value): index
                    for index in range(left or 1, (right or 1) + 1)
                }
                if place.column not in heads:
                    raise self._missing(f"column {place.column!r} in the table {place.table}")
                letters = get_column_letter(heads[place.column])
                last = int(bottom or 1) - (table.totalsRowCount or 0)
                return sheet.title, f"{letters}{int(top or 1) + 1}:{letters}{last}"
        raise self._missing(f"table {place.table!r}")

    def _cell(self, sheet: str, row: int, column: int) -> Cell:
        found = self._book[sheet].cell(row=row, column=column)
        form = str(found.number_format)
        if found.data_type == "e":
            return Cell(value=found.value, kind="Error", form=form)
        if found.value is None:
            if self._is_formula(sheet, row, column):
                raise BadAnswer(
                    f"the formula in {sheet}!{found.coordinate} of {self._name} was never calculated",
                    connection=self._connection,
                    fix="Open the workbook in Excel and save it.",
                )
            return Cell(value="", kind="Empty", form=form)
        value = _plain(found.value)
        return Cell(value=value, kind="String" if isinstance(value, str) else "Double", form=form)

    def _is_formula(self, sheet: str, row: int, column: int) -> bool:
        if self._formulas is None:
            self._formulas = load_workbook(io.BytesIO(self._content), data_only=False)
        return self._formulas[sheet].cell(row=row, column=column).data_type == "f"

    def _missing(self, what: str) -> NotFound:
        return NotFound(f"{self._name} has no {what}", connection=self._connection)


def _plain(value: Any) -> Any:
    """As the workbook API tells values: exact numbers, times as fractions of a day, the rest as texts."""
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, timedelta):
        return Decimal(str(value.total_seconds())) / SECONDS_A_DAY
    if isinstance(value, time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        return (Decimal(seconds) + Decimal(value.microsecond) / 1_000_000) / SECONDS_A_DAY
    return str(value)
