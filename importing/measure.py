"""What a record is measured against, as far as an OKR file can say it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from importing.amounts import BINARY, amount_of, unit_of
from importing.record import Record, Way
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
            raise BadValue("a threshold has no share done")
        return round((value - self.start) / (self.target - self.start) * 100, 4).normalize()


def aim_of(record: Record) -> Aim:
    """Raises BadValue."""
    unit = unit_of(record.unit, record.target, record.start)
    if record.way is Way.BASELINE:
        return Aim(written=unit, baseline=True)
    if unit == BINARY:
        return Aim(written=unit, start=Decimal(0), target=Decimal(100))
    target = amount_of(record.target, unit)
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
        raise BadValue(f"its start and its target are both {target}: there is no way to go; change one")
    return Aim(written=unit, start=start, target=target)


def weight_of(value: object) -> Decimal | None:
    """33% is 0.33. None where nothing is written. Raises BadValue."""
    is_share = isinstance(value, str) and value.strip().endswith("%")
    found = amount_of(value, "%" if is_share else "number")
    if found is None:
        return None
    if found < 0:
        raise BadValue(f"the weight {value} is below zero: write a positive one")
    return found / 100 if is_share else found
