"""Rows of a CSV or XLSX file, by their header. Nothing is made of them yet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from importing.archive import check_honest, check_size
from importing.refuse import refuse

MAX_ROWS = 100_000
MAX_COLUMNS = 500
_SAVE = "Save it as CSV UTF-8"


@dataclass(frozen=True, kw_only=True)
class Row:
    """`problem` says why the row can't be read as one of this table."""

    number: int
    cells: dict[str, object]
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    headers: tuple[str, ...]
    rows: tuple[Row, ...]


def read_csv(file: Path) -> Table:
    """Rows are counted as a spreadsheet counts them, the header being row 1. Raises ConfigError."""
    check_size(file)
    raw = file.read_bytes()
    try:
        # Excel's "Unicode text" is UTF-16, and says so in its first bytes.
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        refuse(file, "this file is not UTF-8 text", _SAVE)
    if "\0" in text:
        refuse(file, "this file is not a text", _SAVE)
    first = text.partition("\n")[0]
    # A spreadsheet writes semicolons where the decimal sign is a comma.
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return _table(file, ([*cells] for cells in reader))
    except csv.Error as error:
        refuse(
            file,
            f"this file is not a CSV file: {error}",
            "Look for a quotation mark that is not closed",
            row=reader.line_num,
        )


def sheet_names(file: Path) -> list[str]:
    """Raises ConfigError."""
    book = _book(file)
    try:
        return list(book.sheetnames)
    finally:
        book.close()


def _book(file: Path) -> Any:
    from openpyxl import load_workbook

    check_honest(file)
    try:
        return load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl raises whatever a damaged part of the file leads to
        refuse(file, f"this file is not a workbook: {type(error).__name__}", "Save it as .xlsx, without a password")


def read_xlsx(file: Path, sheet: str | None = None, *, may_be_empty: bool = False) -> Table:
    """The first sheet, or the one of that name. Raises ConfigError."""
    book = _book(file)
    try:
        if sheet is not None and sheet not in book.sheetnames:
            refuse(file, f"there is no sheet {sheet!r}", f"There is {', '.join(book.sheetnames[:12])}")
        chosen = book[sheet or book.sheetnames[0]]
        rows: Iterable[Any] = chosen.iter_rows(max_col=MAX_COLUMNS + 1) if hasattr(chosen, "iter_rows") else ()
        return _table(file, ([_plain(cell) for cell in cells] for cells in rows), may_be_empty=may_be_empty)
    finally:
        book.close()


def _plain(cell: Any) -> object:
    """A cell shown as 45% holds 0.45, and is taken as shown."""
    value = cell.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    number = Decimal(str(value))
    if number.is_finite() and str(cell.number_format or "").rstrip('"').endswith("%"):
        return f"{(number * 100).normalize():f}%" if abs(number) < 10**15 else str(value)
    return number


def _table(file: Path, rows: Iterator[list[object]], *, may_be_empty: bool = False) -> Table:
    headers: list[str] | None = None
    found: list[Row] = []
    for number, cells in enumerate(rows, 1):
        if number > MAX_ROWS:
            refuse(file, f"this file has more than {MAX_ROWS} rows", "Split it, but keep parents and children together")
        if all(_is_blank(cell) for cell in cells):
            continue
        while cells and _is_blank(cells[-1]):
            cells.pop()
        if headers is None:
            headers = _headers(file, cells, number)
            continue
        given = {header: cell for header, cell in zip(headers, cells, strict=False) if header}
        extra = len(cells) > len(headers)
        problem = f"it has {len(cells)} cells, but the header has {len(headers)}: quote a text with a comma in it"
        found.append(Row(number=number, cells=given, problem=problem if extra else ""))
    if headers is None and may_be_empty:
        return Table(headers=(), rows=())
    if headers is None:
        refuse(file, "this file is empty", "Its first row must name the columns")
    return Table(headers=tuple(header for header in headers if header), rows=tuple(found))


def _headers(file: Path, cells: list[object], number: int) -> list[str]:
    if len(cells) > MAX_COLUMNS:
        refuse(file, f"this file has more than {MAX_COLUMNS} columns", "Remove those that are not needed", row=number)
    headers = ["" if cell is None else " ".join(str(cell).split()) for cell in cells]
    for header in headers:
        if header and headers.count(header) > 1:
            refuse(file, f"two columns are named {header!r}", "Rename or remove one", row=number)
    return headers


def _is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
