"""From the forms of all OKR files to objectives, key results and their sources: names, units, formulas, parents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from config.okr_file import CycleForm, InitiativeForm, KeyResultForm, ObjectiveForm, OkrFile
from config.problems import Problem
from config.queries import Metric, QueryReader
from config.settings import Connection
from config.suggest import did_you_mean
from config.validate import field_names, problems_of
from config.yaml_source import Path_, Source
from mapping.errors import MappingError
from mapping.formula import Formula
from mapping.model import Cycle, KeyResult, Measure, Objective, Role, StayAbove, StayBelow, Toward, parse_cycle
from mapping.parse import SourceUnit, parse_quantity, parse_unit
from mapping.quantity import Quantity
from mapping.units import NUMBER, Dimension, Unit

_KEYS = field_names(OkrFile, ObjectiveForm, KeyResultForm, InitiativeForm, CycleForm)
INLINE = "value"
"""The name of an inline query in the formula that stands for it."""


@dataclass(frozen=True, kw_only=True)
class Binding:
    """A key result and, by the names in its formula, the metrics it is made of."""

    key_result: KeyResult
    metrics: Mapping[str, Metric]
    source: Source
    path: Path_


class Resolver:
    """Takes files one by one, then resolves them together. Problems are collected, not raised."""

    def __init__(self, connections: dict[str, Connection], problems: list[Problem]) -> None:
        self._problems = problems
        self._queries = QueryReader(connections, problems)
        self._metrics: dict[str, Metric] = {}
        self._files: list[tuple[Source, OkrFile, Cycle]] = []
        self._places: dict[str, Problem] = {}
        self._bindings: dict[str, Binding] = {}

    def add(self, source: Source) -> None:
        form = self._form(source)
        if form is None:
            return
        for name, given in form.metrics.items():
            path: Path_ = ("metrics", name)
            if self._is_new("metric", name, source, path) and (metric := self._queries.read(given, source, path)):
                self._metrics[name] = metric
        cycle = self._cycle(form.cycle, source, ("cycle",))
        self._files.append((source, form, cycle or Cycle(name="?", start=date.min, end=date.max)))

    def _form(self, source: Source) -> OkrFile | None:
        """The file's form. What is wrong in it is reported and left out, so that the rest is looked at too."""
        data = source.data
        try:
            return OkrFile.model_validate(data)
        except ValidationError as error:
            self._problems += problems_of(error, source, (), _KEYS)
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
                made = self._objective(given, cycle, source, path)
                if self._is_new("objective", given.id, source, (*path, "id")):
                    objectives[given.id] = (made, source, path)
            for index, kpi in enumerate(form.kpis):
                found = self._key_result(kpi, "", Role.KPI, cycle, source, ("kpis", index))
                kpis += [found] if found else []
        self._check_parents(objectives)
        return tuple(made for made, _, _ in objectives.values()), tuple(kpis), self._bindings

    # -- one by one -------------------------------------------------------------------------------------------

    def _objective(self, given: ObjectiveForm, cycle: Cycle, source: Source, path: Path_) -> Objective:
        period = (self._cycle(given.cycle, source, (*path, "cycle")) if given.cycle else None) or cycle
        own = [
            self._key_result(form, given.id, Role.KEY_RESULT, period, source, (*path, "key_results", index))
            for index, form in enumerate(given.key_results)
        ]
        own += [
            self._initiative(form, given.id, period, source, (*path, "initiatives", index))
            for index, form in enumerate(given.initiatives)
            if form.value is not None
        ]
        return Objective(
            id=given.id,
            title=given.title,
            level=given.level,
            kind=given.kind,
            owner=given.owner,
            parent=given.parent,
            period=period,
            key_results=tuple(made for made in own if made),
        )

    def _key_result(
        self, given: KeyResultForm, objective: str, role: Role, period: Cycle, source: Source, path: Path_
    ) -> KeyResult | None:
        try:
            unit, measure = _measure(given)
        except MappingError as error:
            self._problems.append(source.problem(path, f"{given.id}: {error}"))
            unit, measure = None, None
        formula, metrics = self._value(given.value, source, (*path, "value"))
        if not self._is_new("key result", given.id, source, (*path, "id")):
            return None
        if unit is None or measure is None or formula is None:
            return None
        made = KeyResult(
            id=given.id,
            title=given.title,
            objective=objective,
            role=role,
            unit=unit,
            measure=measure,
            formula=formula,
            period=period,
            owner=given.owner,
            weight=given.weight,
        )
        self._bindings[made.id] = Binding(key_result=made, metrics=metrics, source=source, path=path)
        return made

    def _initiative(
        self, given: InitiativeForm, objective: str, period: Cycle, source: Source, path: Path_
    ) -> KeyResult | None:
        slug = re.sub(r"[^a-z0-9]+", "-", given.title.lower()).strip("-")
        form = KeyResultForm(
            id=given.id or f"{objective}.{slug}"[:100],
            title=given.title,
            start="0%",
            target="100%",
            value=given.value,
            owner=given.owner,
        )
        return self._key_result(form, objective, Role.INITIATIVE, period, source, path)

    def _value(self, given: Any, source: Source, path: Path_) -> tuple[Formula | None, dict[str, Metric]]:
        if isinstance(given, dict):
            metric = self._queries.read(given, source, path)
            return (Formula.parse(INLINE), {INLINE: metric}) if metric else (None, {})
        try:
            formula = Formula.parse(given if isinstance(given, str) else str(given))
        except MappingError as error:
            self._problems.append(source.problem(path, str(error)))
            return None, {}
        for name in sorted(formula.names - self._known_metrics()):
            self._problems.append(
                source.problem(path, f"there is no metric {name!r}", did_you_mean(name, self._known_metrics()))
            )
        return formula, {name: self._metrics[name] for name in sorted(formula.names) if name in self._metrics}

    def _known_metrics(self) -> frozenset[str]:
        return frozenset(key.removeprefix("metric ") for key in self._places if key.startswith("metric "))

    def _cycle(self, given: str | CycleForm, source: Source, path: Path_) -> Cycle | None:
        try:
            if isinstance(given, str):
                return parse_cycle(given)
            return Cycle(name=given.name, start=_day(given.start), end=_day(given.end))
        except MappingError as error:
            self._problems.append(source.problem(path, str(error)))
            return None

    # -- all together -----------------------------------------------------------------------------------------

    def _is_new(self, what: str, name: str, source: Source, path: Path_) -> bool:
        here = source.problem(path, f"the {what} {name!r} is there twice")
        first = self._places.setdefault(f"{what} {name}", here)
        if first is not here:
            fix = f"The other one is at {first.file}:{first.line}; give one another name"
            self._problems.append(source.problem(path, here.message, fix))
        return first is here

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
                self._problems.append(source.problem(where, f"{made.id} is its own ancestor", "Break the circle"))


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


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise MappingError(f"{text!r} is no day: write 2026-10-01") from None


