"""`okrsync due`: who owes a check-in, what, and since when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mapping.about import Rhythm
from mapping.due import Last, What, owed
from tests.cli.test_in_the_year import OKRS, Place, okrsync
from tests.mapping.test_assess import key_result

__all__ = ["okrsync"]

DUE = """
cycle: 2026-Q4
objectives:
  - id: grow
    title: Grow
    owner: [ada@acme.com, bea@acme.com]
    key_results:
      - {id: fans, title: Fans, start: 0, target: 100, check_in: weekly, value: {manual: {2026-11-10: 5}}}
      - {id: sales, title: Sales, start: 0, target: 100, check_in: biweekly, check_in_owner: cem, value: {memory: sales}}
      - {id: stores, title: Stores, start: 0, target: 10, value: {memory: stores}}
      - {id: polls, title: Polls, start: 0, target: 10, value: {manual: {2026-11-10: 5}}}
"""


def told(okrsync: Place, *, days: int = 0, owner: str = "") -> list[tuple[str, str, str | None, str, int]]:
    found = okrsync("due", "--json", *(["--owner", owner] if owner else []), days=days).json["due"]
    return [(one["key_result"], one["owes"], one["last"], one["due"], one["days_late"]) for one in found]


def test_who_owes_what(okrsync: Place) -> None:
    okrsync.write(DUE)
    okrsync("sync")

    assert told(okrsync) == [
        ("sales", "note or confidence", None, "2026-10-15", 40),
        ("fans", "value", "2026-11-10", "2026-11-17", 7),
    ]
    shown = okrsync("due").out
    assert "cem\n" in shown
    assert "ada@acme.com\n" in shown
    assert "bea@acme.com\n" in shown
    assert "7 days ago" in shown
    assert "2 check-ins are due." in shown
    assert "polls: by hand, with no rhythm" in shown
    assert "체크인 2건" in okrsync("due", "--lang", "ko").out


def test_a_check_in_settles_it_until_the_next_one(okrsync: Place) -> None:
    okrsync.write(DUE)
    okrsync("sync")
    okrsync("check-in", "fans", "--value", "9", "--by", "ada")
    okrsync("check-in", "sales", "--note", "All is well", "--confidence", "7", "--by", "cem")

    assert told(okrsync) == []
    assert "No check-in is due." in okrsync("due").out
    assert told(okrsync, days=7) == [("fans", "value", "2026-11-24", "2026-12-01", 0)]
    assert told(okrsync, days=7, owner="cem") == []
    okrsync("check-in", "sales", "--note", "Still well", "--by", "cem", days=10)
    assert told(okrsync, days=14, owner="cem") == [("sales", "confidence", "2026-11-24", "2026-12-08", 0)]
    assert told(okrsync, days=60) == []


def test_a_pinned_value_is_owed_though_it_has_a_source(okrsync: Place) -> None:
    okrsync.write(DUE)
    okrsync("sync")
    okrsync("pin", "sales", "--value", "81", "--by", "cem")

    assert told(okrsync, days=14, owner="cem") == [("sales", "value", "2026-11-24", "2026-12-08", 0)]
    okrsync.write(DUE.replace("title: Sales,", 'title: Sales, cancelled: "No budget",'))
    assert told(okrsync, days=14, owner="cem") == []


def test_nothing_is_owed_where_nobody_asks(okrsync: Place) -> None:
    okrsync.write(OKRS)

    assert okrsync("due", "--json").json == {
        "format_version": 1,
        "at": "2026-11-24T09:00:00+00:00",
        "due": [],
        "without_rhythm": [],
    }


@pytest.mark.parametrize(
    ("rhythm", "last", "today", "expected"),
    [
        (Rhythm.DAILY, date(2026, 11, 23), date(2026, 11, 23), False),
        (Rhythm.DAILY, date(2026, 11, 23), date(2026, 11, 24), True),
        (Rhythm.MONTHLY, None, date(2026, 10, 31), False),
        (Rhythm.MONTHLY, None, date(2026, 11, 1), True),
        (Rhythm.WEEKLY, None, date(2027, 1, 1), False),
        (Rhythm.WEEKLY, None, date(2026, 9, 30), False),
    ],
)
def test_the_day_on_which_it_is_due(rhythm: Rhythm, last: date | None, today: date, expected: bool) -> None:
    found = owed(replace(key_result("0", "10", "a"), check_in=rhythm), Last(value=last), today, by_hand=True)

    assert (found is not None) is expected
    assert found is None or (found.what, found.last) == (What.VALUE, last)
