"""A plain CSV, for products that have no import of their own: docs/importing.md tells its columns."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from config.suggest import did_you_mean
from importing.columns import FIELDS
from importing.model import ImportedTree
from importing.refuse import refuse
from importing.table import read_csv
from importing.tabular import Tabular

REQUIRED = ("id", "type", "title")


def read(file: Path, *, as_of: date) -> ImportedTree:
    """`as_of` is the day of current values that have no `date`. Raises ConfigError."""
    table = read_csv(file)
    columns = {header.lower().replace(" ", "_"): header for header in table.headers}
    if len(columns) < len(table.headers):
        refuse(file, "two columns differ only in capital letters or spaces", "Rename or remove one", row=1)
    for name, header in columns.items():
        if name not in FIELDS:
            fix = did_you_mean(name, FIELDS) or "Remove it"
            refuse(file, f"the column {header!r} is not known", fix, row=1)
    for name in REQUIRED:
        if name not in columns:
            refuse(file, f"the column {name!r} is missing", f"Write it beside {', '.join(table.headers[:12])}", row=1)
    rows = Tabular(has_ids=True, wants_ids=True, as_of=as_of)
    rows.add(table.rows, columns)
    return rows.tree()
