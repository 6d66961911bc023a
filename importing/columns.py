"""The column map: what a tenant named the columns of its export, and the words in them."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from config.problems import ConfigError
from config.suggest import did_you_mean
from config.validate import field_names, problems_of
from config.yaml_source import read
from importing import standing
from importing.record import Type
from importing.refuse import refuse

FIELDS = (
    "id",
    "parent",
    "type",
    "title",
    *standing.FIELDS,
    "level",
    "kind",
    "cycle",
    "cycle_start",
    "cycle_end",
    "aim",
    "unit",
    "start",
    "target",
    "current",
    "date",
    "weight",
    "status",
    "score",
    "by",
    "note",
)


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CheckInSheet(_Form):
    """A second sheet, with a row for each check-in: `parent`, `date` and `current`."""

    sheet: str
    columns: dict[str, str]


class ColumnMap(_Form):
    """`columns` goes from our field to the export's header; `types` from the export's word to ours, for tenants that
    call an objective something else. `dates` is strptime's, for days that are not written 2026-10-31."""

    sheet: str | None = None
    columns: dict[str, str]
    types: dict[str, Type] = Field(default_factory=dict)
    dates: str | None = None
    check_ins: CheckInSheet | None = None


def read_map(file: Path) -> ColumnMap:
    """Raises ConfigError."""
    source = read(file)
    try:
        form = ColumnMap.model_validate(source.data)
    except ValidationError as error:
        raise ConfigError(problems_of(error, source, (), field_names(ColumnMap, CheckInSheet))) from None
    problems = [
        source.problem((*path, field), f"{field!r} is not a field", did_you_mean(field, FIELDS))
        for path, columns in (
            (("columns",), form.columns),
            (("check_ins", "columns"), form.check_ins.columns if form.check_ins else {}),
        )
        for field in columns
        if field not in FIELDS
    ]
    problems += [
        source.problem(("columns",), f"the column of {field!r} is missing", f"Write `{field}: ...`")
        for field in ("title", "type")
        if field not in form.columns
    ]
    problems += [
        source.problem(("check_ins", "columns"), f"the column of {field!r} is missing", f"Write `{field}: ...`")
        for field in ("parent", "date", "current")
        if form.check_ins and field not in form.check_ins.columns
    ]
    if problems:
        raise ConfigError(problems)
    return form


def check_headers(file: Path, columns: dict[str, str], headers: tuple[str, ...]) -> None:
    """Raises ConfigError where the map names a column that is not there."""
    for field, header in columns.items():
        if " ".join(header.split()) not in headers:
            refuse(file, f"there is no column {header!r} for {field!r}", did_you_mean(header, headers), row=1)
