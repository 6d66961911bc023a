"""What is shown: what runs today, or what was asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from config.load import Workspace, load
from mapping.facts import KeyResultView, ObjectiveView, Overview
from mapping.freshness import Age, Freshness
from mapping.model import Level, Role
from mapping.rollup import roll_up
from views.language import ENGLISH
from views.selection import Selection
from views.summary import nothing

OKRS = """
cycle: 2026-Q4
objectives:
  - id: grow
    title: Grow
    level: company
    owner: ada@contoso.com
    key_results:
      - {id: sales, title: Sales, start: 1, target: 2, value: {memory: a}}
      - {id: calls, title: Calls, start: 1, target: 2, value: {memory: a}, owner: bob@contoso.com}
      - {id: early, title: Early, start: 1, target: 2, value: {memory: a}, cycle: {name: early, start: 2026-10-01, end: 2026-10-20}}
  - id: keep
    title: Keep
    level: team
    owner: bob@contoso.com
    cycle: 2026-Q3
    key_results:
      - {id: churn, title: Churn, start: 9, target: 2, value: {memory: a}}
kpis:
  - {id: uptime, title: Uptime, stay_above: 99%, value: {memory: a}, owner: eve}
"""
TODAY = date(2026, 11, 24)


@pytest.fixture
def seen(tmp_path: Path) -> Overview:
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okrsync.yaml").write_text("connections:\n  memory: {values: {a: 1}}\n")
    (tmp_path / "okrs" / "a.yaml").write_text(OKRS)
    return _overview(load(tmp_path))


def _overview(workspace: Workspace) -> Overview:
    def view(key_result: Any) -> KeyResultView:
        return KeyResultView(
            key_result=key_result, check_in=None, progress=None, expected=Decimal(0), status=None, stale=None,
            age=Age(state=Freshness.UNKNOWN),
        )  # fmt: skip

    objectives = tuple(
        ObjectiveView(
            objective=one,
            key_results=tuple(view(made) for made in one.key_results if made.role is Role.KEY_RESULT),
            initiatives=(),
            roll_up=roll_up([]),
        )
        for one in workspace.objectives
    )
    kpis = tuple(view(one) for one in workspace.kpis)
    return Overview(at=datetime(2026, 11, 24, tzinfo=UTC), objectives=objectives, kpis=kpis, last_run=None)


def shown(seen: Overview, today: date = TODAY, **asked: Any) -> dict[str, list[str]]:
    found = Selection(today=today, **asked).of(seen)
    told = {one.objective.id: [view.key_result.id for view in one.key_results] for one in found.objectives}
    return told | ({"": [view.key_result.id for view in found.kpis]} if found.kpis else {})


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, {"grow": ["sales", "calls", "early"], "": ["uptime"]}),
        ({"today": date(2026, 8, 1)}, {"keep": ["churn"]}),
        ({"today": date(2027, 8, 1)}, {}),
        ({"cycle": "all"}, {"grow": ["sales", "calls", "early"], "keep": ["churn"], "": ["uptime"]}),
        ({"cycle": "2026-Q3"}, {"keep": ["churn"]}),
        ({"cycle": "early"}, {"grow": ["early"]}),
        ({"owner": "bob"}, {"grow": ["calls"]}),
        ({"owner": "BOB@contoso.com", "cycle": "all"}, {"grow": ["calls"], "keep": ["churn"]}),
        ({"owner": "ada"}, {"grow": ["sales", "early"]}),
        ({"owner": "eve"}, {"": ["uptime"]}),
        ({"level": Level.TEAM, "cycle": "all"}, {"keep": ["churn"]}),
        ({"level": Level.COMPANY}, {"grow": ["sales", "calls", "early"]}),
        ({"objective": "keep"}, {"keep": ["churn"]}),
        ({"ids": frozenset({"churn"})}, {"keep": ["churn"]}),
        ({"ids": frozenset({"grow"})}, {"grow": ["sales", "calls", "early"]}),
        ({"ids": frozenset({"uptime", "sales"})}, {"grow": ["sales"], "": ["uptime"]}),
    ],
)
def test_what_is_shown(seen: Overview, asked: dict[str, Any], expected: dict[str, list[str]]) -> None:
    assert shown(seen, **asked) == expected


@pytest.mark.parametrize(
    ("today", "asked", "told"),
    [
        (date(2027, 8, 1), {}, "The last one, 2026-Q4, ended on 31 December 2026. Run `okrsync show --cycle 2026-Q4`"),
        (date(2025, 8, 1), {}, "The next one, 2026-Q3, starts on 1 July 2026."),
        (TODAY, {"owner": "nobody"}, "Nothing matches. Leave out a filter"),
    ],
)
def test_why_nothing_is_shown(seen: Overview, today: date, asked: dict[str, Any], told: str) -> None:
    assert told in nothing(seen, Selection(today=today, **asked), ENGLISH)
