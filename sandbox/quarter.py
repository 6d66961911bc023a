"""A quarter of the sample company, as far as it has come on a day."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

SEEN, QUARTER_DAYS = 54, 92
"""The counts below are of the first days of a quarter; the rest of it goes on at the same rate."""


class Quarter:
    """The quarter of a day, as far as it has come."""

    def __init__(self, today: datetime) -> None:
        self.today = today
        self.start = datetime(today.year, (today.month - 1) // 3 * 3 + 1, 1, tzinfo=UTC)
        self.days = (today - self.start).days
        self.chance, self.later = random.Random(2026), random.Random(2027)

    def some_hour(self, days: int = SEEN) -> datetime:
        return self._at(self.chance.randint(0, days * 24))

    def some_later_hour(self) -> datetime:
        return self._at(self.later.randint((SEEN + 1) * 24, QUARTER_DAYS * 24))

    def has_seen(self, moment: datetime) -> bool:
        return moment <= self.today

    def grown(self, start: float, now: float) -> Decimal:
        """A number that went from `start` to `now` in the first days, and goes on so."""
        return Decimal(str(round(start + (now - start) * self.days / SEEN, 4)))

    def done(self, by_now: int, of: int) -> int:
        return min(of, round(by_now * self.days / SEEN))

    def _at(self, hour: int) -> datetime:
        """On the first two days, what belongs to them has happened already, or nothing could be shown."""
        passed = (self.today - self.start) / timedelta(hours=1)
        return self.start + timedelta(hours=hour * passed / 48 if passed < 48 and hour <= 48 else hour)


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
