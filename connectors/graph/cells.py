"""The value that cells make, wherever they were read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

from connectors.errors import BadAnswer, ConnectorError
from connectors.graph.number_format import Kind, kind_of
from connectors.graph.numbers import TooFar, exact
from connectors.graph.queries import ExcelPlace
from mapping.units import DURATION, PERCENT, Unit

SECONDS_A_DAY = 86_400
MILLISECOND = Decimal("0.001")
EXACT = Context(prec=60)
UNCALCULATED = "Uncalculated"
ONE_CELL = "Name exactly one cell, such as KPIs!B4, or a table's column with a measure."


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One cell as Graph or the file tells it. `kind` is Graph's: Empty, Error, String, Boolean or a number's; from a
    file also UNCALCULATED, for a formula without a result. `form` is its number format."""

    value: Any
    kind: str
    form: str


def cells_of(
    answer: Mapping[str, Any], at: tuple[int, int] | None, where: str, connection: str, *, column: int | None = None
) -> list[Cell]:
    """The cells of Graph's answer from top to bottom, or those of a `column` of it, or the one that lies `at` a row and
    column of it. Raises BadAnswer."""
    try:
        grids = (answer["values"], answer["valueTypes"], answer["numberFormat"])
        if not all(isinstance(grid, list) and all(isinstance(row, list) for row in grid) for grid in grids):
            raise TypeError("no grid")
        sizes = {(len(grid), len(row)) for grid in grids for row in grid}
        if len(sizes) > 1 or len({len(grid) for grid in grids}) > 1:
            raise TypeError("grids of different sizes")
        if at is not None:
            row, place = at
            return [_told(*(grid[row][place] for grid in grids))]
        if column is not None:
            return [_told(*(row[column] for row in rows)) for rows in zip(*grids, strict=True)]
        if any(width != 1 for _, width in sizes):
            raise BadAnswer(f"{where} is more than one cell", connection=connection, fix=ONE_CELL)
        return [_told(*(row[0] for row in rows)) for rows in zip(*grids, strict=True)]
    except (KeyError, IndexError, TypeError, ValueError):
        raise BadAnswer(f"Graph answered {where} without its values", connection=connection) from None


def value_of(place: ExcelPlace, cells: list[Cell], where: str, connection: str) -> tuple[Decimal | None, Unit | None]:
    """The number with the unit that its format tells; None for an empty cell or column. Raises BadAnswer."""
    if place.table is None:
        if len(cells) != 1:
            raise BadAnswer(f"{where} is more than one cell", connection=connection, fix=ONE_CELL)
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
        raise BadAnswer(
            f"{where} mixes number formats", connection=connection, fix="Give all cells of the column the same format."
        )
    total = Decimal(0)
    for value, _ in numbers:
        total = EXACT.add(total, value or Decimal(0))
    return (total / len(numbers) if place.measure == "avg" else total), units.pop()


def _told(value: Any, kind: Any, form: Any) -> Cell:
    if not isinstance(kind, str) or not isinstance(form, str):
        raise TypeError("a type or format that is not a text")
    return Cell(value=value, kind=kind, form=form)


def _number(cell: Cell, where: str, connection: str) -> tuple[Decimal | None, Unit | None]:
    if _is_empty(cell):
        return None, None
    if cell.kind == "Error":
        fix = "Correct the cell's formula."
        raise BadAnswer(f"{where} contains the error {str(cell.value)[:60]}", connection=connection, fix=fix)
    if cell.kind == UNCALCULATED:
        fix = "Open the workbook in Excel and save it."
        raise BadAnswer(f"{where} contains a formula that was never calculated", connection=connection, fix=fix)
    try:
        value = exact(cell.value)
    except TooFar as error:
        raise BadAnswer(f"{where} contains an impossible number: {error}", connection=connection) from None
    except TypeError:
        raise _no_number(f"{str(cell.value)[:60]!r}", where, connection) from None
    match kind_of(cell.form, value):
        case Kind.PERCENT:
            return value, PERCENT
        case Kind.POINTS:
            return EXACT.scaleb(value, -2), PERCENT
        case Kind.DURATION:
            return EXACT.quantize(EXACT.multiply(value, Decimal(SECONDS_A_DAY)), MILLISECOND).normalize(), DURATION
        case Kind.MOMENT:
            raise _no_number(f"a date or a time of day ({cell.form})", where, connection)
    return value, None


def _no_number(what: str, where: str, connection: str) -> ConnectorError:
    return BadAnswer(
        f"{where} contains {what} instead of a number",
        connection=connection,
        fix="Put a number into the cell, format it as one, or name the right one.",
    )


def _is_empty(cell: Cell) -> bool:
    return cell.kind == "Empty" or (cell.value == "" and cell.kind != UNCALCULATED)
