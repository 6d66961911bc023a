"""Questions that differ in one day alone, answered by one SELECT grouped by month. Pure.

`... AND CloseDate <= 2026-10-31` for the ends of many months looks at the same rows again and again. Sums, counts and
extremes of the months add up to each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from connectors.salesforce.soql import ROWS, Aggregate, Select, bare, merge

FOLDS = frozenset({"SUM", "COUNT", "MIN", "MAX"})
"""Whose months become a longer time. An average or a count of different values does not follow from them."""
WORTH_IT = 3
"""Questions of one series from which one grouped SELECT is asked in their place."""
YEAR, MONTH = "ofYear", "ofMonth"
_UP_TO = re.compile(r"([A-Za-z]\w*)\s*<=\s*(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True)
class Family:
    """What the selects of one series have in common: all but the day."""

    object: str
    field: str
    others: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Series:
    """One SELECT that gives a row for each month up to the last day asked for."""

    soql: str
    column: Mapping[Aggregate, str]


def family_of(select: Select) -> tuple[Family, date] | None:
    """The family of a select and its day; None where it names no end of a month, or can't be added up from months."""
    if any(one.function not in FOLDS for one in select.aggregates):
        return None
    conditions = _conjuncts(select.rest)
    if conditions is None:
        return None
    bounds = [(index, match) for index, text in enumerate(conditions) if (match := _UP_TO.fullmatch(text))]
    if len(bounds) != 1:
        return None
    index, match = bounds[0]
    try:
        day = date.fromisoformat(match[2])
    except ValueError:
        return None
    if (day + timedelta(days=1)).day != 1:
        return None
    others = tuple(text for position, text in enumerate(conditions) if position != index)
    return Family(select.object.lower(), match[1].lower(), others), day


def series(selects: Sequence[Select]) -> Series:
    """One SELECT for selects of one family."""
    found = [known for select in selects if (known := family_of(select))]
    family, last = found[0][0], max(day for _, day in found)
    where = " AND ".join([*family.others, f"{family.field} <= {last}"])
    merged = merge([Select(aggregates=one.aggregates, object=one.object, rest=f"WHERE {where}") for one in selects])
    months = f"CALENDAR_YEAR({family.field}) {YEAR}, CALENDAR_MONTH({family.field}) {MONTH}, "
    groups = f" GROUP BY CALENDAR_YEAR({family.field}), CALENDAR_MONTH({family.field})"
    return Series(soql=f"SELECT {months}{merged.soql.removeprefix('SELECT ')}{groups}", column=merged.column)


def folded(made: Series, one: Aggregate, rows: Iterable[Mapping[str, Any]], last: date) -> tuple[Any, int]:
    """The value up to the end of a month, and how many rows stand behind it. Raises KeyError, TypeError where a row
    has not the form that was asked for."""
    until = (last.year, last.month)
    known = [row for row in rows if (int(row[YEAR]), int(row[MONTH])) <= until]
    count = sum(int(row[ROWS]) for row in known)
    column = made.column[bare(one)]
    values = [Decimal(row[column]) for row in known if row[column] is not None]
    if one.function == "COUNT":
        return sum(values, Decimal(0)), count
    if not values:
        return None, count
    if one.function == "SUM":
        return sum(values, Decimal(0)), count
    return (min(values) if one.function == "MIN" else max(values)), count


def _conjuncts(rest: str) -> list[str] | None:
    """The conditions of a WHERE that are joined by AND; None where OR or NOT stands outside of parentheses."""
    if not rest.lower().startswith("where "):
        return None
    parts, depth, start, index, text = [], 0, 0, 0, rest[6:]
    while index < len(text):
        character = text[index]
        if character == "'":
            index = _end_of_text(text, index)
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif depth == 0 and (word := re.match(r"(?i)\b(and|or)\b", text[index:])) and _begins_word(text, index):
            if word[1].lower() == "or":
                return None
            parts.append(text[start:index].strip())
            index += len(word[1])
            start = index
            continue
        index += 1
    return [*parts, text[start:].strip()]


def _end_of_text(text: str, start: int) -> int:
    index = start + 1
    while index < len(text) and text[index] != "'":
        index += 2 if text[index] == "\\" else 1
    return index


def _begins_word(text: str, index: int) -> bool:
    return index == 0 or not (text[index - 1].isalnum() or text[index - 1] in "_.")
