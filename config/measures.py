"""What a key result is measured against, from its form: ends, bands, phases, guards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from config.okr_file import AboutForm, GuardsForm, KeyResultForm, ObjectiveForm, RangesForm
from config.queries import Metric
from mapping.about import About, Link
from mapping.errors import MappingError
from mapping.formula import Formula
from mapping.model import (
    Baseline,
    Guards,
    KeyResult,
    Measure,
    Milestone,
    Open,
    Ranges,
    StayAbove,
    StayBelow,
    Toward,
    Within,
)
from mapping.parse import SourceUnit, parse_quantity, parse_unit, percentage_forms
from mapping.quantity import Quantity
from mapping.units import NUMBER, PERCENT, Unit

FIRST = "first"
KINDS = "start and target, stay_above, stay_below, within, milestone, baseline, percent_complete"


def measure(given: KeyResultForm, target: Formula | None) -> tuple[Unit, Measure | Open]:
    """The measure and its unit: the written one, or that of the first value that has one. `target` is the formula that
    the target was read as, where it is one. Raises MappingError."""
    source = _unit(given, target)
    ways = {
        "start and target": given.target is not None or given.start is not None,
        "stay_above": given.stay_above is not None,
        "stay_below": given.stay_below is not None,
        "within": given.within is not None,
        "milestone": given.milestone is not None,
        "baseline": given.baseline is not None,
        "percent_complete": given.percent_complete is not None,
    }
    chosen = [name for name, is_given in ways.items() if is_given]
    if len(chosen) != 1:
        raise MappingError(f"write one of {KINDS}" + (f", not {' and '.join(chosen)}" if chosen else ""))
    risk = None if given.risk is None else quantity(given.risk, source)
    if risk is not None and chosen[0] not in ("stay_above", "stay_below", "within"):
        raise MappingError("risk works only with stay_above, stay_below or within")
    return source.unit, _made(chosen[0], given, target, source, risk)


def _made(
    way: str, given: KeyResultForm, target: Formula | None, source: SourceUnit, risk: Quantity | None
) -> Measure | Open:
    match way:
        case "start and target":
            return _toward(given, target, source)
        case "stay_above":
            return StayAbove(threshold=quantity(given.stay_above, source), risk=risk)
        case "stay_below":
            return StayBelow(threshold=quantity(given.stay_below, source), risk=risk)
        case "within":
            low, high = given.within or (0, 0)
            return Within(low=quantity(low, source), high=quantity(high, source), risk=risk)
        case "milestone":
            return Milestone()
        case "baseline":
            return Baseline()
    return Toward(start=Quantity(Decimal(0), PERCENT), target=Quantity(Decimal(1), PERCENT))


def _toward(given: KeyResultForm, target: Formula | None, source: SourceUnit) -> Toward | Open:
    if given.start is None or given.target is None:
        raise MappingError("it has only a start or only a target: write both")
    start = None if given.start == FIRST else quantity(given.start, source)
    end = target if target is not None else quantity(given.target, source)
    if start is not None and isinstance(end, Quantity):
        return Toward(start=start, target=end)
    return Open(start=start, target=end)


def objective_measure(given: ObjectiveForm) -> Toward | None:
    """An objective's own number. Raises MappingError."""
    if given.start is None and given.target is None:
        if given.roll_up == "sum":
            raise MappingError("roll_up: sum needs a start and a target")
        return None
    if given.start is None or given.target is None:
        raise MappingError("it has only a start or only a target: write both")
    source = _source(given.unit, [given.start, given.target])
    return Toward(start=quantity(given.start, source), target=quantity(given.target, source))


def check_sum(measure: Toward, key_results: Iterable[KeyResult]) -> None:
    """Whether the numbers of these key results can be added up to an objective's. Raises MappingError."""
    unit = measure.start.unit
    for one in key_results:
        if isinstance(one.measure, Toward | Open) and one.unit != unit and not (one.unit.is_plain and unit.is_plain):
            raise MappingError(f"roll_up: sum adds up {unit}, but {one.id} is measured in {one.unit}")


