"""An objective as one sentence, in English and in Korean with its particles."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mapping.formula import Formula
from mapping.model import Baseline, KeyResult, Kind, Level, Objective, Role, parse_cycle
from mapping.units import NUMBER
from views.language import Language
from views.sentences import sentence

Q4 = parse_cycle("2026-Q4")
ENGLISH, KOREAN = Language(), Language(code="ko")


def key_result(title: str) -> KeyResult:
    return KeyResult(
        id=title, title=title, objective="o", role=Role.KEY_RESULT, unit=NUMBER, measure=Baseline(),
        formula=Formula.parse("a"), period=Q4,
    )  # fmt: skip


def objective(title: str, *titles: str, through: tuple[str, ...] = (), kind: Kind = Kind.COMMITTED) -> Objective:
    return Objective(
        id="o", title=title, level=Level.TEAM, kind=kind, period=Q4, key_results=tuple(map(key_result, titles)),
        initiatives=through,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            objective("고객이 다시 찾는 서비스", "재구매율 40%", through=("멤버십 개편",)),
            "나는 멤버십 개편을 통해 재구매율 40%에 따라 측정한 고객이 다시 찾는 서비스를 달성할 것입니다.",
        ),
        (
            objective("매출 성장", "매출 20억 원", "신규 고객 300개", through=("영업 교육", "제휴 확대")),
            "나는 영업 교육과 제휴 확대를 통해 매출 20억 원과 신규 고객 300개에 따라 측정한 매출 성장을 달성할 것입니다.",
        ),
        (
            objective("빠른 지원", "A", "B", "NPS 60", kind=Kind.ASPIRATIONAL),
            "나는 A, B, NPS 60에 따라 측정한 빠른 지원을 달성하고 싶습니다.",
        ),
        (objective("Grow abroad."), "나는 Grow abroad를 달성할 것입니다."),
    ],
)
def test_in_korean(given: Objective, told: str) -> None:
    assert sentence(given, KOREAN) == told


def test_in_english() -> None:
    given = objective("Grow abroad.", "Sales of $2M", "NPS above 60", through=("Open a shop",), kind=Kind.ASPIRATIONAL)

    assert sentence(given, ENGLISH) == (
        "I want to grow abroad as measured by sales of $2M and NPS above 60 through open a shop."
    )


def test_what_is_cancelled_is_no_part_of_it() -> None:
    given = objective("Grow", "Sales", "Stores")
    dropped = replace(given, key_results=(given.key_results[0], replace(given.key_results[1], cancelled="No budget")))

    assert sentence(dropped, ENGLISH) == "I will grow as measured by sales."
