"""One Excel cell: which requests it needs, and the reading that their answers make."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from connectors.errors import BadAnswer
from connectors.graph.client import Get
from connectors.graph.spec import ExcelCell
from mapping.units import DURATION, PERCENT, Unit

PERMISSION = "Files.Read.All"
SECONDS_A_DAY = 86_400
_SELECT = "$select=values,valueTypes,numberFormat"
_TIME = re.compile(r"\[?h{1,2}\]?|\[m{1,2}\]|m{1,2}:s{1,2}", re.IGNORECASE)
_DATE = re.compile(r"[yd]", re.IGNORECASE)


def cell_request(cell: ExcelCell) -> Get:
    book = f"{_item(cell)}/workbook"
    if cell.name is not None:
        return Get(f"{book}/names/{quote(cell.name, safe='')}/range?{_SELECT}", PERMISSION)
    sheet, _, address = (cell.range or "").rpartition("!")
    sheet = sheet.strip("'").replace("''", "'")
    address = address.replace("$", "").replace("'", "''")
    return Get(f"{book}/worksheets/{quote(sheet, safe='')}/range(address='{address}')?{_SELECT}", PERMISSION)


def file_request(cell: ExcelCell) -> Get:
    """The workbook's last save, which is as-of for its values, and its address for people."""
    return Get(f"{_item(cell)}?$select=id,name,lastModifiedDateTime,webUrl", PERMISSION)


def value_of(answer: dict[str, Any], where: str, connection: str) -> tuple[Decimal | None, Unit | None]:
    """The cell's number with the unit that its format tells; None for an empty cell. Raises BadAnswer."""
    try:
        values, kinds, formats = answer["values"], answer["valueTypes"], answer["numberFormat"]
        shape = {(len(values), len(values[0])), (len(kinds), len(kinds[0]))}
        value, kind, form = values[0][0], kinds[0][0], str(formats[0][0])
    except (KeyError, IndexError, TypeError):
        raise BadAnswer(f"Graph answered {where} without its values", connection=connection) from None
    if shape != {(1, 1)}:
        raise BadAnswer(f"{where} is more than one cell", connection=connection, fix="Name exactly one cell.")
    if kind == "Empty" or value == "":
        return None, None
    if kind == "Error":
        raise BadAnswer(f"{where} holds the error {value}", connection=connection, fix="Mend the cell's formula.")
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise BadAnswer(
            f"{where} holds {str(value)[:60]!r} where a number belongs",
            connection=connection,
            fix="Put a number into the cell, or name the right one.",
        )
    return _scaled(Decimal(value), form)


def as_of(answer: dict[str, Any], otherwise: datetime) -> datetime:
    try:
        return datetime.fromisoformat(str(answer["lastModifiedDateTime"]))
    except (KeyError, ValueError):
        return otherwise


def _scaled(value: Decimal, form: str) -> tuple[Decimal, Unit | None]:
    """Excel keeps 42% as 0.42, and a time as a fraction of a day."""
    plain = re.sub(r'"[^"]*"|\\.', "", form)
    if "%" in plain:
        return value, PERCENT
    if _TIME.search(plain) and not _DATE.search(plain):
        return (value * SECONDS_A_DAY).quantize(Decimal("0.001")).normalize(), DURATION
    return value, None


def _item(cell: ExcelCell) -> str:
    return f"/drives/{quote(cell.drive, safe='!')}/items/{quote(cell.item, safe='!')}"
