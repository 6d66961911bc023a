"""Why a value moved between two check-ins: what each input of its formula did, and what else changed.

If several inputs moved, each has a share, and the shares add up to the change. In a sum each share is what the input
alone did; in products, and by substitution in all other formulas, it is the mean of what it does before and after the
others moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from itertools import combinations
from math import comb

from mapping.assess import CheckIn, Input
from mapping.changes import Change
from mapping.errors import MappingError
from mapping.formula import Formula
from mapping.quantity import CONTEXT, Quantity
from mapping.reading import Evidence

MOST_INPUTS = 8
"""With more inputs, the share of each input is not told."""


class Method(StrEnum):
    """How the shares were found."""

    EXACT = "exact"
    SUBSTITUTION = "substitution"


@dataclass(frozen=True, kw_only=True)
class Moved:
    """An input of the formula before and after, each with its evidence. `share` is its part of the value's change, in
    the value's unit; None where it can't be told."""

    name: str
    before: Quantity | None
    after: Quantity | None
    share: Quantity | None
    seen_before: Evidence | None
    seen_after: Evidence | None

    @property
    def rows(self) -> tuple[int | None, int | None]:
        return (
            self.seen_before.rows if self.seen_before else None,
            self.seen_after.rows if self.seen_after else None,
        )


@dataclass(frozen=True, kw_only=True)
class Because:
    """`change` is None where the value was in another unit before. `by` is the person who gave the value of now;
    `by_before` the one who gave the value of before. `rule` is the part that a changed formula alone caused."""

    before: CheckIn
    after: CheckIn
    change: Quantity | None
    inputs: tuple[Moved, ...] = ()
    method: Method | None = None
    rule: Quantity | None = None
    changes: tuple[Change, ...] = ()


def because(before: CheckIn, after: CheckIn, changes: Sequence[Change] = ()) -> Because:
    """`changes` are those of the OKR file in between."""
    change = after.value - before.value if after.value.unit == before.value.unit else None
    told = Because(before=before, after=after, change=change, changes=tuple(changes))
    if after.by is not None or before.by is not None or change is None:
        return told
    old, new = ({used.name: used for used in made.inputs} for made in (before, after))
    shares, rule, method = _shares(before, after, old, new)
    moved = tuple(
        Moved(
            name=name,
            before=old[name].quantity if name in old else None,
            after=new[name].quantity if name in new else None,
            share=shares.get(name),
            seen_before=old[name].evidence if name in old else None,
            seen_after=new[name].evidence if name in new else None,
        )
        for name in sorted(old.keys() | new.keys())
        if name not in old or name not in new or old[name].quantity != new[name].quantity or len(new) == 1
    )
    return Because(
        before=before, after=after, change=change, inputs=_by_share(moved), method=method, rule=rule,
        changes=tuple(changes),
    )  # fmt: skip


def _by_share(moved: Sequence[Moved]) -> tuple[Moved, ...]:
    return tuple(sorted(moved, key=lambda one: (-abs(one.share.amount) if one.share else Decimal(0), one.name)))


def _shares(
    before: CheckIn, after: CheckIn, old: Mapping[str, Input], new: Mapping[str, Input]
) -> tuple[dict[str, Quantity], Quantity | None, Method | None]:
    try:
        formula = Formula.parse(after.formula)
    except MappingError:
        return {}, None, None
    names = sorted(formula.names)
    if not formula.names <= old.keys() & new.keys() or len(names) > MOST_INPUTS:
        return {}, None, None
    past, now = ({name: made[name].quantity for name in names} for made in (old, new))
    unit = after.value.unit
    try:
        shares = _shared_out(formula, names, past, now)
        rule = None
        if before.formula != after.formula:
            rule = Quantity(formula.evaluate(past).amount - before.value.amount, unit)
    except MappingError:
        return {}, None, None
    method = Method.EXACT if formula.is_of_sums_and_products else Method.SUBSTITUTION
    return {name: Quantity(share, unit) for name, share in shares.items()}, rule, method


def _shared_out(
    formula: Formula, names: Sequence[str], past: Mapping[str, Quantity], now: Mapping[str, Quantity]
) -> dict[str, Decimal]:
    """Each input's mean effect over all orders in which the inputs could have moved."""
    moving = [name for name in names if past[name] != now[name]]
    values = {
        chosen: formula.evaluate({**past, **{name: now[name] for name in chosen}}).amount
        for size in range(len(moving) + 1)
        for chosen in combinations(moving, size)
    }
    shares = dict.fromkeys(names, Decimal(0))
    with localcontext(CONTEXT):
        for name in moving:
            others = [other for other in moving if other != name]
            whole = Decimal(0)
            for size in range(len(moving)):
                steps = [
                    values[tuple(sorted((*chosen, name), key=moving.index))] - values[chosen]
                    for chosen in combinations(others, size)
                ]
                whole += sum(steps, Decimal(0)) / comb(len(others), size)
            shares[name] = whole / len(moving)
    return shares
