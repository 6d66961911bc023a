"""The dated values of each record, one a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from importing.amounts import amount_of
from importing.measure import Aim
from importing.model import ImportedCheckIn
from importing.record import CheckInRecord, Record, Say, Type
from importing.refuse import BadValue

History = dict[str, tuple[ImportedCheckIn, ...]]


def histories(
    check_ins: Iterable[CheckInRecord],
    records: Mapping[str, Record],
    aims: Mapping[str, Aim],
    as_of: date,
    skip: Say,
    note: Say,
) -> History:
    """By the record's key, oldest first."""
    given: dict[str, list[tuple[datetime, ImportedCheckIn]]] = defaultdict(list)
    for made in check_ins:
        try:
            given[made.of].append((made.at, _check_in(made, records, aims)))
        except BadValue as error:
            skip(made.where, str(error))
    found = {key: _one_a_day(dated, skip) for key, dated in given.items()}
    for key, record in records.items():
        if record.type is not Type.OBJECTIVE and key in aims:
            found[key] = _with_current(record, aims[key], found.get(key, ()), as_of, note)
    return found


def _check_in(made: CheckInRecord, records: Mapping[str, Record], aims: Mapping[str, Aim]) -> ImportedCheckIn:
    record = records.get(made.of)
    if record is None:
        raise BadValue(f"what it is a check-in of, {made.of or 'nothing'}, was not taken, or is not in the file")
    if record.type is Type.OBJECTIVE:
        raise BadValue("an objective has no value of its own here: its progress is made of its key results")
    if made.of not in aims:
        raise BadValue("its initiative was taken without a value")
    value = _value(made.value, record, aims[made.of])
    if value is None:
        raise BadValue("it has no value")
    return ImportedCheckIn(where=made.where, day=made.at.date(), value=value)


def _value(value: object, record: Record, aim: Aim) -> Decimal | None:
    amount = amount_of(value, aim.written)
    if amount is None or record.type is not Type.INITIATIVE:
        return amount
    return aim.share_done(amount)


def _one_a_day(dated: list[tuple[datetime, ImportedCheckIn]], skip: Say) -> tuple[ImportedCheckIn, ...]:
    by_day: dict[date, ImportedCheckIn] = {}
    # Stable: of two at the same moment, the file's later one counts.
    for _, made in sorted(dated, key=lambda pair: pair[0]):
        if earlier := by_day.get(made.day):
            skip(earlier.where, f"{made.where} is a later check-in of the same day, {made.day}")
        by_day[made.day] = made
    return tuple(by_day[day] for day in sorted(by_day))


def _with_current(
    record: Record, aim: Aim, known: tuple[ImportedCheckIn, ...], as_of: date, note: Say
) -> tuple[ImportedCheckIn, ...]:
    """The row's own value, unless a check-in of that day or a later one says it better."""
    try:
        value = _value(record.current, record, aim)
    except BadValue as error:
        note(record.where, f"its current value is left out: {error}")
        return known
    day = record.current_on or as_of
    if value is None or (known and (known[-1].day >= day or (record.current_on is None and known[-1].value == value))):
        return known
    return (*known, ImportedCheckIn(where=record.where, day=day, value=value))
