"""From the forms of all OKR files to objectives, key results and their sources: names, units, formulas, parents."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config import measures
from config.binding import Binding
from config.destinations import DestinationReader, Publication
from config.okr_file import CycleForm, InitiativeForm, KeyResultForm, ObjectiveForm, OkrFile
from config.problems import Problem
from config.queries import Metric, QueryReader
from config.serving import NOT_NAMED, Serving
from config.settings import Connection
from config.suggest import did_you_mean
from config.validate import problems_of
from config.yaml_source import Path_, Source
from mapping.cycles import CALENDAR, Calendar
from mapping.day import FIRST_DAY, LAST_DAY
from mapping.errors import MappingError
from mapping.formula import Formula
from mapping.model import RANGES, Cycle, Key, KeyResult, Kind, Objective, Role, of_objective, parse_cycle
from mapping.parse import is_meant_as_quantity
from mapping.posting import Slot
from mapping.rollup import Part, shares
from mapping.schedule import Schedule, parse_schedule

INLINE = "value"
"""The name of an inline query in the formula that stands for it."""
TARGET = "target"
"""The same for the target's."""
MOST_TWICE = 2
"""Up to so many names in two files are told one by one."""


@dataclass(frozen=True, kw_only=True)
class _Owner:
    """What a key result takes from where it stands."""

    objective: str
    kind: Kind
    period: Cycle
    file: OkrFile
    cancelled: str | None = None