def _measure(given: KeyResultForm) -> tuple[Unit, Measure]:
    """The measure and its unit: the written one, or that of the first value that has one."""
    written = [given.start, given.target, given.stay_above, given.stay_below, given.risk]
    source = parse_unit(given.unit) if given.unit else None
    if source is None:
        units = [parse_quantity(value).unit for value in written if value is not None]
        source = SourceUnit(next((unit for unit in units if unit != NUMBER), NUMBER))
    toward = given.target is not None or given.start is not None
    if [toward, given.stay_above is not None, given.stay_below is not None].count(True) != 1:
        raise MappingError("write either start and target, or stay_above, or stay_below")
    risk = None if given.risk is None else _quantity(given.risk, source)
    if toward:
        if given.start is None or given.target is None:
            raise MappingError("write both start and target")
        if risk is not None:
            raise MappingError("risk belongs to stay_above or stay_below")
        return source.unit, Toward(start=_quantity(given.start, source), target=_quantity(given.target, source))
    if given.stay_above is not None:
        return source.unit, StayAbove(threshold=_quantity(given.stay_above, source), risk=risk)
    assert given.stay_below is not None  # noqa: S101 - one of the ways is given
    return source.unit, StayBelow(threshold=_quantity(given.stay_below, source), risk=risk)


def _quantity(value: Any, source: SourceUnit) -> Quantity:
    """A bare number is so many of the unit: 80 with `unit: "%"` is 80%, 3 with `unit: hours` three hours."""
    counted = source.factor != 1 or source.unit.dimension is Dimension.DURATION
    if counted and not isinstance(value, str):
        return Quantity(parse_quantity(value).amount * source.factor, source.unit)
    return parse_quantity(value, source.unit)
