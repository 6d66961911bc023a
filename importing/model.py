"""What an import found: the tree, and every row that could not be taken, with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from mapping.about import NOTHING_SAID, About
from mapping.model import Kind, Level
from mapping.records import Closed


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A row that is not in the tree. `where` is its place in the file; `is_okr` is false for a check-in."""

    where: str
    reason: str
    is_okr: bool = True


@dataclass(frozen=True, kw_only=True)
class Note:
    """What became of a row that was taken, but not as it stood."""

    where: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Period:
    """Both days belong to it. `name` is a cycle's short form (2026-Q4) where the days are that cycle's."""

    name: str
    start: date
    end: date
    is_calendar: bool


@dataclass(frozen=True, kw_only=True)
class ImportedCheckIn:
    """What was said at a moment of the export, which is in nobody's zone: a value, a note, or both. A value is in the
    key result's unit, for an initiative as percentage points done; an objective's is kept as it was written."""

    where: str
    at: datetime
    value: Decimal | None = None
    written: str = ""
    by: str | None = None
    note: str | None = None

    @property
    def day(self) -> date:
        return self.at.date()


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How it ended in the product it comes from. `score` is from 0 to 1."""

    outcome: Closed
    score: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class ImportedKeyResult:
    """Either `start` and `target`, or one of the thresholds, or a baseline. `unit` is one that an OKR file may name;
    `phases` are the shares of the way, from 0 to 1, that were expected by a day; `wanted` is the id that the file asked
    for."""

    key: str
    where: str
    title: str
    period: Period
    unit: str
    start: Decimal | None = None
    target: Decimal | None = None
    stay_above: Decimal | None = None
    stay_below: Decimal | None = None
    baseline: bool = False
    about: About = NOTHING_SAID
    weight: Decimal = Decimal(1)
    phases: tuple[tuple[date, Decimal], ...] = ()
    is_share_of_work: bool = False
    check_ins: tuple[ImportedCheckIn, ...] = ()
    ending: Ending | None = None
    wanted: str = ""


@dataclass(frozen=True, kw_only=True)
class ImportedInitiative:
    key: str
    where: str
    title: str
    about: About = NOTHING_SAID
    check_ins: tuple[ImportedCheckIn, ...] = ()
    ending: Ending | None = None
    wanted: str = ""


@dataclass(frozen=True, kw_only=True)
class ImportedObjective:
    """`parent` is the key of an objective that is in the tree too."""

    key: str
    where: str
    title: str
    period: Period
    level: Level
    kind: Kind
    about: About = NOTHING_SAID
    parent: str | None = None
    key_results: tuple[ImportedKeyResult, ...] = ()
    initiatives: tuple[ImportedInitiative, ...] = ()
    check_ins: tuple[ImportedCheckIn, ...] = ()
    ending: Ending | None = None
    wanted: str = ""


@dataclass(frozen=True, kw_only=True)
class ImportedTree:
    """`kpis` are the key results that no objective's progress counts; `others` are rows that are no OKRs, which the
    notes sum up."""

    objectives: tuple[ImportedObjective, ...] = ()
    kpis: tuple[ImportedKeyResult, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[Note, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def lost(self) -> tuple[Skipped, ...]:
        """The rows of objectives, key results and initiatives that are not in the tree."""
        return tuple(one for one in self.skipped if one.is_okr)

    def taken(self) -> Iterator[str]:
        """The place of everything in the tree; with `skipped` and `others` these are all of the file's rows."""
        for item in self.items():
            yield item.where
            yield from (made.where for made in item.check_ins if made.where != item.where)

    def joined(self, other: ImportedTree) -> ImportedTree:
        """With what another one has beside it."""
        return replace(
            self,
            objectives=(*self.objectives, *other.objectives),
            kpis=(*self.kpis, *other.kpis),
            skipped=(*self.skipped, *other.skipped),
            notes=(*self.notes, *other.notes),
            others=(*self.others, *other.others),
        )

    def periods(self) -> list[Period]:
        """Of objectives and key results, the one that ends last last; of several that do the shortest."""
        found = {one.period for one in self.items() if not isinstance(one, ImportedInitiative)}
        return sorted(found, key=lambda one: (one.end, one.start, one.name))

    def items(self) -> Iterator[ImportedObjective | ImportedKeyResult | ImportedInitiative]:
        yield from self.objectives
        yield from self.kpis
        for objective in self.objectives:
            yield from objective.key_results
            yield from objective.initiatives
