"""The org's records in SQLite. Numbers are kept as whole millionths, so that sums are exact."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sandbox.data import Row

SCALE = 10**6
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")
STANDARD = {
    "Account": "Id Name Industry AnnualRevenue:number NumberOfEmployees:number CreatedDate:datetime",
    "Campaign": "Id Name Status Type StartDate:date EndDate:date IsActive:boolean CreatedDate:datetime",
    "Case": "Id Status Priority IsClosed:boolean CreatedDate:datetime ClosedDate:datetime",
    "Contact": "Id Name Email AccountId CreatedDate:datetime",
    "Lead": "Id Name Status LeadSource IsConverted:boolean CreatedDate:datetime",
    "Report": "Id Name FolderName",
    "Opportunity": "Id Name StageName Amount:number CloseDate:date IsWon:boolean IsClosed:boolean AccountId "
    "Type LeadSource CreatedDate:datetime",
}


KINDS = {"amount": "currency", "annualrevenue": "currency", "expectedrevenue": "currency", "probability": "percent"}
"""Number fields of which a description tells more."""


class Tables:
    """One table an object. `types` gives, by object and field in lower case, the real name and the type (text,
    number, boolean, date, datetime)."""

    def __init__(self, objects: dict[str, list[Row]]) -> None:
        self.lock = threading.Lock()
        self.db = sqlite3.connect(":memory:", check_same_thread=False)
        self.db.create_aggregate("exact_avg", 1, _Average)  # type: ignore[arg-type]
        self.names: dict[str, str] = {}
        self.types: dict[str, dict[str, tuple[str, str]]] = {}
        for name in sorted({*STANDARD, *objects}):
            self._load(name, objects.get(name, []))

    def _load(self, name: str, rows: list[Row]) -> None:
        fields = _standard(name) | {key: _type(row.get(key) for row in rows) for key in _keys(rows)}
        self.names[name.lower()] = name
        self.types[name.lower()] = {field.lower(): (field, kind) for field, kind in fields.items()}
        columns = ", ".join(f'"{field}" {_AFFINITY[kind]}' for field, kind in fields.items())
        self.db.execute(f'CREATE TABLE "{name}" ({columns})')
        marks = ", ".join("?" * len(fields))
        self.db.executemany(
            f'INSERT INTO "{name}" VALUES ({marks})',  # noqa: S608 - the names are our own data's
            ([to_column(row.get(field), kind) for field, kind in fields.items()] for row in rows),
        )
        if "Id" in fields:
            self.db.execute(f'CREATE INDEX "{name}.Id" ON "{name}" ("Id")')

    def change(self, name: str, ident: str, fields: Row) -> bool:
        """Whether there is such a record. Numbers are kept with six decimals at most."""
        types = self.types[name.lower()]
        sets = ", ".join(f'"{types[field.lower()][0]}" = ?' for field in fields)
        values = [to_column(value, types[field.lower()][1]) for field, value in fields.items()]
        with self.lock:
            done = self.db.execute(
                f'UPDATE "{self.names[name.lower()]}" SET {sets} WHERE "Id" = ?',  # noqa: S608 - names we know
                [*values, ident],
            )
        return done.rowcount > 0


def described(tables: Tables, name: str) -> Row | None:
    """As GET sobjects/NAME/describe answers; None where there is no such object."""
    fields = tables.types.get(name.lower())
    if fields is None:
        return None
    kinds = {"text": "string", "number": "double", "boolean": "boolean", "date": "date", "datetime": "datetime"}
    shown = [
        {
            "name": field,
            "label": field,
            "type": KINDS.get(key, kinds[kind]) if kind == "number" else kinds[kind],
            "aggregatable": True,
            "groupable": kind not in ("number", "datetime"),
            **_reference(tables, field),
        }
        for key, (field, kind) in fields.items()
    ]
    return {"name": tables.names[name.lower()], "queryable": True, "fields": shown}


def object_of(name: str) -> Row:
    """As GET sobjects lists it."""
    return {"name": name, "label": name, "labelPlural": name, "queryable": True, "custom": name.endswith("__c")}


def _reference(tables: Tables, field: str) -> Row:
    """AccountId leads to Account, Region__c to the object of that name, by Region__r."""
    custom = field.lower().endswith("__c")
    target = tables.names.get(field.lower() if custom else field[:-2].lower())
    if target is None or not (custom or field.endswith("Id")):
        return {"referenceTo": [], "relationshipName": None}
    return {"referenceTo": [target], "relationshipName": f"{field[:-1]}r" if custom else field[:-2]}


_AFFINITY = {
    "text": "TEXT COLLATE NOCASE",
    "number": "INTEGER",
    "boolean": "INTEGER",
    "date": "TEXT",
    "datetime": "TEXT",
}


class _Average:
    def __init__(self) -> None:
        self.total, self.count = 0, 0

    def step(self, value: int | None) -> None:
        if value is not None:
            self.total += value
            self.count += 1

    def finalize(self) -> str | None:
        return str(Decimal(self.total) / self.count) if self.count else None


def _standard(name: str) -> dict[str, str]:
    pairs = (entry.partition(":") for entry in STANDARD.get(name, "Id Name").split())
    return {field: kind or "text" for field, _, kind in pairs}


def _keys(rows: list[Row]) -> Iterable[str]:
    return dict.fromkeys(key for row in rows for key in row)


def _type(values: Iterable[Any]) -> str:
    kinds = {_kind(value) for value in values if value is not None}
    return kinds.pop() if len(kinds) == 1 else "text"


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | Decimal):
        return "number"
    if _DATETIME.fullmatch(str(value)):
        return "datetime"
    return "date" if _DATE.fullmatch(str(value)) else "text"


def to_column(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "number":
        scaled = Decimal(value) * SCALE
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than six decimals")
        return int(scaled)
    if kind == "datetime":
        return datetime.fromisoformat(str(value)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return int(value) if kind == "boolean" else str(value)


def from_column(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "number":
        exact = Decimal(value) / SCALE
        return int(exact) if exact == exact.to_integral_value() else exact.normalize()
    if kind == "datetime":
        return f"{str(value)[:19]}.000+0000"
    return bool(value) if kind == "boolean" else value
