"""What a record is measured against, as far as an OKR file can say it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from importing.amounts import BINARY, amount_of, unit_of
from importing.model import Period
from importing.record import Record, Type, Way
from importing.refuse import BadValue


@dataclass(frozen=True, kw_only=True)
class Aim:
    """`written` is the unit that values are read in; done-or-not is kept as 0% or 100%."""

    written: str
    start: Decimal | None = None
    target: Decimal | None = None
    stay_above: Decimal | None = None
    stay_below: Decimal | None = None
    baseline: bool = False

    @property
    def unit(self) -> str:
        return "%" if self.written == BINARY else self.written

    def share_done(self, value: Decimal) -> Decimal:
        """In percentage points, for initiatives, which know nothing else."""
        if self.start is None or self.target is None:
            raise BadValue("a threshold has no progress in percent")
        return round((value - self.start) / (self.target - self.start) * 100, 4).normalize()


def aim_of(record: Record) -> Aim:
    """Raises BadValue."""
    unit = unit_of(record.unit, record.target, record.start)
    if record.way is Way.BASELINE:
        return Aim(written=unit, baseline=True)
    if unit == BINARY:
        return Aim(written=unit, start=Decimal(0), target=Decimal(100))
    target = amount_of(record.target, unit)
    if target is None and record.type is Type.INITIATIVE and record.way is Way.TOWARD:
        # Work without a target is done by percent.
        return Aim(written="%", start=Decimal(0), target=Decimal(100))
    if target is None:
        raise BadValue("it has no target: write one")
    if record.way is Way.STAY_ABOVE:
        return Aim(written=unit, stay_above=target)
    if record.way is Way.STAY_BELOW:
        return Aim(written=unit, stay_below=target)
    start = amount_of(record.start, unit)
    # Viva's "reach" has no start of its own; a plain file's empty cell means the same.
    start = Decimal(0) if start is None else start
    if start == target:
        raise BadValue(f"its start and its target are both {target}, so there is nothing to reach: change one")
    return Aim(written=unit, start=start, target=target)


def phases_of(record: Record, aim: Aim, period: Period) -> tuple[tuple[date, Decimal], ...]:
    """The shares of the way that were expected by a day, where they never fall and lie in the period. Raises
    BadValue."""
    if not record.phased:
        return ()
    if aim.start is None or aim.target is None:
        raise BadValue("phases need a start and a target")
    found = sorted(_shares(record, aim, aim.start, aim.target))
    days, shares = [day for day, _ in found], [share for _, share in found]
    if len(set(days)) < len(days) or not all(period.start <= day <= period.end for day in days):
        raise BadValue(f"their days are not from {period.start} to {period.end}, or one is there twice")
    if shares != sorted(shares) or not all(0 <= share <= 1 for share in shares):
        raise BadValue("they do not go from the start to the target without turning back")
    return tuple(found)


def _shares(record: Record, aim: Aim, start: Decimal, target: Decimal) -> Iterator[tuple[date, Decimal]]:
    for day, value in record.phased:
        amount = amount_of(value, aim.written)
        if amount is None:
            raise BadValue(f"the one of {day} has no value")
        yield day, round((amount - start) / (target - start), 6)


def weight_of(value: object) -> Decimal | None:
    """33% is 0.33. None where nothing is written. Raises BadValue."""
    is_share = isinstance(value, str) and value.strip().endswith("%")
    found = amount_of(value, "%" if is_share else "number")
    if found is None:
        return None
    if found < 0:
        raise BadValue(f"the weight {value} is below zero: write a positive one")
    return found / 100 if is_share else found
