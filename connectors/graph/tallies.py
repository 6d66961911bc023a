"""Numbers out of collections that Graph can't add up itself: list items, Planner tasks, course activities. Pure.

A tally hears each item once, page after page, and keeps no more than it needs.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import Any

from connectors.errors import BadAnswer, ConnectorError, NotFound
from connectors.graph.numbers import TooFar, exact
from connectors.graph.queries import Courses, ListColumn, PlanTasks
from mapping.units import PERCENT, Unit

DONE = 100
"""percentComplete of a finished Planner task; 0 is not started, what lies between is in progress."""
EXACT = Context(prec=60)

_NUMBERS = re.compile(r"([0-9]{1,1000})")

Item = Mapping[str, Any]
Rank = tuple[int, Any]


@dataclass(frozen=True, kw_only=True)
class Amount:
    """`rows` are the items behind the value."""

    value: Decimal | None
    rows: int
    unit: Unit | None = None


class Tally(ABC):
    """Of one query. The trouble of an item is this query's alone: it is raised by `amount`."""

    def __init__(self, connection: str) -> None:
        self._connection = connection
        self._trouble: ConnectorError | None = None

    def add(self, item: Item) -> None:
        if self._trouble is None:
            try:
                self._add(item)
            except ConnectorError as error:
                self._trouble = error

    def amount(self) -> Amount:
        """Raises ConnectorError."""
        if self._trouble is not None:
            raise self._trouble
        return self._amount()

    @abstractmethod
    def _add(self, item: Item) -> None: ...

    @abstractmethod
    def _amount(self) -> Amount: ...

    def _bad(self, message: str, fix: str = "") -> ConnectorError:
        return BadAnswer(message, connection=self._connection, fix=fix)


class ListTally(Tally):
    """`column` and `by` are the internal names. A sum over no items is 0, over items without a value none. The latest
    item is the one with the highest `by`, and of several the one with the highest id."""

    def __init__(self, asked: ListColumn, connection: str, *, column: str, by: str) -> None:
        super().__init__(connection)
        self._measure, self._shown = asked.measure
        self._column, self._by = column, by
        self._items = self._filled = 0
        self._total = Decimal(0)
        self._ends: tuple[Decimal, Decimal] | None = None
        self._best: tuple[Rank, int, Decimal | None] | None = None
        self._saw_column = False

    @property
    def lacks_column(self) -> bool:
        """Whether there are items, but none has the column: it is empty, or unknown."""
        return self._measure != "count" and self._items > 0 and not self._saw_column

    def _add(self, item: Item) -> None:
        self._items += 1
        if self._measure == "count":
            return
        fields = item.get("fields")
        if not isinstance(fields, dict):
            raise self._bad("Graph sent list items without their fields")
        self._saw_column = self._saw_column or self._column in fields
        if self._measure == "latest":
            self._compare(fields, item)
            return
        number = self._number(fields)
        if number is not None:
            self._filled += 1
            self._total = EXACT.add(self._total, number)
            low, high = self._ends or (number, number)
            self._ends = (min(low, number), max(high, number))

    def _compare(self, fields: Item, item: Item) -> None:
        found = fields.get(self._by)
        if found is None or found == "":
            return
        rank = self._rank(found)
        ident = str(item.get("id"))
        number = int(ident) if ident.isdecimal() and len(ident) < 19 else -1
        if self._best is not None and self._best[0][0] != rank[0]:
            raise self._bad(f"the column {self._by} mixes numbers, times and texts", "Name a column of one kind.")
        if self._best is None or (rank, number) > self._best[:2]:
            self._best = (rank, number, self._number(fields))

    def _rank(self, found: Any) -> Rank:
        """Numbers by size, times by when they are, texts by their letters and the numbers in them."""
        if isinstance(found, bool) or not isinstance(found, int | Decimal | str):
            raise self._bad(
                f"the column {self._by} contains {str(found)[:60]!r}, which can't be ordered", "Name a date column."
            )
        if not isinstance(found, str):
            return 0, self._exact(found, self._by)
        try:
            at = datetime.fromisoformat(found)
        except ValueError:
            return 2, [int(part) if place % 2 else part for place, part in enumerate(_NUMBERS.split(found))]
        return 1, at if at.tzinfo else at.replace(tzinfo=UTC)

    def _number(self, fields: Item) -> Decimal | None:
        """An empty field is absent."""
        value = fields.get(self._column)
        return None if value is None else self._exact(value, self._shown)

    def _exact(self, value: Any, column: str) -> Decimal:
        try:
            return exact(value)
        except TooFar as error:
            raise self._bad(f"the column {column} contains an impossible number: {error}") from None
        except TypeError:
            raise self._bad(
                f"the column {column} contains {str(value)[:60]!r} instead of a number", "Name a number column."
            ) from None

    def _amount(self) -> Amount:
        match self._measure:
            case "count":
                return Amount(value=Decimal(self._items), rows=self._items)
            case "latest":
                value = self._best[2] if self._best else None
                return Amount(value=value, rows=1 if self._best else 0)
            case "sum" if not self._items:
                return Amount(value=Decimal(0), rows=0)
        if self._ends is None:
            return Amount(value=None, rows=0)
        low, high = self._ends
        value = {"sum": self._total, "avg": self._total / self._filled, "min": low, "max": high}[self._measure]
        return Amount(value=value, rows=self._filled)


