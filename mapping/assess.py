"""From readings to a check-in: (key result, readings, last check-in, now) -> what to record, if anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from mapping.day import UTC, Zone, day_of
from mapping.errors import MappingError, Undefined
from mapping.format import format_quantity
from mapping.guards import doubt, implausible
from mapping.model import KeyResult, Measure, OfKeyResult, Open, Status, Toward
from mapping.parse import SourceUnit
from mapping.progress import expected, progress, status
from mapping.quantity import Quantity
from mapping.reading import Evidence, Reading, Unavailable
from mapping.recipes import RECIPE, definition
from mapping.units import NUMBER, Dimension, Unit

BY_HAND = "by hand"


@dataclass(frozen=True, kw_only=True)
class Input:
    """A metric as it entered a formula."""

    name: str
    quantity: Quantity
    evidence: Evidence


@dataclass(frozen=True, kw_only=True)
class CheckIn(OfKeyResult):
    """A recorded value with everything that explains it. `progress` and `expected` are fractions, `progress` None for a
    baseline; `aims` are the ends that the value was measured against, and the weight, by name; `definition` changes
    when the meaning of the value does, as written by `recipe`. `by` is the person who gave the value, None where a
    source did.

    `asked_at` is when the last of its sources was asked, or a person decided: of two values the one with the later
    is the newer. `as_of` is the oldest moment that its sources speak of."""

    at: datetime
    asked_at: datetime
    as_of: datetime
    value: Quantity
    progress: Decimal | None
    expected: Decimal
    status: Status
    formula: str
    filled: str
    definition: str
    recipe: int
    inputs: Sequence[Input]
    aims: tuple[tuple[str, Quantity], ...] = ()
    by: str | None = None
    note: str | None = None
    confidence: int | None = None

    def says_the_same_as(self, other: CheckIn | None) -> bool:
        """Whether it says nothing new. Time that passes is nothing new."""
        if other is None or not self.means_the_same_as(other):
            return False
        # Values of the first version do not say what they were measured against.
        same_aims = self.aims == other.aims or not self.aims or not other.aims
        return same_aims and self._told() == other._told()

    def means_the_same_as(self, other: CheckIn) -> bool:
        """A name that another recipe gave to the meaning does not count."""
        return self.recipe != other.recipe or self.definition == other.definition

    def _told(self) -> tuple[object, ...]:
        return (self.value, self.progress, self.status, self.by, self.note, self.confidence)


@dataclass(frozen=True, kw_only=True)
class NewCheckIn:
    check_in: CheckIn


@dataclass(frozen=True, kw_only=True)
class Unchanged:
    check_in: CheckIn


@dataclass(frozen=True, kw_only=True)
class Held:
    """A value that a person must accept before it counts."""

    check_in: CheckIn
    reason: str


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """What the sources say while a person's value stands."""

    check_in: CheckIn


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """Not asked: outside its days, or closed."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class NoValue:
    """A source was asked and has no value."""

    cause: str
    connection: str


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A source could not be asked, or its answer makes no value."""

    kind: str
    cause: str
    fix: str
    connection: str | None
    temporary: bool


@dataclass(frozen=True, kw_only=True)
class SetAside:
    """A value that was not recorded, because a person checked in while the source was asked."""

    check_in: CheckIn


Assessment = NewCheckIn | Unchanged | Held | Pinned | Skipped | SetAside | NoValue | Failed


def assess(
    key_result: KeyResult,
    readings: Mapping[str, Reading | Unavailable],
    last: CheckIn | None,
    at: datetime,
    *,
    zone: Zone = UTC,
    metric_units: Mapping[str, SourceUnit] | None = None,
    questions: Mapping[str, str] | None = None,
    meaning: str | None = None,
    pinned: bool = False,
    guarded: bool = True,
    automatic: CheckIn | None = None,
    stands: bool = True,
) -> Assessment:
    """`readings` by the names in the formula, and in the target where it is one; `metric_units` says what bare numbers
    of a metric mean.

    `questions` are the metrics' queries as the operator wrote them, before dates are filled in: what is asked is part
    of what a value means, today's date is not. `meaning` is its name, where that is known already. `zone` is that of
    the workspace's days. `pinned` is true while a person's value stands; `guarded` is false where a doubtful value is
    not to be held. `automatic` is the last check-in that a source made, where a person made the last one, which
    `stands` until sources speak of a later moment. It never raises because of what a source answered.
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
        value = _evaluate(key_result, inputs)
        measure = settled(key_result, value, inputs, last)
        meaning = meaning or definition(key_result, metric_units, questions)
        made = _check_in(key_result, measure, value, inputs, at, meaning, zone)
    except MappingError as error:
        return _failed(key_result, inputs, error)
    if pinned:
        return Pinned(check_in=made)
    if last is not None and made.says_the_same_as(last):
        return Unchanged(check_in=_renamed(last, made))
    if last is not None and stands and not _is_newer(made, last, automatic, readings):
        return Unchanged(check_in=last)
    typed = any(reading.by_hand for reading in readings.values() if isinstance(reading, Reading))
    reason = _doubt(key_result, measure, made, last, automatic, at, zone, typed=typed) if guarded else None
    return NewCheckIn(check_in=made) if reason is None else Held(check_in=made, reason=reason)


def _renamed(last: CheckIn, made: CheckIn) -> CheckIn:
    """What is recorded, with its meaning under the name that this recipe gives it."""
    if last.recipe >= made.recipe:
        return last
    return replace(last, definition=made.definition, recipe=made.recipe, aims=made.aims)


def by_hand(
    key_result: KeyResult,
    value: Quantity,
    last: CheckIn | None,
    at: datetime,
    *,
    by: str,
    zone: Zone = UTC,
    note: str | None = None,
    confidence: int | None = None,
) -> CheckIn:
    """A person's check-in. Raises MappingError where the value is not in the key result's unit, or can't be meant."""
    value = _in_unit(value, key_result.unit)
    measure = settled(key_result, value, (), last)
    reason = implausible(progress(measure, value)) if key_result.guards.plausible else None
    if reason is not None:
        raise MappingError(
            f"{format_quantity(value)} can't be right: {reason}. Check the value, start and target, or write "
            "`guards: {plausible: false}`"
        )
    made = _check_in(key_result, measure, value, [], at, BY_HAND, zone)
    return replace(made, formula=BY_HAND, filled=format_quantity(value), by=by, note=note, confidence=confidence)


