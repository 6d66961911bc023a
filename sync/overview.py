"""What is known now: objectives with their key results, as last recorded, rolled up. For everything that shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

from config.by_hand import hand_made
from config.load import Workspace
from mapping.assess import CheckIn, measure_of
from mapping.day import Zone, day_of
from mapping.errors import MappingError
from mapping.facts import KeyResultView, NamedPart, ObjectiveView, Overview
from mapping.model import Baseline, Key, KeyResult, Level, Objective, Open, Role, Status, Toward
from mapping.progress import expected, progress, status
from mapping.records import Action, Candidate, Closing, KeyResultOutcome, Said
from mapping.rollup import Part, RollUp, objective_value, roll_up, roll_up_sum, shares
from sync.aging import Passes
from sync.aging import age as age_of_value
from sync.gone import NOTHING_GONE, Gone
from sync.store.store import Store

NOTHING_NEW: Mapping[Key, CheckIn] = MappingProxyType({})
CLOSED = {"closed": Status.CLOSED, "postponed": Status.POSTPONED, "cancelled": Status.CANCELLED}


@dataclass(frozen=True, kw_only=True)
class _Known:
    check_ins: Mapping[Key, CheckIn]
    outcomes: Mapping[Key, KeyResultOutcome]
    candidates: Mapping[Key, Candidate]
    pinned: Mapping[Key, Action]
    closings: Mapping[Key, Closing]
    passes: Passes
    by_hand: frozenset[str]
    at: datetime
    notes: Mapping[Key, Said]
    confidences: Mapping[Key, Said]
    zone: Zone
    today: date
    is_gone: bool = False
    """Nobody asks for it any more."""


@dataclass
class _Roller:
    """Rolls objectives up, those that serve another before it."""

    objectives: Iterable[Objective]
    known: _Known
    done: dict[str, ObjectiveView] = field(default_factory=dict)
    serving: dict[str | None, list[Objective]] = field(init=False)

    def __post_init__(self) -> None:
        self.serving = {}
        for one in self.objectives:
            self.serving.setdefault(one.parent, []).append(one)

    def view(self, objective: Objective) -> ObjectiveView:
        if objective.id not in self.done:
            self.done[objective.id] = self._made(objective)
        return self.done[objective.id]

    def _made(self, objective: Objective) -> ObjectiveView:
        own = _views(objective.key_results, Role.KEY_RESULT, self.known)
        aligned = [self.view(one) for one in self.serving.get(objective.id, ()) if not one.cancelled]
        going = [seen for seen in own if not seen.key_result.cancelled or objective.cancelled]
        counted = [seen for seen in going if not isinstance(seen.key_result.measure, Baseline)]
        parts = [*map(_part, counted), *map(_objective_part, aligned)]
        rolled = roll_up(parts, objective.ranges)
        if objective.measure is not None:
            rolled = self._with_number(objective, objective.measure, tuple(going), aligned, rolled)
        if objective.cancelled:
            rolled = replace(rolled, status=Status.CANCELLED)
        return ObjectiveView(
            objective=objective,
            key_results=own,
            initiatives=_views(objective.key_results, Role.INITIATIVE, self.known),
            roll_up=rolled,
            aligned=tuple(seen.objective.id for seen in aligned),
            parts=_named([seen.key_result for seen in counted] + [seen.objective for seen in aligned], parts),
        )

    def _with_number(
        self,
        objective: Objective,
        measure: Toward,
        own: tuple[KeyResultView, ...],
        aligned: list[ObjectiveView],
        rolled: RollUp,
    ) -> RollUp:
        if not objective.by_sum:
            return objective_value(measure, rolled)
        addends = [_part(seen) for seen in own if isinstance(seen.key_result.measure, Toward | Open)]
        addends += [_objective_part(seen) for seen in aligned if seen.objective.measure is not None]
        try:
            return roll_up_sum(measure, addends, rolled, objective.ranges)
        except MappingError:
            # A value of before the OKR file named another unit can't be added; the next pass brings a new one.
            return replace(rolled, progress=None, status=None, value=None)


def overview(
    workspace: Workspace,
    store: Store,
    at: datetime,
    gone: Gone = NOTHING_GONE,
    *,
    until: datetime | None = None,
    new: Mapping[Key, CheckIn] = NOTHING_NEW,
) -> Overview:
    """Of what the files name, and beside it what is `gone` from them. `until` tells what was known at that moment,
    measured as the OKR files say now. `new` are check-ins that are not recorded yet.
    """
    known = _Known(
        check_ins={**store.last_check_ins(until=until), **new},
        outcomes=store.last_outcomes(until),
        candidates=store.people.candidates(until),
        pinned=store.people.pinned(until),
        closings=store.people.closings(until),
        notes=store.people.said("note", until),
        confidences=store.people.said("confidence", until),
        passes=Passes.of(store, until),
        by_hand=hand_made(workspace),
        at=at,
        zone=workspace.time_zone,
        today=day_of(at, workspace.time_zone),
    )
    of_gone = replace(known, is_gone=True)
    return Overview(
        at=at,
        objectives=(*_rolled(workspace.objectives, known), *_gone(gone.objectives, of_gone)),
        kpis=(*_views(workspace.kpis, Role.KPI, known), *_views(gone.kpis, Role.KPI, of_gone)),
        last_run=store.last_run(until),
    )


def _rolled(objectives: Iterable[Objective], known: _Known) -> list[ObjectiveView]:
    roller = _Roller(objectives=objectives, known=known)
    return [roller.view(one) for one in sorted(objectives, key=_from_the_top)]


def _gone(objectives: Iterable[Objective], known: _Known) -> Iterator[ObjectiveView]:
    """Each cycle by itself: an id may have been used in several."""
    by_cycle: dict[str, list[Objective]] = {}
    for one in objectives:
        by_cycle.setdefault(one.period.name, []).append(one)
    for own in by_cycle.values():
        yield from (replace(view, in_files=False) for view in _rolled(own, known))


def _views(key_results: Iterable[KeyResult], role: Role, known: _Known) -> tuple[KeyResultView, ...]:
    return tuple(_view(key_result, known) for key_result in key_results if key_result.role is role)


def _view(key_result: KeyResult, known: _Known) -> KeyResultView:
    key = key_result.key
    outcome, candidate, made = known.outcomes.get(key), known.candidates.get(key), known.check_ins.get(key)
    closing = known.closings.get(key)
    due = expected(key_result.pace, known.today)
    now, standing = _now(key_result, made, known.today)
    pinned = known.pinned.get(key)
    age = age_of_value(
        key_result, made, outcome, known.passes, known.at, known.zone,
        by_hand=pinned is not None or key_result.id in known.by_hand,
        ended=known.is_gone or closing is not None or key_result.cancelled is not None,
    )  # fmt: skip
    return KeyResultView(
        key_result=key_result,
        check_in=made,
        progress=now,
        expected=due,
        status=CLOSED[closing.outcome] if closing else Status.CANCELLED if key_result.cancelled else standing,
        stale=outcome
        if outcome and outcome.state not in ("current", "pinned") and not (closing or key_result.cancelled)
        else None,
        age=age,
        beside=candidate if candidate and candidate.state in ("held", "pinned") else None,
        pinned=pinned,
        closing=closing,
        note=known.notes.get(key),
        confidence=known.confidences.get(key),
    )


def _now(key_result: KeyResult, made: CheckIn | None, today: date) -> tuple[Decimal | None, Status | None]:
    """Progress and status of the recorded value today."""
    if made is None:
        return None, Status.NOT_STARTED if today < key_result.period.start else None
    try:
        measure = measure_of(key_result, made)
        now = status(measure, made.value, key_result.pace, today, ranges=key_result.ranges, kind=key_result.kind)
        return progress(measure, made.value), now
    except MappingError:
        # The OKR file was given another unit since; the next pass tells.
        return made.progress, made.status


def _from_the_top(objective: Objective) -> int:
    return list(Level).index(objective.level)


def _named(of: Iterable[KeyResult | Objective], parts: Sequence[Part]) -> tuple[NamedPart, ...]:
    return tuple(
        NamedPart(id=one.id, title=one.title, share=share, progress=part.progress, status=part.status)
        for one, part, share in zip(of, parts, shares(parts), strict=True)
    )


def _part(seen: KeyResultView) -> Part:
    """A value that is older than it may be has no part in a mean."""
    return Part(
        weight=seen.key_result.weight,
        share=seen.key_result.share,
        progress=seen.progress if seen.age.counts else None,
        expected=seen.expected,
        status=seen.status,
        value=seen.check_in.value if seen.check_in else None,
    )


def _objective_part(seen: ObjectiveView) -> Part:
    return Part(
        weight=seen.objective.weight,
        share=seen.objective.share,
        progress=seen.roll_up.progress,
        expected=seen.roll_up.expected or Decimal(0),
        status=seen.roll_up.status,
        value=seen.roll_up.value,
    )
