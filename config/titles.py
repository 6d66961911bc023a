"""What a title says in numbers, held against the start and target that stand below it."""

from __future__ import annotations

import re
from decimal import Decimal

from mapping.errors import MappingError
from mapping.format import format_quantity
from mapping.model import Toward
from mapping.parse import is_meant_as_quantity, parse_quantity
from mapping.quantity import Quantity
from mapping.units import Dimension

_NUMBER = r"[-+]?[$€£¥₩₹]?\d[\d.,]*(?:\s?%|\s?(?:bn|ms|[kKMBmhdws])(?:\d+[ms])*\b|[만억천]+원?)?"
_WORDS = r"(?:\s+[^\W\d]+){0,3}?"
"""Between two numbers, as in "from 12 days to 9"."""
_WAYS = (
    re.compile(rf"\bfrom\s+({_NUMBER}){_WORDS}\s+(?:down\s+|up\s+)?to\s+({_NUMBER})", re.IGNORECASE),
    re.compile(rf"({_NUMBER})\s*(?:→|->)\s*({_NUMBER})"),
    re.compile(rf"({_NUMBER})\s*\w{{0,3}}에서\s+({_NUMBER})"),
)
_GOAL = re.compile(
    rf"\b(?:to|under|below|over|above|least|most|reach|reaches)\s+({_NUMBER})|({_NUMBER})\s*\w{{0,2}}(?:까지|이하|이상)",
    re.IGNORECASE,
)
_TIMES = tuple(Decimal(factor) for factor in ("0.001", "1", "60", "3600", "86400", "604800"))
_SIZES = tuple(Decimal(factor) for factor in ("1", "1e3", "1e4", "1e6", "1e8", "1e9"))
_PARTS = (Decimal(1), Decimal("0.01"))


def contradiction(title: str, measure: Toward) -> str | None:
    """What is wrong between them; None where they agree, or the title is in words that are not understood."""
    start, target = measure.start, measure.target
    ours = f"the numbers go from {format_quantity(start)} to {format_quantity(target)}"
    for way in _WAYS:
        if found := way.search(title):
            first, last = found[1].strip(".,"), found[2].strip(".,")
            if _is(first, start) and _is(last, target):
                return None
            if _is(first, target) and _is(last, start):
                return f"says from {first} to {last}, but {ours}: swap start and target"
            if _read(first) is None or _read(last) is None:
                return None
            return f"says from {first} to {last}, but {ours}"
    goals = [(found[1] or found[2]).strip(".,") for found in _GOAL.finditer(title)]
    if len(goals) == 1 and start.amount and _is(goals[0], start) and not _is(goals[0], target):
        return f"says {goals[0]}, but {ours}: are they swapped?"
    return None


def _read(text: str) -> Quantity | None:
    try:
        return parse_quantity(text) if is_meant_as_quantity(text) else None
    except MappingError:
        return None


def _is(text: str, meant: Quantity) -> bool:
    """Whether a number of a title may be that value: what is bare may be so many of any unit, "12" twelve million."""
    found = _read(text)
    if found is None:
        return False
    if found.unit == meant.unit:
        factors: tuple[Decimal, ...] = _SIZES if meant.unit.dimension is not Dimension.DURATION else (Decimal(1),)
    elif found.unit.dimension is Dimension.DURATION:
        # "12m" may be meant as millions.
        return text.endswith("m") and text[:-1].replace(".", "").isdigit() and _is(text[:-1], meant)
    elif not found.unit.is_plain and not meant.unit.is_plain:
        return False
    else:
        factors = {Dimension.PERCENT: _PARTS, Dimension.DURATION: _TIMES}.get(meant.unit.dimension, _SIZES)
    return any(found.amount * factor == meant.amount for factor in factors)
