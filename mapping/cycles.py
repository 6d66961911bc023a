"""Cycles by their names, in the fiscal year of a company."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from mapping.errors import MappingError

_CYCLE = re.compile(r"(\d{4})(?:-(?:Q([1-4])|H([12])))?")


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """`first_month` is the month in which a fiscal year begins, `named_by` whether the calendar year of its start or of
    its end is its name; `weeks` end on Sunday (ISO) or begin on it."""

    first_month: int = 1
    named_by: Literal["start", "end"] = "start"
    weeks: Literal["iso", "sunday"] = "iso"

    def days(self, year: int, first: int, months: int) -> tuple[date, date]:
        """The first and the last day of so many months of a fiscal year, from its month `first` (0 to 11) on."""
        if self.named_by == "end" and self.first_month > 1:
            year -= 1
        start, last = year * 12 + self.first_month - 1 + first, year * 12 + self.first_month - 2 + first + months
        try:
            return _first(start), date(last // 12, last % 12 + 1, monthrange(last // 12, last % 12 + 1)[1])
        except ValueError:
            raise MappingError(f"{year} is not a year from 1 to 9999") from None

    def end_of_week(self, day: date) -> date:
        last = 6 if self.weeks == "iso" else 5
        return day + timedelta(days=(last - day.weekday()) % 7)

    def end_of_quarter(self, day: date) -> date:
        month = day.year * 12 + day.month - 1
        into = (month - (self.first_month - 1)) % 3
        return _first(month - into + 3) - timedelta(days=1)


def _first(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


CALENDAR = Calendar()


def days_of(name: str, calendar: Calendar = CALENDAR) -> tuple[date, date]:
    """The days of "2026", "2026-H2" or "2026-Q4". Raises MappingError."""
    match = _CYCLE.fullmatch(name)
    if not match or int(match[1]) == 0:
        raise MappingError(f"{name!r} is not a cycle: write 2026-Q4, 2026-H2, 2026, or {{name, start, end}}")
    year = int(match[1])
    if match[2]:
        return calendar.days(year, int(match[2]) * 3 - 3, 3)
    return calendar.days(year, int(match[3]) * 6 - 6, 6) if match[3] else calendar.days(year, 0, 12)
