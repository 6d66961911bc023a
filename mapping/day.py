"""From instants to days and back, in a time zone. Nothing else in okrsync turns one into the other.

Days of a zone follow each other without a gap: a day begins at its midnight, or where clocks leap over midnight when
they do, or at the second midnight where clocks go back over it. It ends where the next one begins.
"""

from __future__ import annotations

from datetime import UTC as _UTC
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from mapping.errors import MappingError

Zone = ZoneInfo
UTC = ZoneInfo("UTC")

_OF_THE_MACHINE = {"localtime", "posixrules", "Factory"}
"""What these mean is another thing on another machine."""

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9998, 12, 31)
"""Each day between them has a first and a last moment in every zone."""
_TICK = timedelta(microseconds=1)


def zone_of(name: str) -> Zone:
    """By its IANA name, "Asia/Seoul". Raises MappingError."""
    try:
        if name not in _OF_THE_MACHINE:
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise MappingError(f"{name!r} is not a time zone: write its IANA name, such as Europe/Berlin")


def zone_names() -> set[str]:
    return available_timezones() - _OF_THE_MACHINE


def day_of(at: datetime, zone: Zone) -> date:
    """The day that an instant is in: from its `start_of` to its `end_of`."""
    day = at.astimezone(zone).date()
    return day if at >= start_of(day, zone) else day - timedelta(days=1)


def start_of(day: date, zone: Zone) -> datetime:
    """The first instant of a day, in UTC."""
    first, second = (datetime.combine(day, time(fold=fold), zone).astimezone(_UTC) for fold in (0, 1))
    if first >= second:
        return first
    goes_back_over_it = (second - _TICK).astimezone(zone).date() < day
    return second if goes_back_over_it else first


def end_of(day: date, zone: Zone) -> datetime:
    """The last microsecond of a day, in UTC."""
    return start_of(day + timedelta(days=1), zone) - _TICK


def instant_of(moment: datetime, zone: Zone) -> datetime:
    """What a clock in the zone shows, as an instant of the same day, in UTC. A moment without a time of day, at 0:00,
    becomes the day's middle."""
    day = moment.date()
    if moment.time() == time():
        return noon_of(day, zone)
    at = moment.replace(tzinfo=zone).astimezone(_UTC)
    return min(max(at, start_of(day, zone)), end_of(day, zone))


def moment_of(day: date, clock: time, zone: Zone) -> datetime:
    """When a clock in the zone shows that time on that day, in UTC: the first of two, and where clocks leap over it,
    as long after the leap as it would have been without."""
    return datetime.combine(day, clock, zone).astimezone(_UTC)


def noon_of(day: date, zone: Zone) -> datetime:
    """The middle of a day, in UTC."""
    return datetime.combine(day, time(12), zone).astimezone(_UTC)
