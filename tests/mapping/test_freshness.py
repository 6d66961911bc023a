"""A value is as fresh as the last time that somebody said it is so; silence is never green."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mapping.about import Rhythm
from mapping.freshness import LEAST, Age, Fared, Freshness, age_of, allowed_age, shown_status
from mapping.model import Status

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
hours = st.integers(0, 24 * 60).map(lambda n: timedelta(hours=n))
passes = st.lists(hours.map(lambda ago: AT - ago), max_size=9)


def every(gap: timedelta, count: int = 5) -> list[datetime]:
    return [AT - n * gap for n in range(count)]


def test_twice_the_median_gap_of_the_last_passes() -> None:
    assert allowed_age(every(timedelta(days=7))) == timedelta(days=14)
    assert allowed_age([*every(timedelta(days=7), 4), AT - timedelta(days=300)]) == timedelta(days=14)
    assert allowed_age([*every(timedelta(days=2)), AT - timedelta(days=300)]) == timedelta(days=4)


def test_at_least_a_day() -> None:
    assert allowed_age(every(timedelta(minutes=5))) == LEAST
    assert allowed_age([]) == allowed_age([AT]) == LEAST


def test_a_schedule_is_better_than_what_happened() -> None:
    assert allowed_age(every(timedelta(days=7)), schedule=timedelta(hours=1)) == timedelta(hours=2)


def test_by_hand_its_rhythm_alone_counts() -> None:
    assert allowed_age([], by_hand=True, rhythm=Rhythm.WEEKLY, schedule=timedelta(hours=1)) == timedelta(days=7)
    assert allowed_age(every(timedelta(days=1)), by_hand=True) is None


@given(hours, hours)
def test_a_value_is_current_up_to_its_limit_and_stale_from_then_on(age: timedelta, may_be: timedelta) -> None:
    found = age_of(AT, confirmed_at=AT - age, may_be=may_be, fared=None, ended=False)

    assert found.state is (Freshness.STALE if age > may_be else Freshness.CURRENT)
    assert found.since == (AT - age + may_be if age > may_be else None)
    assert found.counts is found.is_current


@given(hours, hours)
def test_what_has_ended_does_not_age(age: timedelta, may_be: timedelta) -> None:
    found = age_of(AT, confirmed_at=AT - age, may_be=may_be, fared=None, ended=True)

    assert (found.state, found.is_current, found.counts) == (Freshness.ENDED, True, True)


def test_what_was_never_read_is_unknown_and_not_old() -> None:
    found = age_of(AT, confirmed_at=None, may_be=LEAST, fared=None, ended=False)

    assert found == Age(state=Freshness.UNKNOWN)
    assert shown_status(None, found) is Freshness.UNKNOWN
    assert shown_status(Status.NOT_STARTED, found) is Status.NOT_STARTED


def test_a_source_that_fails_takes_the_colour_at_once_and_its_part_in_the_mean_when_it_is_too_old() -> None:
    fared = Fared(state=Freshness.UNAVAILABLE, at=AT - timedelta(hours=1), cause="it is down")
    young = age_of(AT, confirmed_at=AT - timedelta(hours=2), may_be=LEAST, fared=fared, ended=False)
    old = age_of(AT, confirmed_at=AT - timedelta(hours=25), may_be=LEAST, fared=fared, ended=False)

    assert (young.state, young.cause, young.since) == (Freshness.UNAVAILABLE, "it is down", fared.at)
    assert (young.counts, old.counts) == (True, False)


@given(passes, hours, st.sampled_from(list(Status)), st.booleans())
def test_no_status_is_shown_of_what_is_not_current(
    asked: list[datetime], age: timedelta, status: Status, fails: bool
) -> None:
    fared = Fared(state=Freshness.NO_VALUE, at=AT) if fails else None
    found = age_of(AT, confirmed_at=AT - age, may_be=allowed_age(asked), fared=fared, ended=False)

    assert shown_status(status, found) is (status if found.is_current else found.state)
    assert found.is_current is (not fails and age <= (allowed_age(asked) or age))
