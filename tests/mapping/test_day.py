from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.day import UTC, day_of, end_of, noon_of, start_of, zone_names, zone_of
from mapping.errors import MappingError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICRO = timedelta(microseconds=1)
ODD = (
    "UTC", "Asia/Seoul", "Europe/Berlin", "America/New_York", "America/St_Johns", "Asia/Kathmandu", "Africa/Cairo",
    "America/Santiago", "America/Nuuk", "America/Havana", "Asia/Beirut", "Pacific/Apia", "Pacific/Kiritimati",
    "Pacific/Pago_Pago", "Australia/Lord_Howe", "Europe/London", "America/Toronto",
)  # fmt: skip


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


@pytest.mark.parametrize(
    ("zone", "day", "first", "last"),
    [
        ("UTC", "2026-10-01", "2026-10-01T00:00", "2026-10-01T23:59:59.999999"),
        ("Asia/Seoul", "2026-10-01", "2026-09-30T15:00", "2026-10-01T14:59:59.999999"),
        ("America/New_York", "2026-10-01", "2026-10-01T04:00", "2026-10-02T03:59:59.999999"),
        ("America/St_Johns", "2026-10-01", "2026-10-01T02:30", "2026-10-02T02:29:59.999999"),
        # 25 and 23 hours: clocks go back and forth.
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00", "2026-10-25T22:59:59.999999"),
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00", "2026-03-29T21:59:59.999999"),
        # 29 February, and the day after the 28th where there is none.
        ("Europe/Berlin", "2028-02-29", "2028-02-28T23:00", "2028-02-29T22:59:59.999999"),
        ("Europe/Berlin", "2027-02-28", "2027-02-27T23:00", "2027-02-28T22:59:59.999999"),
        # Midnight is skipped: the day begins at 01:00, and the one before it ends where the clock leaps.
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00", "2026-04-24T20:59:59.999999"),
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00", "2026-09-07T02:59:59.999999"),
        # A day that ends in a gap: 23:00 to midnight never were.
        ("America/Nuuk", "2026-03-28", "2026-03-28T02:00", "2026-03-29T00:59:59.999999"),
        # 00:01 went back to 23:01: the day begins at the second midnight.
        ("America/St_Johns", "2010-11-07", "2010-11-07T03:30", "2010-11-08T03:29:59.999999"),
        # Midnight went back to 23:00.
        ("America/Havana", "2026-11-01", "2026-11-01T04:00", "2026-11-02T04:59:59.999999"),
        # The date line: two ends of the same calendar day lie 26 hours apart.
        ("Pacific/Kiritimati", "2026-10-01", "2026-09-30T10:00", "2026-10-01T09:59:59.999999"),
        ("Pacific/Pago_Pago", "2026-10-01", "2026-10-01T11:00", "2026-10-02T10:59:59.999999"),
    ],
)
def test_first_and_last_moment_of_a_day(zone: str, day: str, first: str, last: str) -> None:
    found = zone_of(zone)

    assert (start_of(date.fromisoformat(day), found), end_of(date.fromisoformat(day), found)) == (utc(first), utc(last))


def test_the_day_that_a_country_left_out() -> None:
    apia = zone_of("Pacific/Apia")
    moments = [utc("2011-12-29T00:00") + timedelta(hours=n) for n in range(72)]

    assert date(2011, 12, 30) not in {day_of(at, apia) for at in moments}
    assert end_of(date(2011, 12, 29), apia) + MICRO == start_of(date(2011, 12, 31), apia)


def test_a_minute_after_midnight_that_went_back_is_of_the_day_before() -> None:
    """At 00:01 of 7 November 2010 the clocks of St. John's were put back to 23:01."""
    here = zone_of("America/St_Johns")

    assert day_of(utc("2010-11-07T02:30:30"), here) == date(2010, 11, 6)
    assert day_of(utc("2010-11-07T03:30:00"), here) == date(2010, 11, 7)


@given(
    st.sampled_from(ODD),
    # Seconds since 1970: from 1901 to 9987, and around today.
    st.integers(-2_170_000_000, 253_000_000_000) | st.integers(1_767_000_000, 1_861_000_000),
)
def test_each_instant_is_in_one_day(name: str, seconds: int) -> None:
    zone, at = zone_of(name), EPOCH + timedelta(seconds=seconds)
    day = day_of(at, zone)

    assert start_of(day, zone) <= at <= end_of(day, zone)
    assert abs((at.astimezone(zone).date() - day).days) <= 1
    assert day_of(end_of(day, zone), zone) == day
    assert day_of(end_of(day, zone) + MICRO, zone) > day
    assert day_of(noon_of(day, zone), zone) == day


def test_an_instant_is_of_the_same_day_in_whatever_zone_it_is_written() -> None:
    seoul, at = zone_of("Asia/Seoul"), utc("2026-09-30T23:00")

    assert day_of(at, seoul) == date(2026, 10, 1)
    assert day_of(at.astimezone(timezone(-timedelta(hours=5))), seoul) == date(2026, 10, 1)
    assert start_of(date(2026, 10, 1), seoul).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "name", ["Seoul", "GMT+9:00", "", "localtime", "../etc/passwd", "/etc/passwd", "Asia", "x\0y", "UTC "]
)
def test_what_is_no_zone(name: str) -> None:
    with pytest.raises(MappingError, match="is not a time zone: write its IANA name, such as Europe/Berlin"):
        zone_of(name)


def test_zones_are_those_of_tzdata() -> None:
    assert {"UTC", "Asia/Seoul", "America/St_Johns"} <= zone_names()
    assert zone_of("Asia/Seoul") == ZoneInfo("Asia/Seoul")
