from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.errors import MappingError, Undefined, UnitMismatch
from mapping.format import format_quantity
from mapping.parse import parse_quantity, parse_unit
from mapping.quantity import Quantity
from mapping.units import DURATION, NUMBER, PERCENT, Unit, money, unit_from

USD, EUR = money("USD"), money("EUR")
units = st.sampled_from([NUMBER, PERCENT, DURATION, USD, EUR])
amounts = st.decimals(min_value=-(10**11), max_value=10**11, places=3)
quantities = st.builds(Quantity, amounts, units)


@pytest.mark.parametrize(
    ("written", "amount", "unit"),
    [
        ("80%", "0.80", PERCENT),
        ("99.5 %", "0.995", PERCENT),
        ("2m37s", "157", DURATION),
        ("3h", "10800", DURATION),
        ("1d", "86400", DURATION),
        ("1h30m", "5400", DURATION),
        ("$12M", "12000000", USD),
        ("$500k", "500000", USD),
        ("$30,000", "30000", USD),
        ("-$5", "-5", USD),
        ("12000000 EUR", "12000000", EUR),
        ("EUR 12.5", "12.5", EUR),
        ("€5k", "5000", EUR),
        ("12M", "12000000", NUMBER),
        ("250,000", "250000", NUMBER),
        (1000, "1000", NUMBER),
        (Decimal("0.8"), "0.8", NUMBER),
    ],
)
def test_people_write_values(written: object, amount: str, unit: Unit) -> None:
    assert parse_quantity(written) == Quantity(Decimal(amount), unit)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "written", ["", "soon", "12,34", "1.2.3", "5 apples", True, None, "NaN", Decimal("inf"), "1e400"]
)
def test_what_is_no_value_is_refused(written: object) -> None:
    with pytest.raises(MappingError, match="not a value"):
        parse_quantity(written)  # type: ignore[arg-type]


def test_a_bare_number_takes_the_unit_that_is_wanted() -> None:
    assert parse_quantity(12, USD) == Quantity(Decimal(12), USD)
    assert parse_quantity("12", NUMBER) == Quantity(Decimal(12), NUMBER)


@pytest.mark.parametrize(
    ("written", "forms"),
    [
        (75, "75%, or ratio 0.75"),
        ("0.75", "75%, or ratio 0.75"),
        (Decimal("7.5"), "7.5%, or ratio 0.075"),
        (1, "100%, or ratio 1"),
        ("1,000", "1000%, or ratio 10"),
        (0, "0%, or ratio 0"),
    ],
)
def test_a_bare_number_is_no_percentage(written: object, forms: str) -> None:
    with pytest.raises(MappingError, match=f"has no unit, but a percentage is needed: write {forms}$"):
        parse_quantity(written, PERCENT)  # type: ignore[arg-type]


def test_a_ratio_says_that_it_is_one() -> None:
    assert parse_quantity("ratio 0.75") == parse_quantity("75%") == Quantity(Decimal("0.75"), PERCENT)
    assert parse_quantity("ratio  1.25", PERCENT) == Quantity(Decimal("1.25"), PERCENT)


def test_a_bare_number_is_no_duration() -> None:
    with pytest.raises(MappingError, match="90s, 90m or 90h"):
        parse_quantity(90, DURATION)


def test_another_unit_is_refused() -> None:
    with pytest.raises(MappingError, match="an amount in EUR, but it must be an amount in USD"):
        parse_quantity("€5", USD)


def test_units_of_sources() -> None:
    assert parse_unit("%").factor == Decimal("0.01")
    assert parse_unit("hours").factor == 3600
    assert parse_unit("KRW").unit == money("KRW")
    with pytest.raises(MappingError, match="seconds"):
        parse_unit("apples")


@pytest.mark.parametrize(
    ("quantity", "text", "compact"),
    [
        (Quantity(Decimal("12400000"), USD), "$12,400,000", "$12.4M"),
        (Quantity(Decimal("40788.885"), USD), "$40,788.89", "$40.8K"),
        (Quantity(Decimal("-5"), USD), "-$5", "-$5"),
        (Quantity(Decimal("1000"), money("KRW")), "₩1,000", "₩1K"),
        (Quantity(Decimal("0.832"), PERCENT), "83.2%", "83.2%"),
        (Quantity(Decimal("157"), DURATION), "2m37s", "2m37s"),
        (Quantity(Decimal("0"), DURATION), "0s", "0s"),
        (Quantity(Decimal("90061.5"), DURATION), "1d1h1m1.5s", "1d1h1m1.5s"),
        (Quantity(Decimal("1204"), NUMBER), "1,204", "1,204"),
        (Quantity(Decimal("0.12345"), NUMBER), "0.1235", "0.1235"),
    ],
)
def test_people_read_values(quantity: Quantity, text: str, compact: str) -> None:
    assert format_quantity(quantity) == text
    assert format_quantity(quantity, compact=True) == compact


@given(quantities)
def test_a_unit_survives_being_written(quantity: Quantity) -> None:
    assert unit_from(str(quantity.unit)) == quantity.unit


@given(st.integers(-(10**12), 10**12), st.sampled_from([NUMBER, USD, DURATION]))
def test_what_is_shown_can_be_written(whole: int, unit: Unit) -> None:
    quantity = Quantity(Decimal(whole), unit)

    assert parse_quantity(format_quantity(quantity)) == quantity


@given(quantities, quantities)
def test_addition_needs_like_units(left: Quantity, right: Quantity) -> None:
    alike = left.unit == right.unit or (left.unit.is_plain and right.unit.is_plain)
    if alike:
        assert (left + right).amount == (right + left).amount
        assert (left + right - right).amount == left.amount
    else:
        with pytest.raises(UnitMismatch):
            left + right
        with pytest.raises(UnitMismatch):
            assert left < right


@given(quantities, quantities)
def test_ratios_of_equal_units_are_numbers(left: Quantity, right: Quantity) -> None:
    if left.unit.is_plain:
        return
    if right.amount == 0 and left.unit == right.unit:
        with pytest.raises(Undefined):
            left / right
    elif left.unit == right.unit:
        assert (left / right).unit == NUMBER
    elif not right.unit.is_plain:
        with pytest.raises(UnitMismatch):
            left / right


@given(quantities, st.builds(Quantity, amounts, st.sampled_from([NUMBER, PERCENT])))
def test_scaling_keeps_the_unit(quantity: Quantity, factor: Quantity) -> None:
    if not quantity.unit.is_plain:
        assert (quantity * factor).unit == (factor * quantity).unit == quantity.unit


def test_money_times_money_is_refused() -> None:
    with pytest.raises(UnitMismatch):
        Quantity(Decimal(2), USD) * Quantity(Decimal(2), USD)
