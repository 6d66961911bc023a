"""What is postponed, as OKR files of the cycles that follow: the same rules, from where the numbers stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from config.load import Binding, Workspace
from config.yaml_source import Source, read
from config.yaml_text import flow, text
from mapping.cycles import CALENDAR, Calendar
from mapping.errors import MappingError
from mapping.facts import KeyResultView, ObjectiveReport
from mapping.format import format_quantity
from mapping.model import Cycle, Objective, Open, Toward, parse_cycle
from mapping.parse import parse_quantity
from mapping.quantity import Quantity
from mapping.units import NUMBER, PERCENT, Dimension

_NAMED = re.compile(r"(\d{4})(?:-(Q|H)(\d))?")
_NOT_ID = re.compile(r"[^A-Za-z0-9_.-]+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LEFT_OUT = ("id", "cycle", "parent", "key_results", "initiatives", "was", "cancelled")
_OF_THE_START = ("progress", "expected", "status", "score")
"""What a test expects that follows from where the key result began, and when."""


def next_cycle(cycle: Cycle, calendar: Calendar = CALENDAR) -> Cycle:
    """The quarter, half or year after, or as many days for a cycle of its own. Raises nothing."""
    found = _NAMED.fullmatch(cycle.name)
    if found:
        year, kind, part = int(found[1]), found[2], int(found[3] or 1)
        last = {"Q": 4, "H": 2, None: 1}[kind]
        year, part = (year + 1, 1) if part == last else (year, part + 1)
        return parse_cycle(f"{year}-{kind}{part}" if kind else str(year), calendar)
    start = cycle.end + timedelta(days=1)
    return Cycle(name=f"after {cycle.name}", start=start, end=start + (cycle.end - cycle.start))


@dataclass(frozen=True, kw_only=True)
class _Kept:
    objective: Objective
    given: Mapping[str, Any]
    views: list[KeyResultView]
    period: Cycle


def carried_over(reports: Iterable[ObjectiveReport], workspace: Workspace) -> dict[str, str]:
    """The text of each file by its name, one for each cycle (and one more where the rules at the heads of the old files
    differ). What an OKR file of the workspace has already is not there again."""
    files: dict[tuple[Cycle, str], list[_Kept]] = {}
    for report in reports:
        for view, closing in report.views:
            following = next_cycle(view.key_result.period, workspace.calendar)
            if closing.outcome != "postponed" or new_id(view.key_result.id, following, view) in workspace.bindings:
                continue
            binding = workspace.bindings[view.key_result.id]
            source = _source(binding)
            given, head = source.at(binding.path[:2]), _head(source.data)
            kept = files.setdefault((following, head), [])
            if not kept or kept[-1].objective is not report.objective:
                period = view.key_result.period
                kept.append(_Kept(objective=report.objective, given=given, views=[], period=period))
            kept[-1].views.append(view)
    made: dict[str, str] = {}
    for (following, head), kept in files.items():
        name, number = f"{_slug(following)}.yaml", 2
        while name in made:
            name, number = f"{_slug(following)}-{number}.yaml", number + 1
        made[name] = "\n".join(_file(following, head, kept, workspace)) + "\n"
    return made


def _source(binding: Binding) -> Source:
    """What its file says word for word."""
    return _read(binding.file, binding.file.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _read(file: Path, _changed: int) -> Source:
    return read(file)


def new_id(old: str, following: Cycle, view: KeyResultView | None = None) -> str:
    """The id in the next cycle: what names the old cycle in it is replaced."""
    if view is not None:
        old = old.removesuffix(f"-{_slug(view.key_result.period)}")
    return f"{old}-{_slug(following)}"


def _slug(cycle: Cycle) -> str:
    found = _NOT_ID.sub("-", cycle.name).strip("-.")
    return found if found and found != "after" else cycle.start.isoformat()


def _head(data: Mapping[str, Any]) -> str:
    return "".join(f"{name}: {flow(data[name])}\n" for name in ("status", "guards") if name in data)


def _file(following: Cycle, head: str, kept: list[_Kept], workspace: Workspace) -> Iterator[str]:
    name = following.name if _NAMED.fullmatch(following.name) else None
    yield f"cycle: {name or flow({'name': following.name, 'start': following.start, 'end': following.end})}"
    yield from head.splitlines()
    yield "objectives:"
    written: set[str] = set()
    objectives = {one.id: one for one in workspace.objectives}
    for one in kept:
        yield from _objective(one, following, objectives, written, workspace)


def _objective(
    kept: _Kept, following: Cycle, objectives: Mapping[str, Objective], written: set[str], workspace: Workspace
) -> Iterator[str]:
    old = kept.objective
    parent = objectives.get(old.parent or "")
    runs_on = old.period.end >= following.start
    if runs_on:
        # It goes on itself: what is carried over serves it.
        parent = old
    serves = None
    if parent is not None:
        serves = parent.id if parent.period.end >= following.start else _new(parent, following)
        if serves != parent.id and serves not in written and serves not in objectives:
            bare = _Kept(objective=parent, given=_written(parent, workspace), views=[], period=parent.period)
            yield from _objective(bare, following, objectives, written, workspace)
    name = _new(old, following) if not runs_on else f"{old.id}-{_slug(following)}"
    while name in objectives or name in written:
        name += "-2"
    written.add(name)
    given = {key: value for key, value in kept.given.items() if key not in _LEFT_OUT}
    if runs_on or not kept.views:
        given = {key: value for key, value in given.items() if key not in ("start", "target", "unit", "roll_up")}
    yield from _told(given, "  ", old.title, moved="start" in given)
    yield f"  - id: {text(name)}"
    yield from (f"    {key}: {flow(value)}" for key, value in given.items())
    if serves:
        yield f"    parent: {text(serves)}"
    if kept.views:
        yield "    key_results:"
    for view in kept.views:
        yield from _key_result(view, following, workspace)
    begun = [one for one in kept.given.get("initiatives") or [] if not one.get("cancelled")]
    if begun and kept.views:
        yield "    initiatives:"
        for one in begun:
            named = {"id": new_id(one["id"], following)} if one.get("id") else {}
            goes_on = {name: value for name, value in one.items() if name != "was"}
            yield f"      - {flow({**goes_on, **named})}"


def _new(objective: Objective, following: Cycle) -> str:
    return f"{objective.id.removesuffix(f'-{_slug(objective.period)}')}-{_slug(following)}"


def _written(objective: Objective, workspace: Workspace) -> Mapping[str, Any]:
    """What its file says, where it has a key result that leads to it; else what is known of it."""
    for binding in workspace.bindings.values():
        if binding.key_result.objective == objective.id:
            found: Mapping[str, Any] = _source(binding).at(binding.path[:2])
            return found
    known = {"title": objective.title, "level": objective.level.value, "kind": objective.kind.value}
    return known | ({"owner": list(objective.about.owners)} if objective.owner else {})


def _key_result(view: KeyResultView, following: Cycle, workspace: Workspace) -> Iterator[str]:
    old, binding = view.key_result, workspace.bindings[view.key_result.id]
    given = dict(_source(binding).at(binding.path))
    given["id"] = new_id(old.id, following, view)
    for name in ("cycle", "was", "cancelled"):
        given.pop(name, None)
    ends = _ends(view)
    given |= ends
    if "phases" in given:
        given["phases"] = {
            _moved(date.fromisoformat(str(day)), old.period, following).isoformat(): part
            for day, part in given["phases"].items()
        }
    if "tests" in given:
        given["tests"] = list(_tests(given["tests"], old.period, following, starts_elsewhere=bool(ends)))
        if not given["tests"]:
            del given["tests"]
    yield from _told(given, "      ", old.title, moved=bool(ends))
    yield f"      - {flow(given)}"


def _ends(view: KeyResultView) -> dict[str, str]:
    """Start and target of a number that goes on from where it stands; nothing where it begins again, as a share of work
    does."""
    made, measure = view.check_in, view.key_result.measure
    if made is None or not isinstance(measure, Toward | Open):
        return {}
    of_work = isinstance(measure, Toward) and measure.start.amount == 0 and measure.target.amount == 1
    if of_work and view.key_result.unit == PERCENT:
        return {}
    start = written(made.value)
    if isinstance(measure.target, Quantity):
        target = written(measure.target)
        return {} if start == target else {"start": start, "target": target}
    return {"start": start}


def written(quantity: Quantity) -> str:
    """As people write it in a file, so that it is read as the same unit."""
    shown = format_quantity(quantity)
    try:
        if parse_quantity(shown).unit == quantity.unit:
            return shown
    except MappingError:
        pass
    match quantity.unit.dimension:
        case Dimension.MONEY:
            return f"{quantity.unit.currency} {quantity.amount:f}"
        case Dimension.DURATION:
            return f"{quantity.amount:f}s"
    return f"{quantity.amount:f}" if quantity.unit == NUMBER else shown


def _moved(day: date, old: Cycle, following: Cycle) -> date:
    """The day that lies in the next cycle where this one lies in the old."""
    whole, new = (old.end - old.start).days or 1, (following.end - following.start).days
    moved = following.start + timedelta(days=round((day - old.start).days * new / whole))
    return min(moved, following.end) if day <= old.end else moved


def _tests(given: Iterable[Any], old: Cycle, following: Cycle, *, starts_elsewhere: bool) -> Iterator[Any]:
    """The same readings on days of the next cycle. What was expected of the old start and days is left out."""
    for case in given:
        dropped = _OF_THE_START if starts_elsewhere else ("expected", "status")
        expect = {name: value for name, value in case["expect"].items() if name not in dropped}
        if expect:
            day = _moved(date.fromisoformat(str(case["at"])), old, following)
            yield {**case, "at": day.isoformat(), "expect": expect}


def _told(given: Mapping[str, Any], indent: str, title: str, *, moved: bool) -> Iterator[str]:
    """What a person has to look at, as comments."""
    if moved and re.search(r"\d", title):
        yield f"{indent}# Look at its title: {_one_line(title)} - its numbers are those of the cycle before."
    elif re.search(r"\bQ[1-4]\b|\bH[12]\b|\b20\d\d\b|[1-4]분기|[상하]반기", title):
        yield f"{indent}# Look at its title: {_one_line(title)} - it names a time."
    if _DAY.search(str(given.get("value", ""))):
        yield f"{indent}# Look at its value: it names a day."


def _one_line(title: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in title).split())
