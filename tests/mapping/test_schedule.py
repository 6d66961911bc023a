"""When sources are asked: ticks in the workspace's zone, through the changes of its clocks, outside quiet hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.day import Zone, zone_of
from mapping.errors import MappingError
from mapping.schedule import parse_quiet, parse_schedule

BERLIN, KATHMANDU, UTC_ZONE = zone_of("Europe/Berlin"), zone_of("Asia/Kathmandu"), zone_of("UTC")


def local(text: str, zone: Zone) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def ticks(schedule: str, since: str, count: int, zone: Zone = BERLIN, quiet: str | None = None) -> list[str]:
    made = parse_schedule(schedule, parse_quiet(quiet) if quiet else None)
    found = islice(made.after(local(since, zone), zone), count)
    return [f"{tick.astimezone(zone):%m-%d %H:%M%z}" for tick in found]


def test_every_hour_is_on_the_hour() -> None:
    assert ticks("1h", "2026-11-24T09:20", 3) == ["11-24 10:00+0100", "11-24 11:00+0100", "11-24 12:00+0100"]
    assert ticks("1h", "2026-11-24T10:00", 1) == ["11-24 11:00+0100"]
    assert ticks("1h", "2026-11-24T09:20", 1, KATHMANDU) == ["11-24 10:00+0545"]


def test_every_hour_ticks_through_the_changes_of_clocks() -> None:
    assert ticks("1h", "2026-03-29T01:30", 2) == ["03-29 03:00+0200", "03-29 04:00+0200"]
    assert ticks("1h", "2026-10-25T01:30", 3) == ["10-25 02:00+0200", "10-25 02:00+0100", "10-25 03:00+0100"]


def test_every_day_is_at_midnight_of_the_zone() -> None:
    assert ticks("1d", "2026-03-28T12:00", 3) == ["03-29 00:00+0100", "03-30 00:00+0200", "03-31 00:00+0200"]
    assert ticks("1w", "2026-11-24T12:00", 2) == ["11-30 00:00+0100", "12-07 00:00+0100"]


def test_cron_counts_monday_as_one() -> None:
    assert ticks("0 7 * * 1-5", "2026-11-27T08:00", 2) == ["11-30 07:00+0100", "12-01 07:00+0100"]


def test_cron_skips_and_doubles_nothing_where_clocks_change() -> None:
    assert ticks("30 2 * * *", "2026-03-28T12:00", 2) == ["03-29 03:00+0200", "03-30 02:30+0200"]
    assert ticks("30 2 * * *", "2026-10-24T12:00", 2) == ["10-25 02:30+0200", "10-26 02:30+0100"]


def test_ticks_of_quiet_hours_move_to_their_end() -> None:
    assert ticks("1h", "2026-11-24T20:30", 3, quiet="22:00-06:30") == [
        "11-24 21:00+0100",
        "11-25 06:30+0100",
        "11-25 07:00+0100",
    ]
    assert ticks("0 3 * * *", "2026-11-24T04:00", 2, quiet="22:00-06:00") == ["11-24 06:00+0100", "11-25 06:00+0100"]
    assert ticks("1h", "2026-11-24T11:30", 2, quiet="12:00-13:00") == ["11-24 13:00+0100", "11-24 14:00+0100"]


@given(
    at=st.integers(0, 3 * 365 * 86_400).map(lambda n: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=n)),
    schedule=st.sampled_from(["7m", "1h", "90m", "6h", "1d", "2w", "0 7 * * 1-5", "*/20 * * * *", "30 2 * * 0"]),
    quiet=st.sampled_from([None, "22:00-06:00", "01:30-03:10", "12:00-13:00"]),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe"]),
)
def test_the_last_tick_and_the_next_one_are_neighbours(
    at: datetime, schedule: str, quiet: str | None, zone: str
) -> None:
    where = zone_of(zone)
    made = parse_schedule(schedule, parse_quiet(quiet) if quiet else None)

    last, coming = made.last(at, where), made.next(at, where)

    assert last <= at < coming
    assert made.next(last, where) == coming
    assert made.last(coming, where) == coming
    assert made.quiet is None or made.quiet.until(coming, where) is None
    assert made.gap(at, where) >= coming - last


def test_a_gap_is_about_how_often_it_ticks() -> None:
    hourly, weekdays = parse_schedule("1h"), parse_schedule("0 7 * * 1-5")

    assert hourly.gap(local("2026-11-24T09:20", BERLIN), BERLIN) == timedelta(hours=1)
    assert weekdays.gap(local("2026-11-25T09:20", BERLIN), BERLIN) == timedelta(hours=24)
    assert weekdays.gap(local("2026-11-30T07:30", BERLIN), BERLIN) == timedelta(hours=72)


@pytest.mark.parametrize(
    "text", ["", "1", "hourly", "30s", "0h", "40d", "* * * *", "0 25 * * *", "0 0 30 2 *", "1h 1h 1h 1h 1h", "-1h"]
)
def test_what_is_no_schedule(text: str) -> None:
    with pytest.raises(MappingError, match=r"write|between"):
        parse_schedule(text)


@pytest.mark.parametrize("text", ["22", "22:00", "25:00-06:00", "06:00-06:00", "night"])
def test_what_are_no_quiet_hours(text: str) -> None:
    with pytest.raises(MappingError, match="write"):
        parse_quiet(text)
