from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.extract import NotANumber, check_expression, number

DATA = json.loads(
    '{"n": 0.1, "i": 3, "t": "12.5", "b": true, "none": null, "l": [0.1, 0.2, 5], "o": [{"v": 1.5}, {"v": 2.25}]}',
    parse_float=Decimal,
)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("n", "0.1"),
        ("i", "3"),
        ("sum(l)", "5.3"),
        ("avg(o[].v)", "1.875"),
        ("max(l)", "5"),
        ("max_by(o, &v).v", "2.25"),
        ("length(o[?v > `2`])", "1"),
        ("to_number(t)", "12.5"),
        ("ceil(n)", "1"),
        ("floor(o[1].v)", "2"),
        ("sort_by(o, &v)[0].v", "1.5"),
        ("length([?type(@) == 'x'] || `[]`)", "0"),
    ],
)
def test_numbers_are_exact(expression: str, expected: str) -> None:
    assert number(expression, DATA) == Decimal(expected)


@pytest.mark.parametrize("expression", ["none", "missing", "avg(missing2 || `[]`)", "to_number(b)"])
def test_nothing_is_no_value(expression: str) -> None:
    assert number(expression, DATA) is None


@pytest.mark.parametrize(
    ("expression", "words"),
    [("t", "to_number"), ("b", "truth"), ("l", "aggregate it"), ("@", "object"), ("sum(t)", "sum")],
)
def test_what_is_no_number_says_what_it_is(expression: str, words: str) -> None:
    with pytest.raises(NotANumber, match=words):
        number(expression, DATA)


def test_a_wrong_expression_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a valid JMESPath"):
        check_expression("a[")


@given(st.lists(st.decimals(-1000, 1000, places=4), max_size=20))
def test_a_sum_is_the_sum(values: list[Any]) -> None:
    assert number("sum(@)", values) == sum(values, Decimal(0))
