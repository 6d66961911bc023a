"""Advice on OKRs as they are written: what is told, and what is left alone."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from cli.main import run
from config.advice import advice
from config.load import load
from config.problems import ConfigError
from config.titles import contradiction
from mapping.model import Toward
from mapping.parse import parse_quantity

Told = Callable[..., list[str]]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    def of(objectives: str, worker: str = "time_zone: Asia/Seoul\nconnections: {}\n") -> list[str]:
        (tmp_path / "okrs").mkdir(exist_ok=True)
        (tmp_path / "okrsync.yaml").write_text(worker)
        (tmp_path / "okrs" / "a.yaml").write_text(f"cycle: 2026-Q4\nobjectives:\n{objectives}")
        return [f"{one.about}: {one.text}" for one in advice(load(tmp_path))]

    return of


def objective(
    key_results: int, *, owner: str = "owner: a@b.c, ", own: str = "", rhythm: str = "check_in: weekly, "
) -> str:
    ones = ", ".join(
        f"{{id: k{n}, title: From 1 to 2, start: 1, target: 2, {rhythm}{own}value: {{manual: {{2026-10-01: 1}}}}}}"
        for n in range(key_results)
    )
    return f"  - {{id: o, title: Grow, {owner}key_results: [{ones}]}}\n"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "o: has 0 key results: write "),
        (1, "o: has 1 key result: write "),
        (2, ""),
        (5, ""),
        (6, "o: has 6 key results: write "),
    ],
)
def test_two_to_five_key_results_are_fine(told: Told, number: int, text: str) -> None:
    found = told(objective(number))

    assert [one.partition("2 to 5")[0] for one in found] == ([text] if text else [])


def test_an_owner_of_either_is_enough(told: Told) -> None:
    assert told(objective(2)) == []
    assert told(objective(2, owner="", own="owner: a@b.c, ")) == []
    assert told(objective(2, owner="")) == ["o: has no owner, nor have k0 and k1"]


def test_who_keeps_a_value_by_hand_is_reminded(told: Told) -> None:
    fix = "write how often a person must check in, such as `check_in: weekly`"

    assert told(objective(2, rhythm="")) == [
        f"{one}: is kept by hand, but nobody is reminded: {fix}" for one in ("k0", "k1")
    ]
    assert told(objective(2, rhythm="cancelled: dropped, ")) == []


def test_a_missing_time_zone_is_told(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = told(objective(2), "connections: {}\n")
    assert found.startswith("okrsync.yaml: names no time_zone")

    monkeypatch.setenv("OKRSYNC_TIME_ZONE", "Europe/Berlin")
    assert told(objective(2), "connections: {}\n") == []


@pytest.mark.parametrize(
    ("title", "start", "target", "wrong"),
    [
        ("Tickets from 120 to 30", "30", "120", "swap start and target"),
        ("Sales from $12M to $15M", "$15M", "$12M", "swap start and target"),
        ("Sales from 12 million to 15 million", "$15M", "$12M", "swap start and target"),
        ("Unified from 80% to 90%", "90%", "80%", "swap start and target"),
        ("Time from 2m37s to 3m45s", "3m45s", "2m37s", "swap start and target"),
        ("Answers from 12 hours to 4 hours", "4h", "12h", "swap start and target"),
        ("문의 120건에서 30건으로", "30", "120", "swap start and target"),
        ("Tickets 120 → 30", "30", "120", "swap start and target"),
        ("Tickets from 120 to 40", "120", "30", "says from 120 to 40"),
        ("Support tickets down to 30", "30", "120", "are they swapped"),
        ("Tickets from 120 to 30", "120", "30", ""),
        ("Sales from $12M to $15M", "12000000", "15000000", ""),
        ("Sales from 12 to 15 million", "$12M", "$15M", ""),
        ("Customers pay within 35 days instead of 52", "52", "35", ""),
        ("Answers from 12 hours to 4", "12h", "4h", ""),
        ("Time on site from 2m37s to 3m45s", "2m37s", "3m45s", ""),
        ("Half of the requests within a day instead of 3", "3d", "1d", ""),
        ("6 campaigns completed", "0", "6", ""),
        ("The #1 in Korea by 2027", "120", "30", ""),
        ("Move from Q3 to Q4 with 95% of work", "0%", "95%", ""),
        ("매출 1억원에서 1.2억원으로", "₩100000000", "₩120000000", ""),
    ],
)
def test_a_title_is_held_against_its_numbers(title: str, start: str, target: str, wrong: str) -> None:
    found = contradiction(title, Toward(start=parse_quantity(start), target=parse_quantity(target)))

    assert (wrong in (found or "")) if wrong else found is None, found


@pytest.mark.parametrize("number", range(0, 1000, 37))
def test_numbers_in_digits_agree_with_themselves(number: int) -> None:
    made = Toward(start=parse_quantity(Decimal(number)), target=parse_quantity(Decimal(number + 7)))

    assert contradiction(f"From {number:,} to {number + 7:,}", made) is None
    if number:
        assert "swap" in (contradiction(f"From {number + 7:,} to {number:,}", made) or "")


def test_a_day_without_quotes_in_sql_is_refused(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DWH", "sqlite:///x.sqlite")
    query = "SELECT count(*) FROM deals WHERE closed >= 2026-10-01"
    made = (
        f'  - {{id: o, title: A, key_results: [{{id: k, title: B, start: 1, target: 2, value: {{sql: "{query}"}}}}]}}\n'
    )

    with pytest.raises(ConfigError, match="the day 2026-10-01 is a subtraction without quotes: write '2026-10-01'"):
        told(made, "connections:\n  sql: {url: '${DWH}'}\n")


def test_the_templates_get_little_advice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", str(tmp_path), "--sandbox"]) == 0
    capsys.readouterr()

    assert run(["-c", str(tmp_path), "lint"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 7, lines
