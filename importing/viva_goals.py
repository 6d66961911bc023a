"""An export of Viva Goals: the zip of JSON files, or a table whose columns its tenant chose."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

from importing.archive import check_size, opened
from importing.columns import ColumnMap, check_headers, read_map
from importing.headers import columns_of
from importing.model import ImportedTree
from importing.record import Type
from importing.refuse import refuse
from importing.table import Table, read_csv, read_xlsx, sheet_names
from importing.tabular import Tabular
from importing.viva_json import read_json_zip


def read(file: Path, *, as_of: date, columns: Path | None = None) -> ImportedTree:
    """`as_of` is the day of values that have none of their own; `columns` the column map of a table. Raises
    ConfigError."""
    check_size(file)
    is_workbook = zipfile.is_zipfile(file) and _is_workbook(file)
    if zipfile.is_zipfile(file) and not is_workbook:
        if columns is not None:
            refuse(file, "the JSON export has no columns to map", "Leave the column map out")
        return read_json_zip(file, as_of=as_of)
    if not is_workbook and file.suffix.lower() != ".csv":
        refuse(
            file, "this is not an export of Viva Goals", "Give its .zip, or an .xlsx or .csv together with a column map"
        )
    if columns is None:
        return _by_headers(file, is_workbook=is_workbook, as_of=as_of)
    chosen = read_map(columns)
    if not is_workbook and (chosen.sheet or chosen.check_ins):
        refuse(
            columns,
            "this column map names a sheet, but a CSV file has none",
            "Leave `sheet` and `check_ins` out, or give the .xlsx",
        )
    return _table(file, chosen, read_xlsx(file, chosen.sheet) if is_workbook else read_csv(file), as_of)


def _is_workbook(file: Path) -> bool:
    with opened(file) as archive:
        return "[Content_Types].xml" in archive.namelist()


def _by_headers(file: Path, *, is_workbook: bool, as_of: date) -> ImportedTree:
    """Where the headers say enough by themselves; in a workbook those of the first sheet that do."""
    names = sheet_names(file) if is_workbook else [None]
    tables = {name: read_xlsx(file, name, may_be_empty=True) if is_workbook else read_csv(file) for name in names}
    told = [(name, columns_of(table.headers)) for name, table in tables.items()]
    sheet, columns = next(((name, found) for name, found in told if found is not None), (None, None))
    if columns is None:
        seen = next((table.headers for table in tables.values() if table.headers), ())
        fix = f"Write a YAML file with `columns: {{title: ..., type: ...}}`; there is {', '.join(seen[:20])}"
        refuse(file, "no headers of this file name a title and a type, so a column map is needed", fix)
    return _table(file, ColumnMap(sheet=sheet, columns=columns), tables[sheet], as_of)


def _table(file: Path, chosen: ColumnMap, table: Table, as_of: date) -> ImportedTree:
    check_headers(file, chosen.columns, table.headers)
    rows = Tabular(types=chosen.types, dates=chosen.dates, has_ids="id" in chosen.columns, is_viva=True, as_of=as_of)
    rows.add(table.rows, chosen.columns)
    if chosen.check_ins:
        history = read_xlsx(file, chosen.check_ins.sheet)
        check_headers(file, chosen.check_ins.columns, history.headers)
        rows.add(history.rows, chosen.check_ins.columns, chosen.check_ins.sheet, Type.CHECK_IN)
    return rows.tree()
