"""The shares of a change add up to it, whatever the formula; each is what a person would work out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.assess import CheckIn, Input
from mapping.because import Because, Method, because
from mapping.errors import MappingError
from mapping.formula import Formula
from mapping.model import Status
from mapping.quantity import Quantity
from mapping.reading import Evidence
from mapping.units import NUMBER, Unit, money

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
amounts = st.decimals(-(10**6), 10**6, places=2)
inputs = st.fixed_dictionaries(dict.fromkeys("abc", amounts))
FORMULAS = (
    "a + b - c",
    "2 * a - b / 4 + c",
    "a * b",
    "a * b * c",
    "a / b",
    "a / (b + c)",
    "max(a, b) - c",
    "a * (b - c)",
)


def made(formula: str, values: dict[str, Decimal], unit: Unit = NUMBER, rows: int | None = None) -> CheckIn:
    known = Formula.parse(formula)
    used = {name: Quantity(amount, unit) for name, amount in values.items() if name in known.names}
    seen = Evidence(connection="crm", query="q", asked_at=AT, as_of=AT, rows=rows)
    return CheckIn(
        key_result="k", cycle="2026-Q4", at=AT, asked_at=AT, as_of=AT, value=known.evaluate(used), progress=None,
        expected=Decimal(0), status=Status.ON_TRACK, formula=formula, filled=formula, definition="d", recipe=1,
        inputs=tuple(Input(name=name, quantity=value, evidence=seen) for name, value in sorted(used.items())),
    )  # fmt: skip


def shares(told: Because) -> dict[str, Decimal]:
    return {one.name: one.share.amount for one in told.inputs if one.share is not None}


@given(st.sampled_from(FORMULAS), inputs, inputs)
def test_shares_add_up_to_the_change(formula: str, old: dict[str, Decimal], new: dict[str, Decimal]) -> None:
    try:
        told = because(made(formula, old), made(formula, new))
    except MappingError:
        return

    found = shares(told)
    if told.method is not None:
        assert told.change is not None
        scale = max([Decimal(1), *(abs(share) for share in found.values())])
        assert abs(sum(found.values(), Decimal(0)) - told.change.amount) <= scale * Decimal("1e-24")
    moved = {name for name in Formula.parse(formula).names if old[name] != new[name]}
    assert {one.name for one in told.inputs} == moved


@given(inputs, inputs)
def test_in_a_sum_each_share_is_what_the_input_did_alone(old: dict[str, Decimal], new: dict[str, Decimal]) -> None:
    told = because(made("2 * a - b + c", old), made("2 * a - b + c", new))

    assert told.method is Method.EXACT
    parts = {"a": 2 * (new["a"] - old["a"]), "b": old["b"] - new["b"], "c": new["c"] - old["c"]}
    assert shares(told) == {name: part for name, part in parts.items() if part}


@given(amounts, amounts, amounts, amounts)
def test_in_a_product_each_share_is_the_mean_of_before_and_after(
    a: Decimal, b: Decimal, more: Decimal, other: Decimal
) -> None:
    told = because(made("a * b", {"a": a, "b": b}), made("a * b", {"a": more, "b": other}))

    found = shares(told)
    assert told.method is Method.EXACT
    assert found.get("a", Decimal(0)) == (more - a) * (b + other) / 2
    assert found.get("b", Decimal(0)) == (other - b) * (a + more) / 2


def test_a_ratio_by_substitution() -> None:
    old, new = {"a": Decimal(2061), "b": Decimal(2480)}, {"a": Decimal(2100), "b": Decimal(2500)}
    told = because(made("a / b", old), made("a / b", new))

    assert told.method is Method.SUBSTITUTION
    found = {name: round(share * 100, 2) for name, share in shares(told).items()}
    assert found == {"a": Decimal("1.57"), "b": Decimal("-0.67")}
    assert [one.name for one in told.inputs] == ["a", "b"], "the larger share comes first"


def test_what_another_rule_did_is_told_apart() -> None:
    old, new = {"a": Decimal(10), "b": Decimal(4)}, {"a": Decimal(12), "b": Decimal(4)}
    told = because(made("a", old | {"b": Decimal(4)}), made("a", new))
    assert told.rule is None

    before = replace(made("a + b", old), formula="a - b", value=Quantity(Decimal(6)))
    told = because(before, made("a + b", new))
    assert told.rule is not None
    assert told.change is not None
    assert (told.rule.amount, shares(told)["a"], told.change.amount) == (8, 2, 10)


def test_rows_and_evidence_stand_beside_each_input() -> None:
    told = because(made("a", {"a": Decimal(3)}, rows=3), made("a", {"a": Decimal(5)}, rows=5))

    (one,) = told.inputs
    assert one.rows == (3, 5)
    assert one.seen_after is not None
    assert one.seen_after.query == "q"


@pytest.mark.parametrize("which", ["before", "after"])
def test_of_a_persons_value_nothing_is_worked_out(which: str) -> None:
    made_by = {"before": made("a", {"a": Decimal(3)}), "after": made("a", {"a": Decimal(5)})}
    made_by[which] = replace(made_by[which], by="ada", inputs=())
    told = because(**made_by)

    assert (told.inputs, told.method) == ((), None)
    assert told.change is not None


def test_another_unit_has_no_difference() -> None:
    told = because(made("a", {"a": Decimal(3)}), made("a", {"a": Decimal(5)}, money("USD")))

    assert told.change is None
