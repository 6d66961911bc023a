"""From readings to a check-in: (key result, readings, last check-in, now) -> what to record, if anything."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from mapping.errors import MappingError
from mapping.format import format_quantity
from mapping.model import KeyResult, Status
from mapping.parse import SourceUnit
from mapping.progress import expected, progress, status
from mapping.quantity import Quantity
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
) -> Assessment:
    """`readings` by the names in the formula; `metric_units` says what bare numbers of a metric mean."""
    for reading in readings.values():
        if isinstance(reading, Unavailable):
            return Failed(
                kind=reading.kind,
                cause=reading.cause,
                fix=reading.fix,
                connection=reading.connection,
                temporary=reading.temporary,
            )
    inputs = []
    try:
        for name in sorted(readings):
            reading = readings[name]
            assert isinstance(reading, Reading)  # noqa: S101 - the unavailable ones returned above
            if reading.value is None:
                seen = reading.evidence
                return NoValue(cause=f"{seen.connection} has no value for {seen.query}", connection=seen.connection)
            quantity = _quantity(name, reading, (metric_units or {}).get(name))
            inputs.append(Input(name=name, quantity=quantity, evidence=reading.evidence))
        value = _evaluate(key_result, inputs)
    except MappingError as error:
        return Failed(
            kind=type(error).__name__,
            cause=str(error),
            fix=f"Correct the value of {key_result.id} or the unit of its metrics in the OKR file.",
            connection=None,
            temporary=False,
        )
    made = CheckIn(
        key_result=key_result.id,
        at=at,
        value=value,
        progress=progress(key_result.measure, value),
        expected=expected(key_result.period, at),
        status=status(key_result.measure, value, key_result.period, at),
        formula=key_result.formula.text,
        filled=key_result.formula.filled({used.name: format_quantity(used.quantity) for used in inputs}),
        definition=definition(key_result),
        inputs=tuple(inputs),
    )
    if last is not None and made.says_the_same_as(last):
        return Unchanged(check_in=last)
    return NewCheckIn(check_in=made)


def definition(key_result: KeyResult) -> str:
    """A short name for what the value means: its formula, unit and measure."""
    meaning = repr((key_result.formula.text, str(key_result.unit), key_result.measure))
    return hashlib.sha256(meaning.encode()).hexdigest()[:16]


def _quantity(name: str, reading: Reading, source: SourceUnit | None) -> Quantity:
    """The reading in base form. What the tool says of its number and what the operator says must agree."""
    assert reading.value is not None  # noqa: S101 - the caller has looked
    if source is None:
        return Quantity(reading.value, reading.unit or NUMBER)
    if reading.unit is None:
        amount = Quantity(reading.value) * Quantity(source.factor)
        return Quantity(amount.amount, source.unit)
    if reading.unit.dimension is not source.unit.dimension or reading.unit.currency != source.unit.currency:
        raise MappingError(
            f"{name} is {reading.unit} by its source, but the OKR file says {source.unit}: remove the unit there"
        )
    return Quantity(reading.value, reading.unit)


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
