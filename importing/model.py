"""What an import found: the tree, and every row that could not be taken, with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mapping.model import Kind, Level


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A row that is not in the tree. `where` is its place in the file."""

    where: str
    reason: str


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
    """A known value: in the key result's unit, for an initiative as percentage points done."""

    where: str
    day: date
    value: Decimal


@dataclass(frozen=True, kw_only=True)
class ImportedKeyResult:
    """Either `start` and `target`, or one of the thresholds, or a baseline. `unit` is one that an OKR file may name;
    `wanted` the id that the file asked for."""

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
    owner: str | None = None
    weight: Decimal = Decimal(1)
    check_ins: tuple[ImportedCheckIn, ...] = ()
    wanted: str = ""


@dataclass(frozen=True, kw_only=True)
class ImportedInitiative:
    key: str
    where: str
    title: str
    owner: str | None = None
    check_ins: tuple[ImportedCheckIn, ...] = ()
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
    owner: str | None = None
    parent: str | None = None
    key_results: tuple[ImportedKeyResult, ...] = ()
    initiatives: tuple[ImportedInitiative, ...] = ()
    wanted: str = ""


@dataclass(frozen=True, kw_only=True)
class ImportedTree:
    """`kpis` are the key results that no objective's progress counts."""

    objectives: tuple[ImportedObjective, ...] = ()
    kpis: tuple[ImportedKeyResult, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[Note, ...] = ()

    def taken(self) -> Iterator[str]:
        """The place of everything in the tree; with `skipped` these are all of the file's rows."""
        measured: list[ImportedKeyResult | ImportedInitiative] = list(self.kpis)
        for objective in self.objectives:
            yield objective.where
            measured += [*objective.key_results, *objective.initiatives]
        for item in measured:
            yield item.where
            yield from (made.where for made in item.check_ins if made.where != item.where)
