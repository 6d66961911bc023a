"""A part of an overview: what runs today, or what was asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from mapping.facts import KeyResultView, ObjectiveView, Overview
from mapping.model import Cycle, KeyResult, Level, Objective

EVERY_CYCLE = "all"


@dataclass(frozen=True, kw_only=True)
class Selection:
    """`ids` are of key results or objectives. `cycle` is a cycle's name, EVERY_CYCLE, or None for what runs on `today`;
    ids alone are shown whatever their cycle is. An owner may be named by the part before the @."""

    today: date
    ids: frozenset[str] = frozenset()
    cycle: str | None = None
    owner: str | None = None
    level: Level | None = None
    objective: str | None = None

    def of(self, seen: Overview) -> Overview:
        objectives = filter(None, (self._objective(view) for view in seen.objectives))
        kpis = () if self.level or self.objective else self._kept(seen.kpis, None)
        return replace(seen, objectives=tuple(objectives), kpis=kpis)

    def _objective(self, view: ObjectiveView) -> ObjectiveView | None:
        objective = view.objective
        if self.level not in (None, objective.level) or self.objective not in (None, objective.id):
            return None
        key_results, initiatives = self._kept(view.key_results, objective), self._kept(view.initiatives, objective)
        itself = self._chosen(objective.id) and self._runs(objective.period, 0) and self._owns(objective.about.owners)
        if not (itself or key_results or initiatives):
            return None
        return replace(view, key_results=key_results, initiatives=initiatives)

    def _kept(self, views: Iterable[KeyResultView], of: Objective | None) -> tuple[KeyResultView, ...]:
        return tuple(view for view in views if self._is_kept(view.key_result, of))

    def _is_kept(self, key_result: KeyResult, of: Objective | None) -> bool:
        chosen = self._chosen(key_result.id) or (of is not None and self._chosen(of.id))
        owners = key_result.about.owners or (of.about.owners if of else ())
        # With its objective a key result is shown whose own days are fewer.
        runs = self._runs(key_result.period, key_result.settle) or (of is not None and self._runs(of.period, 0))
        return chosen and runs and self._owns(owners)

    def _chosen(self, key: str) -> bool:
        return not self.ids or key in self.ids

    def _runs(self, period: Cycle, settle: int) -> bool:
        if self.cycle is not None:
            return self.cycle in (EVERY_CYCLE, period.name)
        return bool(self.ids or self.objective) or period.start <= self.today <= _last_day(period, settle)

    def _owns(self, owners: Iterable[str]) -> bool:
        return self.owner is None or any(is_named(self.owner, owner) for owner in owners)


def is_named(asked: str, person: str) -> bool:
    """Whether `ada` or `ada@acme.com` means this person."""
    return asked.casefold() in (person.casefold(), person.casefold().partition("@")[0])


def _last_day(period: Cycle, settle: int) -> date:
    return period.end + timedelta(days=settle)
