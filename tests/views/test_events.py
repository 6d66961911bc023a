"""A history in CSV is safe to open in a spreadsheet, and complete."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from mapping.day import UTC as UTC_ZONE
from mapping.facts import Event
from mapping.model import Key
from mapping.records import Action
from views import events

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


def exported(by: str) -> list[dict[str, str]]:
    event = Event(at=AT, action=Action(key_result="kr", cycle="2026-Q4", at=AT, by=by, action="pinned"))
    return list(
        csv.DictReader(io.StringIO(events.as_csv([events.row(Key("kr", "2026-Q4"), event, UTC_ZONE)]), newline=""))
    )


@pytest.mark.parametrize(
    "text",
    [
        "=cmd()", " =cmd()", "\t=cmd()", "\u00a0=cmd()", "\u200b=cmd()", "\ufeff=cmd()", "\u3000=1", "＝1", "＋1+1", "－1-1",
        "＠SUM(A1)", "@SUM(A1)", "+1+cmd", "-1-cmd", "\x1b=1", "\u202e=1", "\r=1", "\n=1", "=1\r=2", "|calc", "%0A=1",
    ],
)  # fmt: skip
def test_a_formula_is_a_text(text: str) -> None:
    (row,) = exported(text)

    assert row["by"].startswith("'")


@pytest.mark.parametrize("text", ["ada", "ada@contoso.com", "a=1", "-5", "+0.25", "-1.5E-7", "보류", ""])
def test_all_else_stays_as_it_is(text: str) -> None:
    (row,) = exported(text)

    assert row["by"] == text


@pytest.mark.parametrize("text", ['a\rb,"=1"', "a\r\nb", 'a","b', "a\n=1\n"])
def test_a_text_never_begins_another_row(text: str) -> None:
    (row,) = exported(text)

    assert row["key_result"] == "kr"
    assert set(row) == {*events.COLUMNS, *events.DEFINED}


def test_every_cell_is_quoted() -> None:
    event = Event(at=AT, action=Action(key_result="kr", cycle="2026-Q4", at=AT, by="ada", action="pinned"))

    for line in events.as_csv([events.row(Key("kr", "2026-Q4"), event, UTC_ZONE)]).splitlines():
        assert line.startswith('"')
        assert line.endswith('"')
        assert line.count('","') == len(events.COLUMNS) + len(events.DEFINED) - 1


def test_a_terminal_is_not_commanded() -> None:
    (row,) = exported("a\x1b]0;owned\x07\u202eb\x9b31m")

    assert row["by"] == "a]0;ownedb31m"
