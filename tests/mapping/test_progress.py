from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mapping.errors import MappingError
from mapping.model import Cycle, Measure, Status, StayAbove, StayBelow, Toward, parse_cycle
from mapping.parse import parse_quantity
from mapping.progress import expected, progress, score, status
from mapping.quantity import CONTEXT, Quantity
from mapping.rollup import Part, roll_up

Q4 = parse_cycle("2026-Q4")
amounts = st.integers(-(10**9), 10**9).map(lambda whole: Quantity(Decimal(whole) / 100))


def toward(start: str, target: str) -> Toward:
    return Toward(start=parse_quantity(start), target=parse_quantity(target))


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-H2", date(2026, 7, 1), date(2026, 12, 31)),
        ("2028", date(2028, 1, 1), date(2028, 12, 31)),
    ],
)
def test_cycles(text: str, start: date, end: date) -> None:
    assert parse_cycle(text) == Cycle(name=text, start=start, end=end)


@pytest.mark.parametrize("text", ["2026-Q5", "Q4", "26", "0000", "2026-10"])
def test_what_is_no_cycle(text: str) -> None:
    with pytest.raises(MappingError, match="2026-Q4"):
        parse_cycle(text)


@pytest.mark.parametrize(
    ("measure", "value", "made"),
    [
        (toward("15", "35"), "20", "0.25"),
        (toward("30", "60"), "34.5", "0.15"),
        (toward("120", "30"), "75", "0.5"),
        (toward("120", "30"), "150", "-1/3"),
        (toward("80%", "90%"), "91%", "1.1"),
        (toward("2m37s", "3m45s"), "2m37s", "0"),
    ],
)
def test_progress_is_the_part_of_the_way(measure: Measure, value: str, made: str) -> None:
    top, _, bottom = made.partition("/")
    assert round(progress(measure, parse_quantity(value)), 20) == round(Decimal(top) / Decimal(bottom or 1), 20)


def test_expected_is_linear_by_day() -> None:
    assert expected(Q4, date(2026, 9, 1)) == 0
    assert expected(Q4, date(2026, 10, 1)) == 0
    assert expected(Q4, date(2026, 11, 24)) == CONTEXT.divide(Decimal(54), Decimal(91))
    assert expected(Q4, date(2026, 12, 31)) == 1
    assert expected(Q4, date(2027, 3, 1)) == 1
    assert expected(Cycle(name="day", start=date(2026, 1, 1), end=date(2026, 1, 1)), date(2026, 1, 1)) == 1


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("49", Status.BEHIND),
        ("50", Status.ON_TRACK),
        ("51", Status.ON_TRACK),
        ("25", Status.BEHIND),
        ("24.9", Status.AT_RISK),
        ("0", Status.AT_RISK),
        ("100", Status.ACHIEVED),
        ("101", Status.ACHIEVED),
    ],
)
def test_status_at_its_boundaries(value: str, found: Status) -> None:
    """Half of the cycle has passed: expected is exactly 50%."""
    period = Cycle(name="ten days", start=date(2026, 1, 1), end=date(2026, 1, 11))

    assert status(toward("0", "100"), parse_quantity(value), period, date(2026, 1, 6)) is found


def test_not_started() -> None:
    assert status(toward("0", "10"), parse_quantity("0"), Q4, date(2026, 10, 1)) is Status.NOT_STARTED
    assert status(toward("0", "10"), parse_quantity("2"), Q4, date(2026, 9, 1)) is Status.NOT_STARTED
    assert status(toward("0", "10"), parse_quantity("1"), Q4, date(2026, 10, 1)) is Status.ON_TRACK


