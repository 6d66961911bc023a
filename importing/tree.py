"""From loose records to a tree. Everything that comes in is in the tree or among the skipped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from importing.history import histories
from importing.measure import Aim, aim_of, phases_of, weight_of
from importing.model import (
    ImportedInitiative,
    ImportedKeyResult,
    ImportedObjective,
    ImportedTree,
    Note,
    Period,
    Skipped,
)
from importing.record import CheckInRecord, Record, Type
from importing.refuse import BadValue
from mapping.model import Level


def build(
    records: Sequence[Record],
    check_ins: Iterable[CheckInRecord],
    *,
    as_of: date,
    skipped: Iterable[Skipped] = (),
    notes: Iterable[Note] = (),
    others: Iterable[str] = (),
) -> ImportedTree:
    """`as_of` is the day of values that have none of their own."""
    made = _Builder(records, as_of, [*skipped], [*notes]).build(check_ins)
    return replace(made, others=tuple(others))


class _Builder:
    def __init__(self, records: Sequence[Record], as_of: date, skipped: list[Skipped], notes: list[Note]) -> None:
        self._as_of = as_of
        self._skipped = skipped
        self._notes = notes
        self._records: dict[str, Record] = {}
        for record in records:
            self._admit(record)
        self._periods: dict[str, Period] = {}
        self._aims: dict[str, Aim] = {}

    def _skip(self, where: str, reason: str) -> None:
        self._skipped.append(Skipped(where=where, reason=reason))

    def _skip_check_in(self, where: str, reason: str) -> None:
        self._skipped.append(Skipped(where=where, reason=reason, is_okr=False))

    def _note(self, where: str, text: str) -> None:
        self._notes.append(Note(where=where, text=text))

    def _admit(self, record: Record) -> None:
        first = self._records.get(record.key)
        if first:
            self._skip(record.where, f"its id {record.key} is used at {first.where} already: give it another one")
        elif not record.title:
            self._skip(record.where, "it has no title: write one")
        else:
            self._records[record.key] = record

    def build(self, check_ins: Iterable[CheckInRecord]) -> ImportedTree:
        self._settle()
        history = histories(check_ins, self._records, self._aims, self._as_of, self._skip_check_in, self._note)
        objectives: list[ImportedObjective] = []
        below: dict[str, list[ImportedKeyResult]] = defaultdict(list)
        weights: dict[str, list[Decimal | None]] = defaultdict(list)
        initiatives: dict[str, list[ImportedInitiative]] = defaultdict(list)
        kpis: list[ImportedKeyResult] = []
        for record in self._records.values():
            objective = self._objective_of(record)
            if record.type is Type.OBJECTIVE:
                made_objective = self._objective(record, objective)
                objectives.append(replace(made_objective, check_ins=history.get(record.key, ())))
            elif record.type is Type.INITIATIVE:
                if objective:
                    initiatives[objective].append(
                        ImportedInitiative(
                            key=record.key,
                            where=record.where,
                            title=record.title,
                            about=record.about,
                            check_ins=history.get(record.key, ()),
                            ending=record.ending,
                            wanted=record.wanted,
                        )
                    )
            else:
                made = replace(self._key_result(record), check_ins=history.get(record.key, ()))
                if objective:
                    below[objective].append(made)
                    weights[objective].append(self._weight(record))
                else:
                    kpis.append(made)
        for key, siblings in below.items():
            below[key] = list(self._weighed(siblings, weights[key], kpis))
        return ImportedTree(
            objectives=tuple(
                replace(made, key_results=tuple(below[made.key]), initiatives=tuple(initiatives[made.key]))
                for made in objectives
            ),
            kpis=tuple(kpis),
            skipped=tuple(self._skipped),
            notes=tuple(self._notes),
        )

    # -- what stays out -----------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Objectives first: what hangs below one that is skipped has to know."""
        order = sorted(self._records.values(), key=lambda record: record.type is not Type.OBJECTIVE)
        for record in [record for record in order if not self._keep(record)]:
            del self._records[record.key]
        # An initiative may hang below a key result that was just left out.
        for record in list(self._records.values()):
            if record.type is Type.INITIATIVE and self._objective_of(record) is None:
                why = record.lost_parent or "no objective above it was imported"
                self._skip(record.where, f"{why}: an initiative needs an objective")
                del self._records[record.key]
        for record in self._records.values():
            self._tell_parents(record)

    def _keep(self, record: Record) -> bool:
        try:
            period = self._period(record)
            if period is None and record.type is not Type.INITIATIVE:
                raise BadValue("it has no time period, and no objective above it has one: write 2026-Q4")
            if record.type is not Type.OBJECTIVE:
                self._aims[record.key] = aim_of(record)
        except BadValue as error:
            if record.type is Type.INITIATIVE:
                self._note(record.where, f"imported without a value: {error}")
                return True
            self._skip(record.where, str(error))
            return False
        if period:
            self._periods[record.key] = period
        return True

    def _period(self, record: Record) -> Period | None:
        if record.period:
            return record.period
        return next((above.period for above in self._above(record) if above.period), None)

    # -- parents ------------------------------------------------------------------------------------------------

    def _above(self, record: Record) -> Iterator[Record]:
        """Whatever is above it, nearest first, each once, also where the file goes in circles."""
        seen = {record.key}
        level = [record]
        while level:
            following: list[Record] = []
            for key in (parent for one in level for parent in one.parents):
                if key not in seen and key in self._records:
                    seen.add(key)
                    following.append(self._records[key])
            yield from following
            level = following

    def _objective_of(self, record: Record) -> str | None:
        return next((above.key for above in self._above(record) if above.type is Type.OBJECTIVE), None)

    def _tell_parents(self, record: Record) -> None:
        objective = self._objective_of(record)
        what = (
            "it is imported without a parent"
            if record.type is Type.OBJECTIVE
            else "it is kept as a KPI, which does not count in any roll-up"
        )
        if objective is None and record.type is not Type.INITIATIVE:
            if record.lost_parent or record.parents:
                lost = record.lost_parent or f"its parent {record.parents[0]} was not imported, or is not in the file"
                self._note(record.where, f"{lost}: {what}")
            elif record.type is Type.KEY_RESULT:
                self._note(record.where, f"it has no objective: {what}")
        elif objective is not None and objective != record.parents[0]:
            self._note(
                record.where, f"its parent is {record.parents[0]}; its nearest objective, {objective}, is used instead"
            )
        if objective is not None and len(record.parents) > 1:
            others = ", ".join(key for key in record.parents if key != objective)
            self._note(record.where, f"an OKR file allows one parent: {objective} is kept, {others} left out")

    # -- what goes in -------------------------------------------------------------------------------------------

    def _objective(self, record: Record, parent: str | None) -> ImportedObjective:
        if parent and self._is_circular(record.key, parent):
            self._note(record.where, f"its parent {parent} is also its descendant: it is imported without a parent")
            self._records[record.key] = replace(record, parents=())
            parent = None
        level = record.level or (Level.TEAM if parent else Level.COMPANY)
        return ImportedObjective(
            key=record.key,
            where=record.where,
            title=record.title,
            period=self._periods[record.key],
            level=level,
            kind=record.kind,
            about=record.about,
            parent=parent,
            ending=record.ending,
            wanted=record.wanted,
        )

    def _is_circular(self, key: str, parent: str) -> bool:
        """Follows the parents that will be written, which are fewer than those of the file."""
        seen: set[str] = set()
        step: str | None = parent
        while step is not None and step not in seen:
            if step == key:
                return True
            seen.add(step)
            step = self._objective_of(self._records[step])
        return False

    def _key_result(self, record: Record) -> ImportedKeyResult:
        aim = self._aims[record.key]
        period = self._periods[record.key]
        return ImportedKeyResult(
            key=record.key,
            where=record.where,
            title=record.title,
            period=period,
            unit=aim.unit,
            start=aim.start,
            target=aim.target,
            stay_above=aim.stay_above,
            stay_below=aim.stay_below,
            baseline=aim.baseline,
            about=record.about,
            phases=self._phases(record, aim, period),
            is_share_of_work=record.is_share_of_work,
            ending=record.ending,
            wanted=record.wanted,
        )

    def _phases(self, record: Record, aim: Aim, period: Period) -> tuple[tuple[date, Decimal], ...]:
        try:
            return phases_of(record, aim, period)
        except BadValue as error:
            self._note(record.where, f"its phased targets are left out: {error}")
            return ()

    def _weight(self, record: Record) -> Decimal | None:
        try:
            return weight_of(record.weight)
        except BadValue as error:
            self._note(record.where, f"{error}: 1 is used instead")
            return Decimal(1)

    def _weighed(
        self, siblings: list[ImportedKeyResult], weights: list[Decimal | None], kpis: list[ImportedKeyResult]
    ) -> Iterator[ImportedKeyResult]:
        """Equal weights are no weights: an export that names none of them writes 0% at each."""
        if len(set(weights)) == 1:
            yield from siblings
            return
        for made, weight in zip(siblings, weights, strict=True):
            if weight == 0:
                self._note(made.where, "its weight is 0: it is kept as a KPI, which does not count in any roll-up")
                kpis.append(made)
            else:
                yield replace(made, weight=Decimal(1) if weight is None else weight)
