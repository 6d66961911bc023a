"""From the rows of a table to records: parents by id or by title, and a reason for each row that is none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from importing.ending import ending_of
from importing.model import ImportedTree, Note, Skipped
from importing.periods import day_of, moment_of, period_of
from importing.record import CheckInRecord, Record, Type
from importing.refuse import BadValue
from importing.standing import about_of
from importing.table import Row
from importing.tree import build
from importing.words import is_level, kind_of, level_of, text_of, type_of, way_of
from mapping.model import Kind


@dataclass(kw_only=True)
class Tabular:
    """Takes the rows of one or more sheets, then makes the tree. `columns` goes from field to header; without a
    column of ids a parent is named by its title, as Viva Goals' own import does. `wants_ids`: the ids of the file
    are to be those of the OKR files. `is_viva`: what Viva Goals means where a cell is empty. `as_of`
    is the day of values that have none of their own."""

    types: dict[str, Type] = field(default_factory=dict)
    dates: str | None = None
    as_of: date
    has_ids: bool
    wants_ids: bool = False
    is_viva: bool = False
    _records: list[Record] = field(default_factory=list, init=False)
    _named: dict[str, str] = field(default_factory=dict, init=False)
    _check_ins: list[tuple[CheckInRecord, str]] = field(default_factory=list, init=False)
    _skipped: list[Skipped] = field(default_factory=list, init=False)
    _notes: list[Note] = field(default_factory=list, init=False)
    _parents: set[str] = field(default_factory=set, init=False)
    _ids: set[str] = field(default_factory=set, init=False)
    _titles: dict[str, list[Record]] = field(default_factory=dict, init=False)

    def add(self, rows: Iterable[Row], columns: Mapping[str, str], sheet: str = "", only: Type | None = None) -> None:
        """`only`: the rows are all of that type, and have no column that says so."""
        headers = {name: " ".join(header.split()) for name, header in columns.items()}
        rows = [*rows]
        self._parents |= {text_of(row.cells.get(headers["parent"])) for row in rows if "parent" in headers}
        for row in rows:
            where = f"{sheet} row {row.number}".strip()
            values = {name: row.cells.get(header) for name, header in headers.items()}
            kind = only
            try:
                if row.problem:
                    raise BadValue(row.problem)
                kind = kind or self._type(values)
                if kind is Type.CHECK_IN:
                    self._check_in(where, values)
                else:
                    self._record(where, kind, values)
            except BadValue as error:
                is_okr = kind is not Type.CHECK_IN
                self._skipped.append(Skipped(where=where, reason=str(error), is_okr=is_okr))

    def _type(self, values: dict[str, Any]) -> Type:
        """Viva Goals' own import calls the level a type. Then an objective is what stands alone, or has something below
        it."""
        try:
            return type_of(values.get("type"), self.types)
        except BadValue:
            if not self.is_viva or not is_level(values.get("type")):
                raise
        values["level"] = values.get("level") or values.get("type")
        names = {text_of(values.get(name)) for name in ("id", "title")} - {""}
        is_alone = not text_of(values.get("parent"))
        return Type.OBJECTIVE if is_alone or names & self._parents else Type.KEY_RESULT

    def _check_in(self, where: str, values: Mapping[str, Any]) -> None:
        at = moment_of(values.get("date"), self.dates)
        if at is None:
            raise BadValue("it has no date: write 2026-10-31")
        made = CheckInRecord(
            where=where,
            of="",
            at=at,
            value=values.get("current"),
            by=text_of(values.get("by")) or None,
            note=text_of(values.get("note")) or None,
        )
        self._check_ins.append((made, text_of(values.get("parent"))))

    def _record(self, where: str, kind: Type, values: Mapping[str, Any]) -> None:
        key = text_of(values.get("id")) if self.has_ids else where
        if not key and self.is_viva:
            key = where
        if not key:
            raise BadValue("it has no id: write one")
        period = period_of(
            text_of(values.get("cycle")),
            day_of(values.get("cycle_start"), self.dates),
            day_of(values.get("cycle_end"), self.dates),
        )
        record = Record(
            where=where,
            key=key,
            type=kind,
            title=text_of(values.get("title")),
            about=about_of(values),
            level=level_of(values.get("level")),
            kind=kind_of(values.get("kind")) or (Kind.ASPIRATIONAL if self.is_viva else Kind.COMMITTED),
            period=period,
            way=way_of(values.get("aim")),
            unit=text_of(values.get("unit")),
            start=values.get("start"),
            target=values.get("target"),
            **self._current(where, values),
            weight=values.get("weight"),
            wanted=key if self.wants_ids else "",
            ending=ending_of(values.get("status"), values.get("score"), period, self.as_of, partial(self._note, where)),
        )
        if self.is_viva and not any(text_of(values.get(name)) for name in ("unit", "start", "target")):
            record = replace(record, unit="%", start=Decimal(0), target=Decimal(100), is_share_of_work=True)
        self._records.append(record)
        if parent := text_of(values.get("parent")):
            self._named[where] = parent

    def _current(self, where: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """The row's own value and its day. One whose day can't be read is left out; the row is not."""
        try:
            return {"current": values.get("current"), "current_on": day_of(values.get("date"), self.dates)}
        except BadValue as error:
            self._note(where, f"its value is left out: {error}")
            return {}

    def _note(self, where: str, text: str) -> None:
        self._notes.append(Note(where=where, text=text))

    def tree(self) -> ImportedTree:
        """Everything added, linked."""
        self._ids = {record.key for record in self._records} if self.has_ids else set()
        self._titles = defaultdict(list)
        for record in self._records:
            self._titles[record.title.casefold()].append(record)
        check_ins: list[CheckInRecord] = []
        for made, of in self._check_ins:
            try:
                check_ins.append(replace(made, of=self._one(of, None)))
            except BadValue as error:
                self._skipped.append(Skipped(where=made.where, reason=str(error), is_okr=False))
        linked = [self._linked(record) for record in self._records]
        return build(linked, check_ins, as_of=self.as_of, skipped=self._skipped, notes=self._notes)

    def _linked(self, record: Record) -> Record:
        parent = self._named.get(record.where, "")
        if not parent:
            return record
        try:
            return replace(record, parents=(self._one(parent, record),))
        except BadValue as error:
            return replace(record, lost_parent=str(error))

    def _one(self, name: str, child: Record | None) -> str:
        """The key of what is named: by id before title, a child's in its own period before another. Raises BadValue."""
        if name in self._ids:
            return name
        found = [made for made in self._titles.get(name.casefold(), []) if child is None or made.key != child.key]
        # Only objectives have children that count, and all but objectives have values.
        found = [made for made in found if (made.type is Type.OBJECTIVE) is (child is not None)] or found
        found = [made for made in found if child and made.period == child.period] or found
        if not found:
            raise BadValue(f"there is no {name[:80]!r} in the file" if name else "it names no parent: write its id")
        if len(found) > 1:
            raise BadValue(f"{len(found)} rows are titled {name[:80]!r}: map the column of ids, and name its id")
        return found[0].key
