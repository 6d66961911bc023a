"""Questions that differ in one day alone, answered by one SELECT grouped by day. Pure.

`... AND CloseDate <= 2026-10-31` for many days looks at the same rows again and again. What was there before the first
of these days, and the sums, counts and extremes of each day since, add up to every one of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any

from connectors.salesforce.answers import count_of, number_of
from connectors.salesforce.soql import ROWS, Aggregate, Select, bare, merge
from connectors.salesforce.tokens import Token, joined, parts, path_at, scan
from mapping.day import FIRST_DAY, LAST_DAY, UTC, Zone, day_of, start_of
from mapping.quantity import CONTEXT

FOLDS = frozenset({"SUM", "COUNT", "MIN", "MAX", "AVG"})
"""What can be put together from days. A count of different values can't."""
WORTH_IT = 3
"""Questions of one series from which it is asked as one."""
MOST_GROUPS = 2_000
"""Rows that Salesforce gives for a grouped SELECT, so days that one may span."""
DAY = "ofDay"
_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)


@dataclass(frozen=True)
class Family:
    """What the selects of one series have in common: all but the day. `timed` where the field holds instants."""

    object: str
    field: str
    others: tuple[str, ...]
    timed: bool


Bound = date | datetime
"""The first day, or the first instant, that no longer counts."""


@dataclass(frozen=True, kw_only=True)
class Series:
    """`before` gives one row of all that lies before the first day; each of `daily` a row for each day."""

    before: str
    daily: tuple[str, ...]
    column: Mapping[Aggregate, str]

    @property
    def soqls(self) -> tuple[str, ...]:
        return (self.before, *self.daily)


def family_of(select: Select) -> tuple[Family, Bound] | None:
    """The family of a select and where its time ends; None where it names no such end, or can't be added up."""
    if any(one.function not in FOLDS for one in select.aggregates):
        return None
    conditions = _conjuncts(select.rest)
    bounds = [(index, found) for index, part in enumerate(conditions) if (found := _upper_bound(part))]
    if len(bounds) != 1:
        return None
    index, (field, bound) = bounds[0]
    others = tuple(joined(part) for position, part in enumerate(conditions) if position != index)
    return Family(select.object.lower(), field.lower(), others, isinstance(bound, datetime)), bound


def day_from(bound: Bound, zone: Zone | None) -> date | None:
    """The day that begins where a time ends; None where none begins there, or the zone is not known."""
    if not isinstance(bound, datetime):
        return bound
    if zone is None:
        return None
    day = day_of(bound, zone)
    return day if start_of(day, zone) == bound else None


def selects_of(bounds: Sequence[Bound]) -> int:
    """How many SELECTs a series of these would be."""
    first, last = min(bounds), max(bounds)
    return 1 + len(list(_spans(first, last)))


def series(selects: Sequence[Select], bounds: Sequence[Bound], zone: Zone | None) -> Series:
    """The SELECTs for selects of one family; the bounds of a timed one are midnights of `zone`, the user's."""
    known = family_of(selects[0])
    assert known is not None  # noqa: S101 - the caller has looked
    family = known[0]
    first, last = min(bounds), max(bounds)  # all days, or all instants
    others = [*family.others, f"{family.field} < {_written(first)}"]
    merged = _merged(selects, others)
    bin_of = family.field
    if family.timed:
        # Date functions work in UTC but for convertTimezone(), which gives the time of the user who asks.
        bin_of = f"DAY_ONLY({family.field if zone == UTC else f'convertTimezone({family.field})'})"
    daily = []
    for start, end in _spans(first, last):
        within = [*family.others, f"{family.field} >= {_written(start)}", f"{family.field} < {_written(end)}"]
        of_days = _merged(selects, within)
        columns = of_days.soql.removeprefix("SELECT ")
        daily.append(f"SELECT {bin_of} {DAY}, {columns} GROUP BY {bin_of}")
    return Series(before=merged.soql, daily=tuple(daily), column=merged.column)


