"""Who owes a check-in, in words and as data."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from mapping.due import Owed, What
from views.data import FORMAT
from views.language import Language, later

_WHAT = {
    What.VALUE: later("a value"),
    What.WORD: later("a note or a confidence"),
    What.CONFIDENCE: later("a confidence"),
}


def what(owed: Owed, language: Language) -> str:
    return language.say(_WHAT[owed.what])


def last(owed: Owed, language: Language) -> str:
    return owed.last.isoformat() if owed.last else language.say("never")


def late(owed: Owed, today: date, language: Language) -> str:
    """ "today", "3 days ago"."""
    days = owed.days_late(today)
    return language.many("{n} day ago", "{n} days ago", days) if days else language.say("today")


def by_person(owed: Iterable[Owed]) -> dict[str, list[Owed]]:
    """Each under everyone who is asked for it, and under "" where nobody is."""
    found: dict[str, list[Owed]] = {}
    for one in owed:
        for person in one.people or ("",):
            found.setdefault(person, []).append(one)
    return found


def data(at: datetime, today: date, owed: Iterable[Owed], without_rhythm: Iterable[str]) -> dict[str, Any]:
    return {
        "format_version": FORMAT,
        "at": at.isoformat(),
        "due": [
            {
                "key_result": one.key_result.id,
                "cycle": one.key_result.period.name,
                "title": one.key_result.title,
                "people": list(one.people),
                "owes": one.what.value,
                "rhythm": one.key_result.check_in,
                "last": one.last.isoformat() if one.last else None,
                "due": one.due.isoformat(),
                "days_late": one.days_late(today),
            }
            for one in owed
        ],
        "without_rhythm": list(without_rhythm),
    }
