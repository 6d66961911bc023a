"""Particles by the last sound."""

from __future__ import annotations

import pytest

from views.korean import PARTICLES, with_particle


@pytest.mark.parametrize(
    ("text", "object_", "direction"),
    [
        ("84%", "를", "로"),
        ("4개", "를", "로"),
        ("0", "을", "으로"),
        ("1", "을", "로"),
        ("2", "를", "로"),
        ("3", "을", "으로"),
        ("7", "을", "로"),
        ("8", "을", "로"),
        ("10", "을", "으로"),
        ("12,000", "을", "으로"),
        ("1,000,000,000,000", "를", "로"),
        ("2.5", "를", "로"),
        ("$1,200", "를", "로"),
        ("$12.4M", "를", "로"),
        ("₩5,000", "을", "으로"),
        ("2분 37초", "를", "로"),
        ("3시간", "을", "으로"),
        ("Jira", "를", "로"),
        ("Excel", "을", "로"),
        ("Salesforce", "를", "로"),
        ("Slack", "을", "으로"),
        ("report", "를", "로"),
        ("pipeline", "을", "으로"),
        ("KPI", "를", "로"),
        ("SQL", "을", "로"),
        ("CRM", "을", "으로"),
        ("서울", "을", "로"),
        ("“목표”", "를", "로"),
        ("값 (3)", "을", "으로"),
    ],
)
def test_the_particle_follows_the_last_sound(text: str, object_: str, direction: str) -> None:
    assert with_particle(text, "을") == f"{text}{object_}"
    assert with_particle(text, "으로") == f"{text}{direction}"


def test_both_forms_where_the_sound_is_not_known() -> None:
    assert [with_particle("漢", one) for one in ("을", "이", "은", "과", "으로")] == [
        "漢을(를)", "漢이(가)", "漢은(는)", "漢과(와)", "漢(으)로",
    ]  # fmt: skip
    assert with_particle("", "을") == "을(를)"


def test_subjects_topics_and_lists() -> None:
    assert [with_particle("값", one) for one in ("이", "은", "과")] == ["값이", "값은", "값과"]
    assert [with_particle("점수", one) for one in ("이", "은", "과")] == ["점수가", "점수는", "점수와"]


def test_an_unknown_particle_is_a_mistake() -> None:
    assert "를" not in PARTICLES
    with pytest.raises(KeyError):
        with_particle("값", "를")
