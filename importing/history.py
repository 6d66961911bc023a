"""What was said of each record, in the order of time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal

from importing.amounts import amount_of
from importing.measure import Aim
from importing.model import ImportedCheckIn
from importing.record import CheckInRecord, Record, Say, Type
from importing.refuse import BadValue
from importing.words import text_of

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
    given: dict[str, list[ImportedCheckIn]] = defaultdict(list)
    for made in check_ins:
        try:
            given[made.of].append(_check_in(made, records, aims, note))
        except BadValue as error:
            skip(made.where, str(error))
    # Stable: of two at the same moment, the file's later one counts.
    found = {key: tuple(sorted(said, key=lambda one: one.at)) for key, said in given.items()}
    for key, record in records.items():
        if record.type is not Type.OBJECTIVE and key in aims:
            found[key] = _with_current(record, aims[key], found.get(key, ()), as_of, note)
    _tell_untaken(found, records, note)
    return found


def _check_in(
    made: CheckInRecord, records: Mapping[str, Record], aims: Mapping[str, Aim], note: Say
) -> ImportedCheckIn:
    record = records.get(made.of)
    if record is None:
        raise BadValue(
            f"the item that it is a check-in of, {made.of or 'none'}, was not imported, or is not in the file"
        )
    said = ImportedCheckIn(where=made.where, at=made.at, by=made.by, note=made.note, written=text_of(made.value))
    if made.of in aims:
        try:
            value = _value(made.value, record, aims[made.of])
        except BadValue as error:
            if not made.note:
                raise
            note(made.where, f"its note is kept, but its value is left out: {error}")
            value = None
        said = ImportedCheckIn(where=made.where, at=made.at, value=value, by=made.by, note=made.note)
    if said.value is None and not said.written and not said.note:
        raise BadValue("it has neither a value nor a note")
    return said


def _value(value: object, record: Record, aim: Aim) -> Decimal | None:
    amount = amount_of(value, aim.written)
    if amount is None or record.type is not Type.INITIATIVE:
        return amount
    return aim.share_done(amount)


def _with_current(
    record: Record, aim: Aim, known: tuple[ImportedCheckIn, ...], as_of: date, note: Say
) -> tuple[ImportedCheckIn, ...]:
    """The row's own value, unless a check-in of that day or a later one says it better."""
    try:
        value = _value(record.current, record, aim)
    except BadValue as error:
        note(record.where, f"its current value is left out: {error}")
        return known
    valued = [one for one in known if one.value is not None]
    day = record.current_on or as_of
    if value is None or (valued and (valued[-1].day >= day or _is_known(record, aim, valued[-1], value))):
        return known
    made = ImportedCheckIn(where=record.where, at=datetime.combine(day, time()), value=value)
    return tuple(sorted((*known, made), key=lambda one: one.at))


def _is_known(record: Record, aim: Aim, last: ImportedCheckIn, value: Decimal) -> bool:
    """Whether the row's own value tells nothing new. A percentage that stands beside check-ins may be the share of the
    way as well as the value: the check-ins say it beyond doubt."""
    may_be_a_share = aim.written == "%" and (aim.start, aim.target) != (Decimal(0), Decimal(100))
    return may_be_a_share or (record.current_on is None and last.value == value)


def _tell_untaken(found: History, records: Mapping[str, Record], note: Say) -> None:
    kinds = Counter(records[key].type for key, said in found.items() for one in said if one.value is None)
    if count := kinds[Type.OBJECTIVE]:
        text = f"{count} of objectives are kept as notes, because an objective gets its progress from its key results"
        note("check-ins", text)
