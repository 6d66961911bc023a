"""Numbers, durations, days and times in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from mapping.day import zone_of
from mapping.parse import parse_quantity
from views.formats import day, day_at, moment, percent, points, value
from views.language import Language

EN, KO = Language(), Language(code="ko", zone=zone_of("Asia/Seoul"))


@pytest.mark.parametrize(
    ("written", "english", "korean"),
    [
        ("$12M", "$12,000,000", "$12,000,000"),
        ("₩5000", "₩5,000", "₩5,000"),
        ("83.25%", "83.25%", "83.25%"),
        ("1204.5", "1,204.5", "1,204.5"),
        ("2m37s", "2m37s", "2분 37초"),
        ("1h", "1h", "1시간"),
        ("0s", "0s", "0초"),
        ("-90061s", "-1d1h1m1s", "-1일 1시간 1분 1초"),
        ("2w", "2w", "2주"),
    ],
)
def test_values(written: str, english: str, korean: str) -> None:
    assert (value(parse_quantity(written), EN), value(parse_quantity(written), KO)) == (english, korean)


def test_nothing_is_a_dash() -> None:
    assert (value(None, EN), percent(None)) == ("-", "-")


def test_halves_go_away_from_zero() -> None:
    assert [percent(Decimal(one)) for one in ("0.835", "-0.835", "12.5")] == ["84%", "-84%", "1,250%"]


def test_nobody_reads_a_negative_zero() -> None:
    assert [percent(Decimal(fraction)) for fraction in ("-0.001", "-0.005", "-0")] == ["0%", "-1%", "0%"]
    assert points(Decimal("-0.00")) == "0"


def test_times_are_of_the_readers_zone() -> None:
    late = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)

    assert (moment(late, EN), moment(late, KO)) == ("2026-11-24 16:30 UTC", "2026-11-25 01:30 KST")
    assert (day_at(late, EN), day_at(late, KO)) == ("24 November 2026", "2026년 11월 25일 (수)")
    assert day(date(2026, 11, 24), KO) == "2026년 11월 24일 (화)"