def check_numbers_by_hand(key_result: KeyResult, target: Formula | None, metrics: Mapping[str, Metric]) -> None:
    """Whether a number that a person wrote is to be a percentage as it stands. A formula that divides or multiplies has
    its own idea of what goes in. Raises MappingError."""
    if key_result.unit != PERCENT:
        return
    for formula in filter(None, (key_result.formula, target)):
        if not set("/*") & set(formula.text):
            for name in sorted(formula.names & metrics.keys()):
                bare = metrics[name].bare_number
                if bare is not None:
                    forms = percentage_forms(Quantity(bare))
                    raise MappingError(
                        f"{bare:f} was entered by hand without a unit, but a percentage is needed: write {forms}"
                    )


def about(given: AboutForm) -> About:
    links = (Link(title=one, url=one) if isinstance(one, str) else Link(**dict(one)) for one in given.links)
    return About(
        owners=given.owner,
        check_in_owner=given.check_in_owner,
        teams=tuple(given.teams),
        tags=tuple(given.tags),
        description=given.description,
        links=tuple(links),
    )


def share(given: Any) -> Decimal | None:
    """50% as 0.5. Raises MappingError."""
    return None if given is None else _fraction(given, "share")


def phases(given: KeyResultForm) -> tuple[tuple[date, Decimal], ...]:
    """Raises MappingError."""
    return tuple(sorted((day(key), _fraction(part, "a phase")) for key, part in (given.phases or {}).items()))


def ranges(given: RangesForm) -> Ranges:
    """Raises MappingError."""
    return Ranges(behind=given.behind / 100, at_risk=given.at_risk / 100)


def guards(own: GuardsForm, file: GuardsForm) -> Guards:
    """A key result's own guards, and the file's where it says nothing. Raises MappingError."""
    default = Guards()
    zero, definition = _first(own.zero, file.zero, default.zero), _first(own.definition, file.definition, True)
    plausible = _first(own.plausible, file.plausible, default.plausible)
    leap, age = _first(own.leap, file.leap, default.leap), _first(own.max_age, file.max_age, None)
    return Guards(
        zero=zero,
        definition=definition,
        plausible=plausible,
        leap=None if leap is None or leap is False else leap if leap is default.leap else _fraction(leap, "leap"),
        max_age=None if age is None or age is False else age,
    )


def quantity(value: Any, source: SourceUnit) -> Quantity:
    """A bare number is so many of the unit: 80 with `unit: "%"` is 80%, 3 with `unit: hours` three hours."""
    found = parse_quantity(value)
    if found.unit == NUMBER:
        return Quantity(found.amount * source.factor, source.unit)
    return parse_quantity(value, source.unit)


def day(given: str | date) -> date:
    try:
        return given if isinstance(given, date) else date.fromisoformat(given)
    except ValueError:
        raise MappingError(f"{given!r} is not a day: write 2026-10-01") from None


def _unit(given: KeyResultForm, target: Formula | None) -> SourceUnit:
    if given.percent_complete and not given.unit:
        return SourceUnit(PERCENT)
    written = [given.start if given.start != FIRST else None, given.stay_above, given.stay_below, given.risk]
    written += [given.target if target is None else None, *(given.within or ())]
    return _source(given.unit, written)


def _source(unit: str | None, values: list[Any]) -> SourceUnit:
    """What the values of a measure are in: what `unit:` says, else what all of them say. 0 is the same in every unit.
    Raises MappingError where a value lacks the unit that another carries."""
    read = [(value, parse_quantity(value)) for value in values if value is not None]
    stated = next(((value, found.unit) for value, found in read if found.unit != NUMBER), None)
    bare = next(((value, found) for value, found in read if found.unit == NUMBER and found.amount != 0), None)
    # With `unit: ratio` 90 beside 80% would be 9,000%.
    if stated and bare and (stated[1] == PERCENT or not unit):
        fix = percentage_forms(bare[1]) if stated[1] == PERCENT else "it at both, or at none"
        raise MappingError(f"{bare[0]} has no unit, but {stated[0]} has one: write {fix}")
    if unit:
        return parse_unit(unit)
    return SourceUnit(stated[1] if stated else NUMBER)


def _fraction(given: Any, what: str) -> Decimal:
    found = parse_quantity(given)
    if found.unit != PERCENT or not 0 <= found.amount <= 100:
        raise MappingError(f"{what} is a percentage: write 50%")
    return found.amount


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)
