"""Reads the stand-ins' records from a folder.

    salesforce/reports/<id>.json     what a run of a report answers
    salesforce/<Object>.csv          a header of field API names; an empty cell is null
    jira/*.jsonl, jira/*.jsonl.gz    issues in the REST shape, one a line
    jira/fields.json                 what GET /field answers (optional)
    graph/workbooks/<drive>/<item>.xlsx
    graph/lists/<site>/<List>.csv    a header of internal column names; an empty cell is an absent field
    graph/plans/<plan>.json          Planner tasks, a JSON list
    graph/reports/<function>.csv     a usage report
    graph/users.json                 directory users, a JSON list
    graph/groups.json                users' ids by group id, a JSON object
    graph/analytics.json             what a site's or item's analytics answer, by its id, a JSON object
    graph/courses/<provider>.json    learning course activities, a JSON list
    graph/scores.json                secure scores, the newest first, a JSON list

A CSV column is of numbers, dates, date-times or true/false where all its values are, else of text.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from sandbox.data import Cell, Data, Row, SharePointList, Workbook

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")
_TRUTH = {"true": True, "false": False}


def load(folder: Path) -> Data:
    """Raises ValueError that names the file and the line."""
    lists = {file: _list(file) for file in sorted(folder.glob("graph/lists/*/*.csv"))}
    fields = folder / "jira" / "fields.json"
    return Data(
        salesforce={file.stem: _table(file) for file in sorted(folder.glob("salesforce/*.csv"))},
        salesforce_reports={
            file.stem: _optional(file, {}) for file in sorted(folder.glob("salesforce/reports/*.json"))
        },
        jira=[issue for file in sorted(folder.glob("jira/*.jsonl*")) for issue in _issues(file)],
        jira_fields=_json(fields) if fields.exists() else [],
        workbooks={
            (file.parent.name, file.stem): _workbook(file) for file in sorted(folder.glob("graph/workbooks/*/*.xlsx"))
        },
        lists={(file.parent.name, file.stem): made for file, made in lists.items()},
        plans={file.stem: _json(file) for file in sorted(folder.glob("graph/plans/*.json"))},
        users=_optional(folder / "graph" / "users.json", []),
        groups=_optional(folder / "graph" / "groups.json", {}),
        analytics=_optional(folder / "graph" / "analytics.json", {}),
        courses={file.stem: _json(file) for file in sorted(folder.glob("graph/courses/*.json"))},
        scores=_optional(folder / "graph" / "scores.json", []),
        reports={file.stem: file.read_text("utf-8-sig") for file in sorted(folder.glob("graph/reports/*.csv"))},
    )


def _table(file: Path) -> list[Row]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for number, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise ValueError(f"{file}:{number}: the row has not as many values as the header has names")
    readers = {name: _reader([row[name] for row in rows]) for name in (rows[0] if rows else ())}
    return [{name: readers[name](text) if text else None for name, text in row.items()} for row in rows]


def _reader(texts: list[str]) -> Callable[[str], Any]:
    """How a column's texts are to be read."""
    filled = [text for text in texts if text]
    if filled and all(_NUMBER.fullmatch(text) for text in filled):
        return lambda text: Decimal(text) if "." in text else int(text)
    if filled and all(text.lower() in _TRUTH for text in filled):
        return lambda text: _TRUTH[text.lower()]
    return str


def _list(file: Path) -> SharePointList:
    rows = _table(file)
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: _column_type([row[name] for row in rows]) for name in names}
    items = [{name: value for name, value in row.items() if value is not None} for row in rows]
    return SharePointList(columns=columns, items=items, indexed=frozenset(columns))


def _column_type(values: list[Any]) -> str:
    filled = [value for value in values if value is not None]
    first = next(iter(filled), "")
    if filled and all(isinstance(value, str) and _DAY.fullmatch(value) for value in filled):
        return "dateOnly"
    if filled and all(isinstance(value, str) and _INSTANT.fullmatch(value) for value in filled):
        return "dateTime"
    if isinstance(first, bool):
        return "boolean"
    return "number" if isinstance(first, int | Decimal) else "text"


def _issues(file: Path) -> Iterator[Row]:
    with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                issue = json.loads(line, parse_float=Decimal)
                if not isinstance(issue.get("fields"), dict) or "key" not in issue or "id" not in issue:
                    raise ValueError("an issue has id, key and fields")
            except (ValueError, AttributeError) as error:
                raise ValueError(f"{file}:{number}: {error}") from None
            yield issue


def _optional(file: Path, otherwise: Any) -> Any:
    return _json(file, type(otherwise)) if file.exists() else otherwise


def _json(file: Path, kind: type[Any] = list) -> Any:
    try:
        made = json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None
    if not isinstance(made, kind):
        raise ValueError(f"{file}: a JSON {'list' if kind is list else 'object'} belongs here")
    return made


def _workbook(file: Path) -> Workbook:
    from openpyxl import load_workbook

    try:
        book = load_workbook(file, data_only=True)
    except Exception as error:
        raise ValueError(f"{file}: {error}") from None
    sheets = {
        sheet.title: {
            cell.coordinate: Cell(
                value=_cell_value(cell.value), number_format=cell.number_format, error=cell.data_type == "e"
            )
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        }
        for sheet in book.worksheets
    }
    names = {name: str(place.attr_text).replace("$", "") for name, place in book.defined_names.items()}
    tables = {name: made for sheet in book.worksheets for name, made in _tables(sheet, sheets[sheet.title]).items()}
    return Workbook(name=file.name, sheets=sheets, names=names, tables=tables)


def _tables(sheet: Any, cells: dict[str, Cell]) -> dict[str, dict[str, list[Cell]]]:
    """The columns of each table below their headers, without a row of totals."""
    from openpyxl.utils import get_column_letter
    from openpyxl.utils.cell import range_boundaries

    found: dict[str, dict[str, list[Cell]]] = {}
    for table in sheet.tables.values():
        left, top, right, bottom = (edge or 1 for edge in range_boundaries(table.ref))
        last = bottom - (table.totalsRowCount or 0)
        found[table.displayName] = {
            str(sheet.cell(row=top, column=column).value): [
                cells.get(f"{get_column_letter(column)}{row}", Cell(value=None)) for row in range(top + 1, last + 1)
            ]
            for column in range(left, right + 1)
        }
    return found


def _cell_value(value: Any) -> Any:
    if isinstance(value, bool | str):
        return value
    try:
        return Decimal(str(value)) if isinstance(value, float) else int(value)
    except (TypeError, ValueError, InvalidOperation):
        return str(value)