@pytest.mark.parametrize(
    ("measure", "value", "made", "found"),
    [
        (StayAbove(threshold=parse_quantity("99.5%")), "99.6%", 1, Status.ON_TRACK),
        (StayAbove(threshold=parse_quantity("99.5%")), "99.5%", 0, Status.AT_RISK),
        (StayAbove(threshold=parse_quantity("99.5%"), risk=parse_quantity("99%")), "99.2%", 0, Status.BEHIND),
        (StayAbove(threshold=parse_quantity("99.5%"), risk=parse_quantity("99%")), "99%", 0, Status.AT_RISK),
        (StayBelow(threshold=parse_quantity("5")), "4", 1, Status.ON_TRACK),
        (StayBelow(threshold=parse_quantity("5")), "5", 0, Status.AT_RISK),
        (StayBelow(threshold=parse_quantity("5"), risk=parse_quantity("7")), "6", 0, Status.BEHIND),
        (StayBelow(threshold=parse_quantity("5"), risk=parse_quantity("7")), "7", 0, Status.AT_RISK),
    ],
)
def test_thresholds_are_strict(measure: Measure, value: str, made: int, found: Status) -> None:
    assert progress(measure, parse_quantity(value)) == made
    assert status(measure, parse_quantity(value), Q4, date(2026, 11, 1)) is found


def test_a_risk_on_the_wrong_side_is_refused() -> None:
    with pytest.raises(MappingError):
        StayAbove(threshold=parse_quantity("5"), risk=parse_quantity("6"))
    with pytest.raises(MappingError):
        StayBelow(threshold=parse_quantity("5"), risk=parse_quantity("4"))


@given(amounts, amounts, amounts, amounts)
def test_nearer_to_the_target_is_more_progress(
    start: Quantity, target: Quantity, one: Quantity, other: Quantity
) -> None:
    assume(start != target)
    measure = Toward(start=start, target=target)
    upward = target > start
    first, second = sorted((one.amount, other.amount), reverse=not upward)

    assert progress(measure, Quantity(first)) <= progress(measure, Quantity(second))
    assert progress(measure, start) == 0
    assert progress(measure, target) == 1
    assert 0 <= score(progress(measure, one)) <= 1


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 800), st.integers(-100, 900), st.integers(0, 50))
def test_expected_never_falls(start: date, length: int, offset: int, step: int) -> None:
    period = Cycle(name="any", start=start, end=start + timedelta(days=length))
    day = start + timedelta(days=offset)

    assert 0 <= expected(period, day) <= expected(period, day + timedelta(days=step)) <= 1


parts = st.builds(
    Part,
    weight=st.integers(1, 100).map(Decimal),
    progress=st.none() | st.decimals(-5, 5, places=3),
    expected=st.decimals(0, 1, places=3),
    status=st.just(Status.ON_TRACK),
)


@given(st.lists(parts, max_size=8))
def test_a_roll_up_lies_between_its_known_parts(given_parts: list[Part]) -> None:
    rolled = roll_up(given_parts)
    known = [min(Decimal(1), max(Decimal(0), part.progress)) for part in given_parts if part.progress is not None]

    assert (rolled.known, rolled.total) == (len(known), len(given_parts))
    if known:
        assert rolled.progress is not None
        assert min(known) - Decimal("1e-20") <= rolled.progress <= max(known) + Decimal("1e-20")
    else:
        assert rolled.progress is None
        assert rolled.status is None


@given(st.lists(parts, min_size=1, max_size=8))
def test_an_unknown_part_never_counts_as_zero(given_parts: list[Part]) -> None:
    unknown = Part(weight=Decimal(7), progress=None, expected=Decimal("0.5"), status=None)

    assert roll_up([*given_parts, unknown]).progress == roll_up(given_parts).progress


def test_weights_and_the_worked_example() -> None:
    def part(weight: int, made: str) -> Part:
        return Part(weight=Decimal(weight), progress=Decimal(made), expected=Decimal("0.15"), status=Status.ON_TRACK)

    assert roll_up([part(1, "0"), part(1, "0.25"), part(1, "0.20")]).progress == Decimal("0.15")
    assert roll_up([part(3, "1"), part(1, "0")]).progress == Decimal("0.75")