class Sums:
    """Values up to each day, from the rows that the SELECTs of a series gave."""

    def __init__(self, made: Series, before: Mapping[str, Any], daily: Iterable[Mapping[str, Any]], connection: str):
        """Raises BadAnswer, KeyError, ValueError where a row has not the form that was asked for."""
        self._made = made
        by_day: dict[date, Mapping[str, Any]] = {}
        for row in daily:
            day = date.fromisoformat(_text(row[DAY]))
            if day in by_day:
                raise ValueError(f"{day} twice")
            by_day[day] = row
        self._days = sorted(by_day)
        rows = [before, *(by_day[day] for day in self._days)]
        self._rows = list(accumulate(count_of(row[ROWS], connection) for row in rows))
        self._running: dict[str, list[Decimal | None]] = {}
        for one, name in made.column.items():
            read = count_of if one.function == "COUNT" else number_of
            values = [read(row[name], connection) for row in rows]
            self._running[name] = list(accumulate(map(_decimal, values), _put_together(one.function)))

    def until(self, one: Aggregate, day: date) -> tuple[Decimal | None, int]:
        """The value of all before a day, and how many rows stand behind it."""
        at = bisect_left(self._days, day)
        if one.function == "AVG":
            total = self._running[self._made.column[Aggregate("SUM", one.field.lower())]][at]
            count = self._running[self._made.column[Aggregate("COUNT", one.field.lower())]][at]
            return (CONTEXT.divide(total, count) if total is not None and count else None), self._rows[at]
        return self._running[self._made.column[bare(one)]][at], self._rows[at]


def _merged(selects: Sequence[Select], conditions: Sequence[str]) -> Any:
    rest = f"WHERE {' AND '.join(conditions)}"
    return merge(Select(aggregates=tuple(_foldable(one.aggregates)), object=one.object, rest=rest) for one in selects)


def _foldable(aggregates: Iterable[Aggregate]) -> Iterable[Aggregate]:
    for one in aggregates:
        if one.function == "AVG":
            yield Aggregate("SUM", one.field)
            yield Aggregate("COUNT", one.field)
        else:
            yield one


def _put_together(function: str) -> Any:
    def both(left: Decimal | None, right: Decimal | None) -> Decimal | None:
        if left is None or right is None:
            return right if left is None else left
        return {"MIN": min, "MAX": max}[function](left, right) if function in ("MIN", "MAX") else left + right

    return both


def _decimal(value: Decimal | int | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _spans(first: Any, last: Any) -> Iterable[tuple[Any, Any]]:
    """A day of a zone may have 25 hours, so that a span holds one day less than it could."""
    start = first
    while start < last:
        end = last if last - start < MOST_GROUPS * _DAY else start + (MOST_GROUPS - 1) * _DAY
        yield start, end
        start = end


def _written(bound: Bound) -> str:
    return bound.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(bound, datetime) else bound.isoformat()


def _conjuncts(rest: str) -> list[Sequence[Token]]:
    """The conditions of a WHERE that are joined by AND; none where there is more, or OR or NOT outside of
    parentheses."""
    tokens = scan(rest)
    if not tokens or tokens[0].lower != "where" or len(parts(tokens, {"or", "with"})) > 1:
        return []
    found = parts(tokens[1:], {"and"})
    return [] if any(not part or part[0].lower == "not" for part in found) else found


def _upper_bound(tokens: Sequence[Token]) -> tuple[str, Bound] | None:
    """`CloseDate <= 2026-10-31`, `CreatedDate < 2026-11-01T00:00:00Z`: the field and where its time ends."""
    if len(tokens) < 3 or tokens[0].kind != "word":
        return None
    field, end = path_at(tokens, 0)
    if len(tokens) != end + 2 or tokens[end].text not in ("<", "<="):
        return None
    written, included = tokens[end + 1].text, tokens[end].text == "<="
    try:
        if len(written) == len("2026-10-31"):
            return field, date.fromisoformat(written) + (_DAY if included else timedelta(0))
        # Salesforce keeps whole seconds.
        instant = datetime.fromisoformat(written)
        known = instant.tzinfo is not None and FIRST_DAY.year < instant.year < LAST_DAY.year
        return (field, instant + (_SECOND if included else timedelta(0))) if known else None
    except (ValueError, OverflowError):
        return None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a day")
    return value
