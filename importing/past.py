"""What an export tells of the past, in the words of our own history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from config.load import Workspace
from importing.model import (
    Ending,
    ImportedCheckIn,
    ImportedInitiative,
    ImportedKeyResult,
    ImportedObjective,
    ImportedTree,
    Note,
)
from mapping.assess import CheckIn, by_hand
from mapping.day import end_of, instant_of
from mapping.errors import MappingError
from mapping.model import Key, KeyResult, of_objective
from mapping.parse import parse_unit
from mapping.progress import score
from mapping.quantity import Quantity
from mapping.records import NOTE, Action, Closing

Item = ImportedObjective | ImportedKeyResult | ImportedInitiative


@dataclass(frozen=True, kw_only=True)
class Past:
    """Each oldest first. `about` says of each key result who moved its past in, and `left_out` of values why they can't
    be kept."""

    check_ins: tuple[CheckIn, ...]
    actions: tuple[Action, ...]
    closings: tuple[Closing, ...]
    about: tuple[Action, ...]
    left_out: tuple[Note, ...]


def past_of(
    tree: ImportedTree,
    ids: Mapping[str, str],
    workspace: Workspace,
    *,
    source: str,
    by: str,
    at: datetime,
    details: Mapping[str, str],
) -> Past:
    """`workspace` holds the files that were made of the tree. Of a value that bears no name, `source` is who said it.
    `at` is now: nothing is of later. `by` moves it in, with `details`."""
    made = _Past(workspace, source, at)
    of = {one.key: objective.period for objective in tree.objectives for one in objective.initiatives}
    for item in tree.items():
        period = of[item.key] if isinstance(item, ImportedInitiative) else item.period
        key = Key(ids[item.key], period.name)
        made.add(item, of_objective(*key) if isinstance(item, ImportedObjective) else key, period.end)
    return Past(
        check_ins=tuple(sorted(made.check_ins, key=lambda one: one.at)),
        actions=tuple(sorted(made.actions, key=lambda one: one.at)),
        closings=tuple(made.closings),
        about=tuple(
            Action(key_result=key.id, cycle=key.cycle, at=at, by=by, action="moved in", details=details)
            for key in sorted({one.key for one in (*made.check_ins, *made.actions)})
        ),
        left_out=tuple(made.left_out),
    )


class _Past:
    def __init__(self, workspace: Workspace, source: str, at: datetime) -> None:
        self._workspace = workspace
        self._source = source
        self._at = at
        self.check_ins: list[CheckIn] = []
        self.actions: list[Action] = []
        self.closings: list[Closing] = []
        self.left_out: list[Note] = []

    def add(self, item: Item, key: Key, end: date) -> None:
        last: CheckIn | None = None
        for said in item.check_ins:
            binding = self._workspace.bindings.get(key.id)
            if isinstance(item, ImportedObjective) or said.value is None or binding is None:
                self._note(said, key)
                continue
            try:
                last = self._check_in(
                    said, binding.key_result, "%" if isinstance(item, ImportedInitiative) else item.unit, last
                )
            except MappingError as error:
                self.left_out.append(Note(where=said.where, text=f"left out of the history: {error}"))
                continue
            self.check_ins.append(last)
        if item.ending is not None:
            self._close(item, item.ending, key, end, last)

    def _moment(self, said: ImportedCheckIn) -> datetime:
        return min(instant_of(said.at, self._workspace.time_zone), self._at)

    def _check_in(self, said: ImportedCheckIn, key_result: KeyResult, unit: str, last: CheckIn | None) -> CheckIn:
        source = parse_unit(unit)
        assert said.value is not None  # noqa: S101 - the caller has looked
        # It was recorded once, however odd it looks.
        unguarded = replace(key_result, guards=replace(key_result.guards, plausible=False))
        return by_hand(
            unguarded,
            Quantity(said.value * source.factor, source.unit),
            last,
            self._moment(said),
            by=said.by or self._source,
            zone=self._workspace.time_zone,
            note=said.note,
        )

    def _note(self, said: ImportedCheckIn, key: Key) -> None:
        details = {"value": said.written, "note": said.note}
        told = {name: text for name, text in details.items() if text}
        by, at = said.by or self._source, self._moment(said)
        self.actions.append(Action(key_result=key.id, cycle=key.cycle, at=at, by=by, action=NOTE, details=told))

    def _close(self, item: Item, ending: Ending, key: Key, end: date, last: CheckIn | None) -> None:
        """At the end of its period's last day, or with the last word on it, if that came later."""
        zone = self._workspace.time_zone
        moments = [end_of(end, zone), *(instant_of(one.at, zone) for one in item.check_ins)]
        suggested = score(last.progress) if last is not None and last.progress is not None else None
        closing = Closing(
            cycle=key.cycle,
            key_result=key.id,
            at=min(max(moments), self._at),
            by=item.about.owner or self._source,
            outcome=ending.outcome,
            suggested=suggested,
            score=suggested if ending.score is None else ending.score,
        )
        self.closings.append(closing)
