"""A forecast is a hint: a straight way goes on, a value out of line bends nothing, too few values say nothing."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mapping.forecast import LEAST, forecast, pace_needed
from mapping.quantity import Quantity
from mapping.units import NUMBER, money

FIRST, END = date(2026, 10, 1), date(2026, 12, 31)
days = st.lists(st.integers(0, 80), min_size=LEAST, max_size=25, unique=True)
amounts = st.decimals(-1000, 1000, places=2)


def known(values: dict[int, Decimal]) -> dict[date, Quantity]:
    return {FIRST + timedelta(days=n): Quantity(value) for n, value in values.items()}


@given(days, amounts, amounts)
def test_a_straight_way_goes_on_with_no_band(at: list[int], start: Decimal, slope: Decimal) -> None:
    made = forecast(known({n: start + slope * n for n in at}), END)

    assert made is not None
    end = start + slope * (END - FIRST).days
    for found in (made.value, made.low, made.high):
        assert abs(found.amount - end) < Decimal("1e-20")
    assert abs(made.pace.amount - slope * 7) < Decimal("1e-20")
    assert (made.values, made.since) == (len(at), FIRST + timedelta(days=min(at)))


@given(st.integers(0, 19), st.decimals(-(10**6), 10**6, places=1))
def test_one_value_out_of_line_bends_little(place: int, off: Decimal) -> None:
    values = {n: Decimal(n) for n in range(20)}
    made = forecast(known(values | {place: off}), END)

    assert made is not None
    assert abs(made.value.amount - (END - FIRST).days) < 1


@given(st.dictionaries(st.integers(0, 80), amounts, min_size=LEAST, max_size=20))
def test_the_band_is_around_the_value(values: dict[int, Decimal]) -> None:
    made = forecast(known(values), END)

    assert made is not None
    assert made.low <= made.value <= made.high


@given(st.dictionaries(st.integers(0, 80), amounts, max_size=LEAST - 1))
def test_too_few_days_say_nothing(values: dict[int, Decimal]) -> None:
    assert forecast(known(values), END) is None


def test_another_unit_or_an_end_that_is_past_says_nothing() -> None:
    values = known({n: Decimal(n) for n in range(9)})

    assert forecast(values, FIRST + timedelta(days=8)) is None
    assert forecast({**values, FIRST: Quantity(Decimal(1), money("USD"))}, END) is None


@given(amounts, amounts, st.integers(1, 90))
def test_the_pace_needed_reaches_the_target(now: Decimal, target: Decimal, left: int) -> None:
    needed = pace_needed(Quantity(now), Quantity(target), END - timedelta(days=left), END)

    assert needed is not None
    assert abs(now + needed.amount * left / 7 - target) < Decimal("1e-20")


def test_on_the_last_day_no_pace_helps() -> None:
    one = Quantity(Decimal(1))

    assert pace_needed(one, one, END, END) is None
    assert pace_needed(one, Quantity(Decimal(1), money("USD")), FIRST, END) is None
    assert one.unit is NUMBER