class Resolver:
    """Takes files one by one, then resolves them together. Problems are collected, not raised."""

    def __init__(
        self,
        connections: dict[str, Connection],
        problems: list[Problem],
        unusable: Collection[str] = (),
        calendar: Calendar = CALENDAR,
        serving: Serving = NOT_NAMED,
    ) -> None:
        """`unusable` are the names of connections that are wrong themselves, which has been said."""
        self._problems = problems
        self._calendar = calendar
        self._serving = serving
        self._queries = QueryReader(connections, problems, unusable)
        self._destinations = DestinationReader(connections, problems, unusable)
        self.publications: list[Publication] = []
        self._metrics: dict[str, Metric] = {}
        self._metric_names: set[str] = set()
        self._files: list[tuple[Source, OkrFile, Cycle]] = []
        self._places: dict[str, Problem] = {}
        self._twice: list[tuple[Problem, Problem]] = []
        self._bindings: dict[str, Binding] = {}

    def add(self, source: Source) -> None:
        form = self._form(source)
        # Those that are wrong too: what is wrong with them is said at them, not again where they are used.
        named = source.data.get("metrics") if isinstance(source.data, dict) else None
        self._metric_names |= {str(name) for name in named} if isinstance(named, dict) else set()
        if form is None:
            return
        for name, given in form.metrics.items():
            path: Path_ = ("metrics", name)
            if self._is_new("metric", name, source, path) and (metric := self._queries.read(given, source, path)):
                self._metrics[name] = metric
        cycle = self._cycle(form.cycle, source, ("cycle",))
        self._files.append((source, form, cycle or Cycle(name="?", start=FIRST_DAY, end=LAST_DAY)))

    def _form(self, source: Source) -> OkrFile | None:
        """The file's form. What is wrong in it is reported and left out, so that the rest is looked at too."""
        data = source.data
        try:
            return OkrFile.model_validate(data)
        except ValidationError as error:
            self._problems += problems_of(error, source, (), OkrFile)
            data = _without(data, error)
        try:
            return OkrFile.model_validate(data)
        except ValidationError:
            return None

    def resolve(self) -> tuple[tuple[Objective, ...], tuple[KeyResult, ...], dict[str, Binding]]:
        objectives: dict[str, tuple[Objective, Source, Path_]] = {}
        kpis: list[KeyResult] = []
        for source, form, cycle in self._files:
            for index, given in enumerate(form.objectives):
                path: Path_ = ("objectives", index)
                made = self._objective(given, form, cycle, source, path)
                if self._is_new("objective", given.id, source, (*path, "id")):
                    objectives[given.id] = (made, source, path)
            for index, kpi in enumerate(form.kpis):
                owner = _Owner(objective="", kind=Kind.COMMITTED, period=cycle, file=form)
                found = self._key_result(kpi, owner, Role.KPI, source, ("kpis", index))
                kpis += [found] if found else []
        self._check_parents(objectives)
        self._check_old_ids()
        self._say_what_is_twice()
        self._lead_to_destinations(objectives)
        return tuple(made for made, _, _ in objectives.values()), tuple(kpis), self._bindings

    # -- one by one -------------------------------------------------------------------------------------------

    def _objective(self, given: ObjectiveForm, form: OkrFile, cycle: Cycle, source: Source, path: Path_) -> Objective:
        period = (self._cycle(given.cycle, source, (*path, "cycle")) if given.cycle else None) or cycle
        owner = _Owner(objective=given.id, kind=given.kind, period=period, file=form, cancelled=given.cancelled)
        own = [
            self._key_result(one, owner, Role.KEY_RESULT, source, (*path, "key_results", index))
            for index, one in enumerate(given.key_results)
        ]
        own += [
            self._initiative(one, owner, source, (*path, "initiatives", index))
            for index, one in enumerate(given.initiatives)
            if one.value is not None
        ]
        self._publish(given.publish, of_objective(given.id, period.name), source, path, objective=True)
        measure, share, ranges = None, None, RANGES
        try:
            measure, share = measures.objective_measure(given), measures.share(given.share)
            if measure is not None and given.roll_up == "sum":
                measures.check_sum(measure, [one for one in own if one and one.role is Role.KEY_RESULT])
            ranges = measures.ranges(form.status)
            shares(
                [
                    Part(weight=Decimal(1), progress=None, expected=Decimal(0), status=None, share=one.share)
                    for one in own
                    if one and one.role is Role.KEY_RESULT
                ]
            )
        except MappingError as error:
            self._problems.append(source.problem(path, f"{given.id}: {error}"))
        return Objective(
            id=given.id,
            title=given.title,
            level=given.level,
            kind=given.kind,
            about=measures.about(given),
            cancelled=given.cancelled,
            parent=given.parent,
            period=period,
            key_results=tuple(made for made in own if made),
            initiatives=tuple(one.title for one in given.initiatives if not one.cancelled),
            measure=measure,
            by_sum=given.roll_up == "sum",
            weight=given.weight,
            share=share,
            ranges=ranges,
        )

    def _key_result(
        self, given: KeyResultForm, owner: _Owner, role: Role, source: Source, path: Path_
    ) -> KeyResult | None:
        formula, metrics = self._value(given.value, INLINE, source, (*path, "value"))
        target, more = self._target(given.target, source, (*path, "target"))
        period = (self._cycle(given.cycle, source, (*path, "cycle")) if given.cycle else None) or owner.period
        made: KeyResult | None = None
        try:
            unit, aim = measures.measure(given, target)
            # Made even where the formula is wrong, so that all that is wrong is said at once.
            made = KeyResult(
                id=given.id,
                title=given.title,
                objective=owner.objective,
                role=role,
                unit=unit,
                measure=aim,
                formula=formula or Formula.parse(INLINE),
                period=period,
                about=measures.about(given),
                check_in=given.check_in,
                schedule=self._schedule(given.schedule),
                cancelled=given.cancelled or owner.cancelled,
                was=given.was,
                calendar=self._calendar,
                weight=given.weight,
                share=measures.share(given.share),
                kind=owner.kind,
                phases=measures.phases(given),
                rate=given.rate,
                settle=given.settle,
                ranges=measures.ranges(owner.file.status),
                guards=measures.guards(given.guards, owner.file.guards),
            )
            made.pace  # noqa: B018 - phases are checked against the days
            measures.check_numbers_by_hand(made, target, {**metrics, **more})
        except MappingError as error:
            self._problems.append(source.problem(path, f"{given.id}: {error}"))
        if not self._is_new("key result", given.id, source, (*path, "id")):
            return None
        if made is None or formula is None:
            return None
        self._publish(given.publish, made.key, source, path)
        self._bindings[made.id] = Binding(
            key_result=made,
            metrics={**metrics, **more},
            file=source.file,
            line=source.line(path),
            path=path,
            cases=tuple(given.tests),
        )
        return made

    def _publish(self, given: Any, key: Key, source: Source, path: Path_, *, objective: bool = False) -> None:
        self.publications += self._destinations.read(given, key, source, (*path, "publish"), objective=objective)

    def _target(self, given: Any, source: Source, path: Path_) -> tuple[Formula | None, dict[str, Metric]]:
        """The target as a formula where it is one, or a query."""
        if isinstance(given, dict):
            return self._value(given, TARGET, source, path)
        if not isinstance(given, str) or is_meant_as_quantity(given):
            return None, {}
        return self._value(given, TARGET, source, path)

    def _initiative(self, given: InitiativeForm, owner: _Owner, source: Source, path: Path_) -> KeyResult | None:
        slug = re.sub(r"[^a-z0-9]+", "-", given.title.lower()).strip("-")
        form = KeyResultForm(
            start="0%",
            target="100%",
            **dict(given) | {"id": given.id or f"{owner.objective}.{slug}"[:100]},
        )
        return self._key_result(form, owner, Role.INITIATIVE, source, path)

    def _value(self, given: Any, inline: str, source: Source, path: Path_) -> tuple[Formula | None, dict[str, Metric]]:
        if isinstance(given, dict):
            metric = self._queries.read(given, source, path)
            return (Formula.parse(inline), {inline: metric}) if metric else (None, {})
        try:
            formula = Formula.parse(given if isinstance(given, str) else str(given))
        except MappingError as error:
            self._problems.append(source.problem(path, str(error)))
            return None, {}
        for name in sorted(formula.names - self._metric_names):
            self._problems.append(
                source.problem(path, f"there is no metric {name!r}", did_you_mean(name, self._metric_names))
            )
        return formula, {name: self._metrics[name] for name in sorted(formula.names) if name in self._metrics}

    def _schedule(self, given: str | None) -> Schedule | None:
        return parse_schedule(given, self._serving.quiet) if given else self._serving.schedule

    def _cycle(self, given: str | CycleForm, source: Source, path: Path_) -> Cycle | None:
        try:
            if isinstance(given, str):
                return parse_cycle(given, self._calendar)
            return Cycle(name=given.name, start=measures.day(given.start), end=measures.day(given.end))
        except MappingError as error:
            self._problems.append(source.problem(path, str(error)))
            return None

    # -- all together -----------------------------------------------------------------------------------------

    def _is_new(self, what: str, name: str, source: Source, path: Path_) -> bool:
        here = source.problem(path, f"the {what} {name!r} exists twice")
        first = self._places.setdefault(f"{what} {name}", here)
        if first is not here:
            fix = f"The other one is at {first.file}:{first.line}. Give one of them another name"
            self._twice.append((first, source.problem(path, here.message, fix)))
        return first is here

    def _say_what_is_twice(self) -> None:
        """Of two files that share many names, one is a copy: that is one mistake."""
        by_files: dict[tuple[Path, Path], list[Problem]] = {}
        for first, again in self._twice:
            by_files.setdefault((first.file, again.file), []).append(again)
        for (one, other), found in by_files.items():
            if one == other or len(found) <= MOST_TWICE:
                self._problems += found
                continue
            message = f"{len(found)} names of this file are also in {one}, so one file may be a copy of the other"
            fix = "Remove one of the files, or change the names in one of them"
            self._problems.append(Problem(file=other, line=found[0].line, message=message, fix=fix))

    def _lead_to_destinations(self, objectives: Mapping[str, tuple[Objective, Source, Path_]]) -> None:
        if not self.publications:
            return
        slots: dict[Key, list[Slot]] = {}
        for published in self.publications:
            slots.setdefault(published.key, []).extend(published.slots)
        for name, one in self._bindings.items():
            own = one.key_result.objective
            above = [own, *_ancestors(own, objectives)] if own in objectives else []
            chain = [one.key_result.key, *(of_objective(up, objectives[up][0].period.name) for up in above)]
            due = tuple(slot for key in dict.fromkeys(chain) for slot in slots.get(key, ()))
            if due:
                self._bindings[name] = replace(one, due=due)

    def _check_old_ids(self) -> None:
        sources = {source.file: source for source, _, _ in self._files}
        for one in self._bindings.values():
            was = one.key_result.was
            if was is None:
                continue
            other = self._bindings.get(was)
            if other is not None and other.key_result.period.name == one.key_result.period.name:
                fix = "Remove `was`, or the other one"
                where = (*one.path, "was")
                self._problems.append(
                    sources[one.file].problem(where, f"{was!r} still exists as another key result", fix)
                )

    def _check_parents(self, objectives: Mapping[str, tuple[Objective, Source, Path_]]) -> None:
        for made, source, path in objectives.values():
            if made.parent is None:
                continue
            where = (*path, "parent")
            if made.parent not in objectives:
                self._problems.append(
                    source.problem(
                        where, f"there is no objective {made.parent!r}", did_you_mean(made.parent, objectives)
                    )
                )
            elif made.id in _ancestors(made.id, objectives):
                self._problems.append(
                    source.problem(
                        where,
                        f"{made.id} is its own ancestor through `parent`",
                        "Remove one of the parents in the circle",
                    )
                )


def _without(data: Any, error: ValidationError) -> Any:
    """The data without the list items (and keys outside of any) that an error lies in."""
    dropped = {_item(found["loc"]) for found in error.errors()}

    def kept(value: Any, path: Path_) -> Any:
        if isinstance(value, dict):
            return {key: kept(part, (*path, key)) for key, part in value.items() if (*path, key) not in dropped}
        if isinstance(value, list):
            return [kept(part, (*path, index)) for index, part in enumerate(value) if (*path, index) not in dropped]
        return value

    return kept(data, ())


def _item(loc: Path_) -> Path_:
    last = max((index for index, step in enumerate(loc) if isinstance(step, int)), default=0)
    return loc[: last + 1]


def _ancestors(start: str, objectives: Mapping[str, tuple[Objective, Source, Path_]]) -> Iterator[str]:
    seen: set[str] = set()
    parent = objectives[start][0].parent
    while parent is not None and parent in objectives and parent not in seen:
        seen.add(parent)
        yield parent
        parent = objectives[parent][0].parent