class PlanTally(Tally):
    """A share of no tasks is none."""

    def __init__(self, asked: PlanTasks, connection: str) -> None:
        super().__init__(connection)
        self._asked = asked
        self._tasks = self._begun = self._done = 0

    def _add(self, item: Item) -> None:
        if item.get("planId") != self._asked.plan:
            raise NotFound(
                f"the bucket {self._asked.bucket} is not in plan {self._asked.plan}", connection=self._connection
            )
        percent = _percent(self, item, "percentComplete")
        self._tasks += 1
        self._done += percent >= DONE
        self._begun += 0 < percent < DONE

    def _amount(self) -> Amount:
        match self._asked.measure:
            case "count":
                return Amount(value=Decimal(self._tasks), rows=self._tasks)
            case "done":
                return Amount(value=Decimal(self._done), rows=self._tasks)
            case "open":
                return Amount(value=Decimal(self._tasks - self._done), rows=self._tasks)
        share = (self._done + self._begun * self._asked.in_progress) / self._tasks if self._tasks else None
        return Amount(value=share, rows=self._tasks, unit=PERCENT)


class CourseTally(Tally):
    """A share or mean of no activities is none."""

    def __init__(self, asked: Courses, connection: str) -> None:
        super().__init__(connection)
        self._asked = asked
        self._wanted = self._completed = 0
        self._percents = Decimal(0)

    def _add(self, item: Item) -> None:
        if self._asked.course not in (None, item.get("learningContentId")):
            return
        status = item.get("status")
        if not isinstance(status, str):
            raise self._bad("Graph sent an activity without its status")
        self._wanted += 1
        self._completed += status.lower() == "completed"
        if self._asked.measure == "avg":
            self._percents += _percent(self, item, "completionPercentage")

    def _amount(self) -> Amount:
        match self._asked.measure:
            case "count":
                return Amount(value=Decimal(self._wanted), rows=self._wanted)
            case "completed":
                return Amount(value=Decimal(self._completed), rows=self._wanted)
        if not self._wanted:
            return Amount(value=None, rows=0, unit=PERCENT)
        share = Decimal(self._completed) if self._asked.measure == "percent_done" else self._percents / 100
        return Amount(value=share / self._wanted, rows=self._wanted, unit=PERCENT)


def _percent(tally: Tally, item: Item, key: str) -> Decimal:
    try:
        value = exact(item.get(key))
    except (TypeError, TooFar):
        raise tally._bad(f"Graph sent an item without {key}") from None
    if not 0 <= value <= 100:
        raise tally._bad(f"Graph sent an item with {value} as {key}")
    return value
