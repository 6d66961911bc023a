"""What holds for all quantities and all formulas."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mapping.errors import MappingError
from mapping.format import format_quantity
from mapping.formula import Formula
from mapping.parse import parse_quantity
from mapping.quantity import Quantity
from mapping.units import DURATION, NUMBER, PERCENT, money

USD = money("USD")
amounts = st.decimals(min_value=-(10**11), max_value=10**11, places=3)
quantities = st.builds(Quantity, amounts, st.sampled_from([NUMBER, PERCENT, DURATION, USD, money("KRW")]))
dollars = st.builds(Quantity, amounts, st.just(USD))
factors = st.builds(Quantity, amounts, st.sampled_from([NUMBER, PERCENT]))


@given(dollars, dollars, dollars)
def test_sums(one: Quantity, two: Quantity, three: Quantity) -> None:
    assert (one + two) + three == one + (two + three)
    assert one - two == -(two - one)
    assert one + two - two == one
    assert abs(one) == abs(-one)


@given(dollars, dollars, factors)
def test_a_factor_distributes(one: Quantity, two: Quantity, factor: Quantity) -> None:
    assert (one + two) * factor == one * factor + two * factor


@given(quantities, factors)
def test_what_was_multiplied_can_be_divided(quantity: Quantity, factor: Quantity) -> None:
    if factor.amount:
        assert abs((quantity * factor / factor).amount - quantity.amount) < Decimal("1e-15")


@given(quantities)
def test_every_quantity_can_be_shown(quantity: Quantity) -> None:
    assert format_quantity(quantity)
    assert format_quantity(quantity - quantity)[0] != "-"
    assert format_quantity(quantity, compact=True)


@given(st.decimals(-2, 2, places=6))
def test_a_share_is_shown_to_a_hundredth_of_a_point(share: Decimal) -> None:
    shown = parse_quantity(format_quantity(Quantity(share, PERCENT)))

    assert shown.unit == PERCENT
    assert abs(shown.amount - share) <= Decimal("0.00005")


_atoms = st.sampled_from(["a", "b", "zero", "2", "0.5", "1000000"])
_formulas = st.recursive(
    _atoms,
    lambda inner: (
        st.builds("({}{}{})".format, inner, st.sampled_from([" + ", " - ", " * ", " / "]), inner)
        | st.builds("max({}, {})".format, inner, inner)
        | st.builds("-{}".format, inner)
        | st.builds("round({}, 2)".format, inner)
    ),
    max_leaves=12,
)


@given(_formulas, st.decimals(-(10**20), 10**20, places=4), st.sampled_from([NUMBER, PERCENT, USD, DURATION]))
def test_a_formula_gives_a_quantity_or_our_error(text: str, amount: Decimal, unit: object) -> None:
    values = {"a": Quantity(amount, unit), "b": Quantity(Decimal("0.3")), "zero": Quantity(Decimal(0))}  # type: ignore[arg-type]
    try:
        result = Formula.parse(text).evaluate(values)
    except MappingError:
        return
    assert result.amount.is_finite()


@given(_formulas)
def test_filling_in_the_names_themselves_changes_nothing(text: str) -> None:
    try:
        formula = Formula.parse(text)
    except MappingError:
        return
    assert formula.filled({name: name for name in formula.names}) == formula.text
