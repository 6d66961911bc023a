"""From key results to their objective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from mapping.model import Status
from mapping.progress import status_of_gap
from mapping.quantity import CONTEXT


@dataclass(frozen=True, kw_only=True)
class Part:
    """One key result in a roll-up; `progress` and `status` are None while nothing is known of it."""

    weight: Decimal
    progress: Decimal | None
    expected: Decimal
    status: Status | None


@dataclass(frozen=True, kw_only=True)
class RollUp:
    """`known` of `total` parts have a value. All three numbers are of the known parts alone; `progress`,
    `expected` and `status` are None when there is none."""

    progress: Decimal | None
    expected: Decimal | None
    status: Status | None
    known: int
    total: int


def roll_up(parts: Sequence[Part]) -> RollUp:
    """The weighted mean of the parts' progress, each between 0 and 1 so that one that overshoots hides no other.

    A part of which nothing is known never counts as zero: it is left out, and `known` shows it. The status is
    that of the gap between the means; achieved when every part is. Initiatives and KPIs are no parts of an
    objective: the caller leaves them out.
    """
    known = [(part, part.progress) for part in parts if part.progress is not None]
    with localcontext(CONTEXT):
        weight = sum((part.weight for part, _ in known), Decimal(0))
        if weight == 0:
            return RollUp(progress=None, expected=None, status=None, known=len(known), total=len(parts))
        made = sum((part.weight * min(Decimal(1), max(Decimal(0), done)) for part, done in known), Decimal(0)) / weight
        due = sum((part.weight * part.expected for part, _ in known), Decimal(0)) / weight
    statuses = {part.status for part, _ in known}
    if statuses == {Status.ACHIEVED}:
        status = Status.ACHIEVED
    elif statuses == {Status.NOT_STARTED}:
        status = Status.NOT_STARTED
    else:
        status = status_of_gap(due - made)
    return RollUp(progress=made, expected=due, status=status, known=len(known), total=len(parts))