def settled(key_result: KeyResult, value: Quantity, inputs: Sequence[Input], last: CheckIn | None) -> Measure:
    """The measure with both ends known, also if the start is the first value or the target is a formula. Without the
    target's metrics, the last target stands. Raises MappingError."""
    measure = key_result.measure
    if not isinstance(measure, Open):
        return measure
    known = dict(last.aims) if last else {}
    start = measure.start if measure.start is not None else known.get("start", value)
    if isinstance(measure.target, Quantity):
        target = measure.target
    elif measure.target.names <= {used.name for used in inputs}:
        target = _in_unit(measure.target.evaluate({used.name: used.quantity for used in inputs}), key_result.unit)
    elif "target" in known:
        target = known["target"]
    else:
        raise MappingError("its target comes from a metric that has not been read yet")
    return Toward(start=start, target=target)


def aims_of(measure: Measure) -> tuple[tuple[str, Quantity], ...]:
    return tuple((name, end) for name, end in vars(measure).items() if isinstance(end, Quantity))


def measure_of(key_result: KeyResult, made: CheckIn) -> Measure:
    """What a recorded value was measured against. Raises MappingError where it was against something else than the key
    result is measured against now."""
    if isinstance(key_result.measure, Open):
        known = dict(made.aims)
        if not {"start", "target"} <= set(known):
            raise MappingError("the key result was measured in another way at that time")
        return Toward(start=known["start"], target=known["target"])
    return key_result.measure


def _check_in(
    key_result: KeyResult,
    measure: Measure,
    value: Quantity,
    inputs: list[Input],
    at: datetime,
    meaning: str,
    zone: Zone,
) -> CheckIn:
    today = day_of(at, zone)
    seen = [used.evidence for used in inputs]
    return CheckIn(
        key_result=key_result.id,
        cycle=key_result.period.name,
        at=at,
        asked_at=max((one.asked_at for one in seen), default=at),
        as_of=min((one.as_of for one in seen), default=at),
        value=value,
        progress=progress(measure, value),
        expected=expected(key_result.pace, today),
        status=status(measure, value, key_result.pace, today, ranges=key_result.ranges, kind=key_result.kind),
        formula=key_result.formula.text,
        filled=_filled(key_result, inputs),
        definition=meaning,
        recipe=RECIPE,
        inputs=tuple(inputs),
        aims=(*aims_of(measure), ("weight", Quantity(key_result.weight))),
    )


def _is_newer(
    made: CheckIn, last: CheckIn, automatic: CheckIn | None, readings: Mapping[str, Reading | Unavailable]
) -> bool:
    """Whether a value counts after the last one. A person's stands until all sources speak of a later moment. One that
    lags by nature never does so in time: it counts when it says something else than it said before the person did."""
    if last.by is None:
        return True
    old = [name for name, seen in readings.items() if isinstance(seen, Reading) and seen.evidence.as_of <= last.at]
    if not all(isinstance(seen := readings[name], Reading) and seen.lags for name in old):
        return False
    return not old or automatic is None or automatic.value != made.value


def _doubt(
    key_result: KeyResult,
    measure: Measure,
    made: CheckIn,
    last: CheckIn | None,
    automatic: CheckIn | None,
    at: datetime,
    zone: Zone,
    *,
    typed: bool,
) -> str | None:
    """A value is compared with the last known one, whoever gave it, its meaning with that of the last automatic one."""
    old = last if last is not None and last.value.unit == made.value.unit else None
    before = progress(measure, old.value) if old else None
    moved = made.progress - before if made.progress is not None and before is not None else None
    meant = automatic if last is not None and last.by is not None else last
    if key_result.guards.plausible and (last is None or typed):
        reason = implausible(made.progress)
        if reason is not None:
            return reason
    return doubt(
        key_result.guards,
        measure,
        made.value,
        old.value if old else None,
        moved=moved,
        same_meaning=meant is None or made.means_the_same_as(meant),
        as_of=[used.evidence.as_of for used in made.inputs],
        at=at,
        zone=zone,
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
        if reading.untold is not None:
            raise MappingError(
                f"the unit of {name} can't be told: {reading.untold}; write at the metric what its numbers are: "
                '`unit: EUR`, `unit: "%"`, `unit: hours`, or `unit: number`'
            )
        return stated
    if reading.unit is None:
        return Quantity((stated * Quantity(source.factor)).amount, source.unit)
    if reading.unit.dimension is not source.unit.dimension or reading.unit.currency != source.unit.currency:
        raise MappingError(
            f"{name} is {reading.unit} in its source, but the OKR file says {source.unit}: remove the unit there"
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
            f"the value {result.amount} needs a unit of time: write `unit: seconds` (or minutes, hours, days) "
            "at the metric"
        )
    raise MappingError(f"the value is {result.unit}, but the key result is measured in {unit}")
