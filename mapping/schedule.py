"""When sources are asked: at an interval or by a cron line, in the workspace's time zone, outside quiet hours.

A schedule is a series of ticks. A tick in quiet hours moves to their end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from cronsim import CronSim, CronSimError

from mapping.day import UTC, Zone, day_of, moment_of, start_of
from mapping.errors import MappingError

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
LONGEST = timedelta(days=31)
ANCHOR = date(2024, 1, 1)
"""A Monday. Intervals that are not whole days are counted from its midnight."""
_UNITS = {"m": MINUTE, "h": timedelta(hours=1), "d": DAY, "w": timedelta(weeks=1)}
_EVERY = re.compile(r"(?:(\d{1,4})\s?([mhdw]))\s?(?:(\d{1,4})\s?([mh]))?")
_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s?[-–]\s?([01]?\d|2[0-3]):([0-5]\d)")
_CRON_BACK = tuple(timedelta(hours=hours) for hours in (1, 26, 8 * 24, 40 * 24, 400 * 24, 9 * 366 * 24))
"""How far back to look for the last tick of a cron line."""


@dataclass(frozen=True, kw_only=True)
class Quiet:
    """Hours of a day in which nothing is asked; they may cross midnight. The end is not part of them."""

    start: time
    end: time

    def until(self, at: datetime, zone: Zone) -> datetime | None:
        """The end of the quiet hours around this instant; None if it is outside them."""
        clock, day = at.astimezone(zone).time(), day_of(at, zone)
        if self.start < self.end:
            return moment_of(day, self.end, zone) if self.start <= clock < self.end else None
        if clock >= self.start:
            return moment_of(day + DAY, self.end, zone)
        return moment_of(day, self.end, zone) if clock < self.end else None


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """`text` is as it was written; either `every` or `cron` is set."""

    text: str
    every: timedelta | None = None
    cron: str | None = None
    quiet: Quiet | None = None

    def after(self, at: datetime, zone: Zone) -> Iterator[datetime]:
        """The ticks later than `at`, in UTC, the next one first."""
        last = at
        for raw in self._raw_after(self._begin(at, zone), zone):
            tick = (self.quiet and self.quiet.until(raw, zone)) or raw
            if tick > last:
                yield tick
                last = tick

    def next(self, at: datetime, zone: Zone) -> datetime:
        return next(self.after(at, zone))

    def last(self, at: datetime, zone: Zone) -> datetime:
        """The last tick at or before `at`."""
        for back in (self.every,) if self.every else _CRON_BACK:
            found = None
            for tick in self.after(at - back - DAY * bool(self.quiet) - timedelta(seconds=1), zone):
                if tick > at:
                    break
                found = tick
            if found is not None:
                return found
        return at - _CRON_BACK[-1]

    def gap(self, at: datetime, zone: Zone) -> timedelta:
        """How much time may pass between two ticks around now: the longer of the gaps before and after the last tick,
        so that a Monday morning does not look late after a weekend that the schedule leaves out."""
        last = self.last(at, zone)
        return max(last - self.last(last - timedelta(seconds=1), zone), self.next(at, zone) - last)

    def _begin(self, at: datetime, zone: Zone) -> datetime:
        """Early enough for a tick of before that quiet hours move past `at`."""
        return at if self.quiet is None or self.quiet.until(at, zone) is None else at - DAY

    def _raw_after(self, at: datetime, zone: Zone) -> Iterator[datetime]:
        if self.cron is not None:
            for moment in CronSim(self.cron, at.astimezone(zone)):
                yield moment.astimezone(UTC)
        elif self.every is not None and self.every % DAY == timedelta(0):
            step = self.every // DAY
            day = day_of(at, zone)
            day -= timedelta(days=(day - ANCHOR).days % step)
            while True:
                if (tick := start_of(day, zone)) > at:
                    yield tick
                day += timedelta(days=step)
        elif self.every is not None:
            anchor = start_of(ANCHOR, zone)
            tick = anchor + ((at - anchor) // self.every + 1) * self.every
            while True:
                yield tick
                tick += self.every


def parse_schedule(text: str, quiet: Quiet | None = None) -> Schedule:
    """`1h`, `15m`, `1d`, or five fields of cron. Raises MappingError."""
    written = " ".join(text.split())
    if len(written.split(" ")) == 5:
        return Schedule(text=written, cron=_cron(written), quiet=quiet)
    found = _EVERY.fullmatch(written)
    if not found:
        raise MappingError(
            f"{text!r} is not a schedule: write 15m, 1h, 1d, or five fields of cron such as '0 7 * * 1-5'"
        )
    every = int(found[1]) * _UNITS[found[2]] + (int(found[3]) * _UNITS[found[4]] if found[3] else timedelta())
    if not MINUTE <= every <= LONGEST:
        raise MappingError(f"{text!r} is not between 1m and 31d")
    return Schedule(text=written, every=every, quiet=quiet)


def parse_quiet(text: str) -> Quiet:
    """`22:00-06:00`. Raises MappingError."""
    found = _HOURS.fullmatch(text.strip())
    if not found:
        raise MappingError(f"{text!r} is not a range of hours: write 22:00-06:00")
    start, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    if start == end:
        raise MappingError(f"{text!r} is the whole day: write hours in which okrsync asks nothing, such as 22:00-06:00")
    return Quiet(start=start, end=end)


def _cron(text: str) -> str:
    try:
        next(CronSim(text, start_of(ANCHOR, UTC)))
    except (CronSimError, StopIteration) as error:
        said = str(error) or "that day never comes"
        raise MappingError(f"{text!r} is not a cron line ({said[:1].lower()}{said[1:]}): write '0 7 * * 1-5'") from None
    return text
