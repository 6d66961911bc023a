"""Viva Goals' JSON export: a zip of arrays, one for each kind of thing."""

from __future__ import annotations

import json
import re
import zipfile
from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from importing.archive import MAX_INFLATED, inflate, opened
from importing.model import ImportedTree, Note, Skipped
from importing.record import CheckInRecord, Record
from importing.refuse import BadValue, refuse
from importing.tree import build
from importing.viva_row import Fields, Lookups, check_in_of, fields, key_of, record_of

_PARTS = ("objectives", "checkins", "comments", "teams", "tags", "timeperiods", "users")
_USED = "only those that OKRs name are used"
_BESIDE = {
    "comments": "left out: it is not certain to which OKR and person they belong",
    "teams": _USED,
    "tags": _USED,
    "timeperiods": _USED,
    "users": _USED,
}
_UNKEPT = {
    "permissions": "permissions",
    "delegatedto": "delegates",
}
_STAMP = re.compile(r"_(\d{4})(\d{2})(\d{2})\d{6}\.json$", re.IGNORECASE)


def read_json_zip(file: Path, *, as_of: date) -> ImportedTree:
    """`as_of` is the day of current values where neither a check-in nor the export's name tells it. Raises
    ConfigError."""
    return _Export(file, as_of).tree()


class _Export:
    def __init__(self, file: Path, as_of: date) -> None:
        self._as_of = as_of
        self._found = False
        self._skipped: list[Skipped] = []
        self._others: list[str] = []
        self._notes: list[Note] = []
        self._rows: dict[str, list[tuple[str, Any]]] = {part: [] for part in _PARTS}
        with opened(file) as archive:
            self._unpack(file, archive)
        if not self._found:
            fix = "Give the zip exactly as Viva Goals made it, or an .xlsx or .csv together with a column map"
            refuse(file, "this zip contains no objectives_export_file_….json", fix)

    def _unpack(self, file: Path, archive: zipfile.ZipFile) -> None:
        room = MAX_INFLATED
        for entry in archive.infolist():
            name = PurePosixPath(entry.filename.replace("\\", "/")).name
            part = name.partition("_")[0].lower()
            if entry.is_dir():
                continue
            if part not in _PARTS or not name.lower().endswith(".json"):
                self._note(
                    entry.filename[:200], "left out: it does not belong to a Viva Goals export that okrsync knows"
                )
                continue
            data = inflate(file, archive, entry, room)
            room -= len(data)
            rows = _array(file, name, data)
            self._found |= part == "objectives"
            if part == "objectives" and (stamp := _STAMP.search(name)):
                self._as_of = _day(stamp, self._as_of)
            # The place tells one file from another where an export has several of a part.
            again = f" of {name}" if self._rows[part] else ""
            self._rows[part] += [(f"{part} row {number}{again}", row) for number, row in enumerate(rows, 1)]

    def tree(self) -> ImportedTree:
        lookups = Lookups(
            periods={key_of(row.get("id")): row for _, row in self._fields("timeperiods")},
            people={key_of(row.get("id")): row for _, row in self._fields("users")},
            children=self._children(),
            as_of=self._as_of,
        )
        records, check_ins = self._records(lookups), self._check_ins(lookups)
        for part, why in _BESIDE.items():
            if rows := self._rows[part]:
                self._others += [where for where, _ in rows]
                self._note(part, f"{len(rows)} {'row' if len(rows) == 1 else 'rows'}, {why}")
        return build(
            records,
            check_ins,
            as_of=self._as_of,
            skipped=self._skipped,
            notes=self._notes,
            others=self._others,
        )

    def _records(self, lookups: Lookups) -> list[Record]:
        made: list[Record] = []
        unkept: Counter[str] = Counter()
        for where, given in self._rows["objectives"]:
            row = _fields(given)
            place = _place(where, row)
            if row is None:
                self._skip(place, "it is not an object")
                continue
            try:
                made.append(record_of(row, place, lookups, partial(self._note, place)))
            except BadValue as error:
                self._skip(place, str(error))
                continue
            unkept.update(name for field, name in _UNKEPT.items() if row.get(field))
        for name, count in sorted(unkept.items()):
            self._note("objectives", f"{name} of {count} rows are left out: an OKR file can't contain them")
        return made

    def _check_ins(self, lookups: Lookups) -> list[CheckInRecord]:
        made: list[CheckInRecord] = []
        for where, given in self._rows["checkins"]:
            row = _fields(given)
            place = _place(where, row)
            try:
                if row is None:
                    raise BadValue("it is not an object")
                made.append(check_in_of(row, place, lookups.people))
            except BadValue as error:
                self._skip(place, str(error), is_okr=False)
        return made

    def _children(self) -> dict[str, list[str]]:
        """Parents by child, as the parents tell it."""
        found: dict[str, list[str]] = {}
        for _, row in self._fields("objectives"):
            children = row.get("children")
            for child in children if isinstance(children, list) else []:
                inner = _fields(child)
                if inner and inner.get("id") is not None:
                    found.setdefault(key_of(inner["id"]), []).append(key_of(row.get("id")))
        return found

    def _fields(self, part: str) -> list[tuple[str, Fields]]:
        return [(where, row) for where, given in self._rows[part] if (row := _fields(given)) is not None]

    def _skip(self, where: str, reason: str, *, is_okr: bool = True) -> None:
        self._skipped.append(Skipped(where=where, reason=reason, is_okr=is_okr))

    def _note(self, where: str, text: str) -> None:
        self._notes.append(Note(where=where, text=text))


def _fields(given: Any) -> Fields | None:
    return fields(given) if isinstance(given, Mapping) else None


def _place(where: str, row: Fields | None) -> str:
    key = key_of(row.get("id")) if row else ""
    return f"{where}, ID {key}" if key else where


def _day(stamp: re.Match[str], otherwise: date) -> date:
    try:
        return date(int(stamp[1]), int(stamp[2]), int(stamp[3]))
    except ValueError:
        return otherwise


def _array(file: Path, name: str, data: bytes) -> list[Any]:
    try:
        found = json.loads(data.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_constant)
    except UnicodeDecodeError:
        refuse(file, f"{name} is not UTF-8 text", "Export it again")
    except json.JSONDecodeError as error:
        refuse(file, f"{name} is not JSON: line {error.lineno}: {error.msg}", "Export it again")
    except ValueError as error:
        refuse(file, f"{name} is not JSON: {error}", "Export it again")
    except RecursionError:
        refuse(file, f"{name} is nested too deeply", "Export it again")
    if not isinstance(found, list):
        refuse(file, f"{name} is not an array", "Give the export exactly as Viva Goals made it")
    return found


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number")
