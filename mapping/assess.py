"""From readings to a check-in: (key result, readings, last check-in, now) -> what to record, if anything."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from mapping.errors import MappingError, Undefined
from mapping.format import format_quantity
from mapping.model import KeyResult, Status
from mapping.parse import SourceUnit
from mapping.progress import expected, progress, status
from mapping.quantity import CONTEXT, Quantity
from mapping.reading import Evidence, Reading, Unavailable
from mapping.units import NUMBER, Dimension, Unit


@dataclass(frozen=True, kw_only=True)
class Input:
    """A metric as it entered a formula."""

    name: str
    quantity: Quantity
    evidence: Evidence


@dataclass(frozen=True, kw_only=True)
class CheckIn:
    """A recorded value with everything that explains it. `progress` and `expected` are fractions; `definition`
    changes when the meaning of the value does."""

    key_result: str
    at: datetime
    value: Quantity
    progress: Decimal
    expected: Decimal
    status: Status
    formula: str
    filled: str
    definition: str
    inputs: tuple[Input, ...]

    def says_the_same_as(self, other: CheckIn | None) -> bool:
        """Whether recording it would tell nothing new. Time passing alone is nothing new."""
        return other is not None and (self.value, self.progress, self.status, self.definition) == (
            other.value,
            other.progress,
            other.status,
            other.definition,
        )


@dataclass(frozen=True, kw_only=True)
class NewCheckIn:
    check_in: CheckIn


@dataclass(frozen=True, kw_only=True)
class Unchanged:
    check_in: CheckIn


@dataclass(frozen=True, kw_only=True)
class NoValue:
    """A source was asked and has no value."""

    cause: str
    connection: str


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A source could not be asked, or what it said makes no value."""

    kind: str
    cause: str
    fix: str
    connection: str | None
    temporary: bool


Assessment = NewCheckIn | Unchanged | NoValue | Failed


def assess(
    key_result: KeyResult,
    readings: Mapping[str, Reading | Unavailable],
    last: CheckIn | None,
    at: datetime,
    *,
    metric_units: Mapping[str, SourceUnit] | None = None,
    questions: Mapping[str, str] | None = None,
) -> Assessment:
    """`readings` by the names in the formula; `metric_units` says what bare numbers of a metric mean.

    `questions` are the metrics' queries as the operator wrote them, before dates are filled in: what is asked is
    part of what a value means, today's date is not. Never raises for what a source answered.
    """
    for reading in readings.values():
        if isinstance(reading, Unavailable):
            return Failed(
                kind=reading.kind,
                cause=reading.cause,
                fix=reading.fix,
                connection=reading.connection,
                temporary=reading.temporary,
            )
    inputs: list[Input] = []
    try:
        for name in sorted(readings):
            reading = readings[name]
            assert isinstance(reading, Reading)  # noqa: S101 - the unavailable ones returned above
            if reading.value is None:
                seen = reading.evidence
                return NoValue(cause=f"{seen.connection} has no value for {seen.query}", connection=seen.connection)
            quantity = _quantity(name, reading, (metric_units or {}).get(name))
            inputs.append(Input(name=name, quantity=quantity, evidence=reading.evidence))
        made = _check_in(key_result, inputs, at, definition(key_result, metric_units, questions))
    except MappingError as error:
        return _failed(key_result, inputs, error)
    if last is not None and made.says_the_same_as(last):
        return Unchanged(check_in=last)
    return NewCheckIn(check_in=made)


def definition(
    key_result: KeyResult,
    metric_units: Mapping[str, SourceUnit] | None = None,
    questions: Mapping[str, str] | None = None,
) -> str:
    """A short name for what the value means: its formula, unit and measure, and the metrics' units and questions."""
    measure = key_result.measure
    aims = {key: _written(aim) for key, aim in vars(measure).items() if isinstance(aim, Quantity)}
    units = {name: _written(Quantity(source.factor, source.unit)) for name, source in (metric_units or {}).items()}
    asked = dict(questions or {})
    meaning = [key_result.formula.text, str(key_result.unit), type(measure).__name__, aims, units, asked]
    return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()[:16]


def _written(quantity: Quantity) -> str:
    """The same for 10 and 10.0."""
    return f"{quantity.amount.normalize(CONTEXT):f} {quantity.unit}"


def _check_in(key_result: KeyResult, inputs: list[Input], at: datetime, meaning: str) -> CheckIn:
    value = _evaluate(key_result, inputs)
    return CheckIn(
        key_result=key_result.id,
        at=at,
        value=value,
        progress=progress(key_result.measure, value),
        expected=expected(key_result.period, at),
        status=status(key_result.measure, value, key_result.period, at),
        formula=key_result.formula.text,
        filled=_filled(key_result, inputs),
        definition=meaning,
        inputs=tuple(inputs),
    )


def _failed(key_result: KeyResult, inputs: list[Input], error: MappingError) -> Failed:
    cause = str(error)
    if isinstance(error, Undefined) and key_result.formula.names <= {used.name for used in inputs}:
        cause = f"{key_result.formula.text} = {_filled(key_result, inputs)}: {error}"
    return Failed(
        kind=type(error).__name__,
        cause=cause,
        fix=f"Correct the value of {key_result.id} or the unit of its metrics in the OKR file.",
        connection=None,
        temporary=False,
    )


def _filled(key_result: KeyResult, inputs: list[Input]) -> str:
    return key_result.formula.filled({used.name: format_quantity(used.quantity) for used in inputs})


def _quantity(name: str, reading: Reading, source: SourceUnit | None) -> Quantity:
    """The reading in base form. What the tool says of its number and what the operator says must agree."""
    assert reading.value is not None  # noqa: S101 - the caller has looked
    try:
        stated = Quantity(reading.value, reading.unit or NUMBER)
    except Undefined as error:
        raise Undefined(f"{name} from {reading.evidence.connection}: {error}") from None
    if source is None:
        return stated
    if reading.unit is None:
        return Quantity((stated * Quantity(source.factor)).amount, source.unit)
    if reading.unit.dimension is not source.unit.dimension or reading.unit.currency != source.unit.currency:
        raise MappingError(
            f"{name} is {reading.unit} by its source, but the OKR file says {source.unit}: remove the unit there"
        )
    return stated


def _evaluate(key_result: KeyResult, inputs: list[Input]) -> Quantity:
    result = key_result.formula.evaluate({used.name: used.quantity for used in inputs})
    return _in_unit(result, key_result.unit)


def _in_unit(result: Quantity, unit: Unit) -> Quantity:
    if result.unit == unit:
        return result
    if result.unit.is_plain and unit.dimension in (Dimension.NUMBER, Dimension.PERCENT):
        return Quantity(result.amount, unit)
    if result.unit == NUMBER and unit.dimension is Dimension.MONEY:
        return Quantity(result.amount, unit)
    if result.unit == NUMBER:
        raise MappingError(
            f"the value {result.amount} lacks its unit of time: write `unit: seconds` (or minutes, hours, days) "
            "at the metric"
        )
    raise MappingError(f"the value is {result.unit}, but the key result is measured in {unit}")
