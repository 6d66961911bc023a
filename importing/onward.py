"""The cycle after: what was not reached goes on in it, from where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from decimal import Decimal

from importing.model import (
    ImportedCheckIn,
    ImportedInitiative,
    ImportedKeyResult,
    ImportedObjective,
    ImportedTree,
    Note,
    Period,
)

_ALIKE = Decimal("1.5")
"""Periods whose lengths differ by no more than this factor are of one kind: quarters, years."""


def last_before(tree: ImportedTree, into: Period) -> Period | None:
    """The last period of the tree that ended before, of the same length if there is one, so that a quarter follows a
    quarter. None where there is none."""
    over = [one for one in {item.period for item in _dated(tree)} if one.end < into.start]
    alike = [one for one in over if _days(into) / _ALIKE <= _days(one) <= _days(into) * _ALIKE]
    return max(alike or over, key=lambda one: (one.end, one.start, one.name), default=None)


def carried(tree: ImportedTree, ids: Mapping[str, str], last: Period, into: Period) -> ImportedTree:
    """What is carried from `last` into the cycle `into`, alone. `ids` are those of the tree."""
    return _Carrying(ids, last, into).of(tree)


@dataclass
class _Carrying:
    ids: Mapping[str, str]
    last: Period
    into: Period
    notes: list[Note] = field(default_factory=list)
    numbered: list[str] = field(default_factory=list)

    def of(self, tree: ImportedTree) -> ImportedTree:
        found = list(filter(None, map(self._objective, tree.objectives)))
        keys = {one.key for one in found}
        objectives = [one if one.parent in keys else self._alone(one) for one in found]
        kpis = tuple(self._key_results(tree.kpis))
        if self.numbered:
            told = f"titles with numbers that may be out of date: {', '.join(self.numbered)}"
            self.notes.append(Note(where=self.into.name, text=told))
        return ImportedTree(objectives=tuple(objectives), kpis=kpis, notes=tuple(self.notes))

    def _objective(self, made: ImportedObjective) -> ImportedObjective | None:
        key_results = tuple(self._key_results(made.key_results))
        if not key_results and (made.period != self.last or made.key_results):
            return None
        initiatives = made.initiatives if made.period == self.last else ()
        return replace(
            made,
            key=self._key(made.key),
            wanted=self._id(made.key),
            period=self.into,
            parent=self._key(made.parent) if made.parent else None,
            key_results=key_results,
            initiatives=tuple(self._initiative(one) for one in initiatives if not _is_done(one)),
            check_ins=(),
            ending=None,
        )

    def _alone(self, made: ImportedObjective) -> ImportedObjective:
        if made.parent:
            self.notes.append(Note(where=made.where, text=f"its parent is not carried over into {self.into.name}"))
        return replace(made, parent=None)

    def _key_results(self, given: Iterable[ImportedKeyResult]) -> Iterator[ImportedKeyResult]:
        for made in given:
            if made.period != self.last:
                continue
            stands = _last(made.check_ins)
            if stands and _is_reached(made, stands.value or Decimal(0)):
                text = (
                    f"it has reached its target, so it is not carried over into {self.into.name}: give it a new target"
                )
                self.notes.append(Note(where=made.where, text=text))
                continue
            yield self._key_result(made, stands)

    def _key_result(self, made: ImportedKeyResult, stands: ImportedCheckIn | None) -> ImportedKeyResult:
        if made.is_share_of_work:
            stands = ImportedCheckIn(where=made.where, at=datetime.combine(self.into.start, time()), value=Decimal(0))
        goes_on = made.start is not None and stands is not None
        if re.search(r"\d", made.title):
            self.numbered.append(self._id(made.key))
        return replace(
            made,
            key=self._key(made.key),
            wanted=self._id(made.key),
            period=self.into,
            start=stands.value if goes_on and stands else made.start,
            phases=(),
            check_ins=(self._carried(stands),) if stands else (),
            ending=None,
        )

    def _initiative(self, made: ImportedInitiative) -> ImportedInitiative:
        stands = _last(made.check_ins)
        said = (self._carried(stands),) if stands else ()
        return replace(made, key=self._key(made.key), wanted=self._id(made.key), check_ins=said)

    def _carried(self, said: ImportedCheckIn) -> ImportedCheckIn:
        return replace(said, note=f"carried over from {self.last.name}")

    def _key(self, key: str) -> str:
        return f"{key} in {self.into.name}"

    def _id(self, key: str) -> str:
        return f"{self.ids[key].removesuffix(f'-{self.last.name}')[:80]}-{self.into.name}"


def _dated(tree: ImportedTree) -> Iterator[ImportedObjective | ImportedKeyResult]:
    yield from (item for item in tree.items() if not isinstance(item, ImportedInitiative))


def _days(period: Period) -> int:
    return (period.end - period.start).days + 1


def _last(said: Iterable[ImportedCheckIn]) -> ImportedCheckIn | None:
    return next((one for one in reversed([*said]) if one.value is not None), None)


def _is_reached(made: ImportedKeyResult, value: Decimal) -> bool:
    if made.start is None or made.target is None:
        return False
    return value >= made.target if made.target > made.start else value <= made.target


def _is_done(made: ImportedInitiative) -> bool:
    last = _last(made.check_ins)
    closed = made.ending is not None and made.ending.outcome == "closed"
    return closed or (last is not None and last.value is not None and last.value >= 100)
