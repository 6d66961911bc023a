"""The reasons of a hold are recorded in English and shown in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from mapping.day import UTC
from mapping.guards import doubt, implausible
from mapping.model import Guards, StayAbove, Toward, Within
from mapping.parse import parse_quantity
from tests.sync.conftest import AT
from views.language import ENGLISH, Language
from views.recorded import REASONS, reason

WAY = Toward(start=parse_quantity("1"), target=parse_quantity("9"))


def reasons() -> Iterator[str]:
    common: dict[str, Any] = {"moved": Decimal(2), "same_meaning": True, "as_of": [AT], "at": AT, "zone": UTC}
    one, five, none = parse_quantity("1"), parse_quantity("5"), parse_quantity("0")
    guards = Guards(max_age=2)
    for measure, new, old, said in (
        (WAY, five, one, {"as_of": [AT - timedelta(days=9)]}),
        (WAY, five, one, {"same_meaning": False}),
        (WAY, none, one, {}),
        (WAY, five, one, {}),
        (Within(low=none, high=one), five, one, {}),
        (StayAbove(threshold=one), five, one, {}),
    ):
        found = doubt(replace(guards), measure, new, old, **common | said)
        assert found is not None
        yield found
    absurd = implausible(Decimal(75))
    assert absurd is not None
    yield absurd


def test_each_reason_is_told_in_korean() -> None:
    told = [reason(text, Language(code="ko")) for text in reasons()]

    assert len(set(told)) == len(REASONS)
    assert not [text for text in told if any("a" <= char <= "z" for char in text)]
    assert told[2] == "1에서 0으로 떨어졌습니다"


@pytest.mark.parametrize("text", ["it is odd", ""])
def test_another_reason_stands_as_it_is(text: str) -> None:
    assert reason(text, Language(code="ko")) == text


def test_english_stands_as_it_was_recorded() -> None:
    assert [reason(text, ENGLISH) for text in reasons()] == list(reasons())
