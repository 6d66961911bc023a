"""Runs the tests that key results carry in their own files: with these readings, on that day, this comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from config import measures
from config.load import Binding
from config.okr_file import CaseForm
from mapping.assess import (
    Assessment,
    CheckIn,
    Failed,
    Held,
    NewCheckIn,
    NoValue,
    Pinned,
    SetAside,
    Skipped,
    Unchanged,
    assess,
)
from mapping.day import Zone, noon_of
from mapping.errors import MappingError
from mapping.format import format_quantity
from mapping.parse import parse_quantity
from mapping.progress import score
from mapping.reading import Evidence, Reading
from mapping.units import NUMBER, PERCENT

NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Result:
    """`wrong` says what did not come out; empty where all did."""

    key_result: str
    number: int
    wrong: tuple[str, ...]


def run_cases(bindings: Mapping[str, Binding], zone: Zone) -> Iterator[Result]:
    for key, binding in bindings.items():
        for number, case in enumerate(binding.cases, 1):
            yield Result(key_result=key, number=number, wrong=tuple(_wrong(binding, case, zone)))


def _wrong(binding: Binding, case: CaseForm, zone: Zone) -> Iterator[str]:
    try:
        at = noon_of(measures.day(case.at), zone)
        last, units = None, binding.units
        if case.last is not None:
            before = assess(
                binding.key_result, _readings(binding, case.last, at), None, at, zone=zone, metric_units=units
            )
            last = before.check_in if isinstance(before, NewCheckIn) else None
        readings = _readings(binding, case.given, at)
        found = assess(binding.key_result, readings, last, at, zone=zone, metric_units=units)
        yield from _differences(binding, case, found)
    except MappingError as error:
        yield str(error)


def _readings(binding: Binding, given: Mapping[str, Any], at: datetime) -> dict[str, Reading]:
    strange = sorted(set(given) - set(binding.metrics))
    missing = sorted(set(binding.metrics) - set(given))
    if strange or missing:
        known = ", ".join(binding.metrics)
        raise MappingError(f"given names {', '.join(strange or missing)}; write {known}")
    return {name: binding.metrics[name].known(_reading(name, value, at)) for name, value in given.items()}


def _reading(name: str, value: Any, at: datetime) -> Reading:
    evidence = Evidence(connection="test", query=name, asked_at=at, as_of=at)
    if value is None:
        return Reading(value=None, evidence=evidence)
    quantity = parse_quantity(value)
    # A written percentage is a ratio, as sources tell it.
    unit = None if quantity.unit in (NUMBER, PERCENT) else quantity.unit
    return Reading(value=quantity.amount, unit=unit, evidence=evidence)


def _differences(binding: Binding, case: CaseForm, found: Assessment) -> Iterator[str]:
    expect = case.expect
    reason = found.reason if isinstance(found, Held) else None
    yield from _difference("hold", expect.hold, reason)
    trouble = found.cause if isinstance(found, Failed | NoValue) else None
    if trouble is not None and expect.error is None:
        yield f"there is no value: {trouble}"
    yield from _difference("error", expect.error, trouble)
    made = _made(found)
    if made is None:
        return
    if expect.value is not None:
        wanted = parse_quantity(expect.value, binding.key_result.unit)
        if format_quantity(wanted) != format_quantity(made.value):
            yield f"the value is {format_quantity(made.value)}, not {format_quantity(wanted)}"
    yield from _fraction("progress", expect.progress, made.progress)
    yield from _fraction("expected progress", expect.expected, made.expected)
    if expect.status is not None and expect.status != made.status.value:
        yield f"the status is {made.status.value!r}, not {expect.status!r}"
    if expect.score is not None:
        scored = None if made.progress is None else score(made.progress)
        if scored is None or Decimal(str(expect.score)) != scored:
            yield f"the score is {scored}, not {expect.score}"


def _made(found: Assessment) -> CheckIn | None:
    match found:
        case NewCheckIn(check_in=made) | Unchanged(check_in=made) | Held(check_in=made) | Pinned(check_in=made):
            return made
        case Skipped() | SetAside() | NoValue() | Failed():
            return None


def _difference(what: str, expected: str | bool | None, found: str | None) -> Iterator[str]:
    if expected is None:
        if found is not None and what == "hold":
            yield f"it is held: {found}"
    elif expected is True:
        if found is None:
            yield f"there is no {what}"
    elif expected is False:
        if found is not None:
            yield f"the {what} is {found!r}, and none was expected"
    elif found is None or expected not in found:
        yield f"the {what} is {found!r}, without {expected!r}"


def _fraction(what: str, expected: Any, found: Decimal | None) -> Iterator[str]:
    """Compared to as many digits as are written."""
    if expected is None:
        return
    if expected == NONE:
        if found is not None:
            yield f"the {what} is {_shown(found)}, and none was expected"
        return
    wanted = parse_quantity(expected, PERCENT)
    exponent = wanted.amount.as_tuple().exponent
    digits = Decimal(1).scaleb(min(-2, exponent if isinstance(exponent, int) else 0))
    if found is None or found.quantize(digits, ROUND_HALF_UP) != wanted.amount.quantize(digits, ROUND_HALF_UP):
        yield f"the {what} is {_shown(found)}, not {_shown(wanted.amount)}"


def _shown(fraction: Decimal | None) -> str:
    return "none" if fraction is None else f"{(fraction * 100).quantize(Decimal('0.01')):f}%"
