"""From key results to their objective, and from objectives to the one that they serve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

from mapping.errors import MappingError
from mapping.model import RANGES, Ranges, Status, Toward
from mapping.progress import status_of_gap
from mapping.quantity import CONTEXT, Quantity


@dataclass(frozen=True, kw_only=True)
class Part:
    """A key result or an objective in a roll-up; `progress` and `status` are None while nothing is known of it.
    `share` is a fixed part of the whole (0 leaves it out), what is left is shared by `weight`."""

    weight: Decimal
    progress: Decimal | None
    expected: Decimal
    status: Status | None
    share: Decimal | None = None
    value: Quantity | None = None


@dataclass(frozen=True, kw_only=True)
class RollUp:
    """`known` of `total` parts have a value. All three numbers are of the known parts alone; `progress`,
    `expected` and `status` are None when there is none. `value` is that of an objective with a number of its own."""

    progress: Decimal | None
    expected: Decimal | None
    status: Status | None
    known: int
    total: int
    value: Quantity | None = None


def shares(parts: Sequence[Part]) -> list[Decimal]:
    """Each part's share of the whole; they add up to 1, or are all 0. Raises MappingError for fixed ones beyond 1."""
    with localcontext(CONTEXT):
        portions = _portions(parts)
        whole = sum(portions, Decimal(0))
        return [portion / whole if whole else Decimal(0) for portion in portions]


def _portions(parts: Sequence[Part]) -> list[Decimal]:
    """The shares, all multiplied by one number so that none has to be rounded."""
    fixed = sum((part.share for part in parts if part.share is not None), Decimal(0))
    if fixed > 1:
        raise MappingError(f"the fixed shares add up to {(fixed * 100).normalize():f}%, more than 100%")
    weight = sum((part.weight for part in parts if part.share is None), Decimal(0))
    if weight == 0:
        return [part.share or Decimal(0) for part in parts]
    return [part.share * weight if part.share is not None else (1 - fixed) * part.weight for part in parts]


def roll_up(parts: Sequence[Part], ranges: Ranges = RANGES) -> RollUp:
    """The mean of the parts' progress by share, each between 0 and 1 so that one that overshoots hides no other.

    A part of which nothing is known never counts as zero: it is left out, and `known` shows it. The status is
    that of the gap between the means; achieved when every part is, closed or postponed when all are. Initiatives, KPIs
    and baselines are no parts of an objective: the caller leaves them out.
    """
    with localcontext(CONTEXT):
        counted = [(part, portion) for part, portion in zip(parts, _portions(parts), strict=True) if portion]
    known = [(part, part.progress, portion) for part, portion in counted if part.progress is not None]
    none = RollUp(progress=None, expected=None, status=None, known=len(known), total=len(counted))
    if not known:
        return none
    with localcontext(CONTEXT):
        whole = sum((share for _, _, share in known), Decimal(0))
        made = sum((share * min(Decimal(1), max(Decimal(0), done)) for _, done, share in known), Decimal(0)) / whole
        due = sum((share * part.expected for part, _, share in known), Decimal(0)) / whole
    statuses = {part.status for part, _, _ in known}
    return replace(none, progress=made, expected=due, status=_status(statuses, due - made, ranges))


def objective_value(measure: Toward, rolled: RollUp) -> RollUp:
    """An objective's own number where it follows its parts: with 15% of the way from 30 to 60 it is 34.5."""
    if rolled.progress is None:
        return rolled
    way = measure.target - measure.start
    return replace(rolled, value=measure.start + way * Quantity(rolled.progress))


def roll_up_sum(measure: Toward, parts: Sequence[Part], rolled: RollUp, ranges: Ranges = RANGES) -> RollUp:
    """An objective's own number as the sum of its parts' values. A sum that lacks a part is none. Raises UnitMismatch
    where the parts are of unlike units."""
    values = [part.value for part in parts]
    if not values or any(value is None for value in values):
        return replace(rolled, progress=None, status=None, value=None)
    total = Quantity(Decimal(0), measure.start.unit)
    for value in values:
        total = total + value if value is not None else total
    made = ((total - measure.start) / (measure.target - measure.start)).amount
    due = rolled.expected or Decimal(0)
    status = Status.ACHIEVED if made >= 1 else status_of_gap(due - made, ranges)
    return replace(rolled, progress=made, status=status, value=total)


def _status(statuses: set[Status | None], gap: Decimal, ranges: Ranges) -> Status:
    for one in (Status.ACHIEVED, Status.NOT_STARTED, Status.CLOSED, Status.POSTPONED, Status.CANCELLED):
        if statuses == {one}:
            return one
    return status_of_gap(gap, ranges)
