"""Who owes a check-in: what people give by hand, in the rhythm that its OKR file names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from mapping.model import KeyResult


class What(StrEnum):
    """`WORD` is a note or how sure somebody is, where the value comes from its source by itself."""

    VALUE = "value"
    WORD = "note or confidence"
    CONFIDENCE = "confidence"


@dataclass(frozen=True, kw_only=True)
class Last:
    """The days on which people spoke of it last; None where they never did."""

    value: date | None = None
    word: date | None = None
    confidence: date | None = None


@dataclass(frozen=True, kw_only=True)
class Owed:
    """`people` are those who are to check in, none where nobody is named. `last` is the day of what was said last."""

    key_result: KeyResult
    people: Sequence[str]
    what: What
    last: date | None
    due: date

    def days_late(self, today: date) -> int:
        return (today - self.due).days


def owed(key_result: KeyResult, last: Last, today: date, *, by_hand: bool, above: Sequence[str] = ()) -> Owed | None:
    """What is due on this day; None where nothing is. `by_hand` is true where its value is a person's, `above` are
    those who check in for its objective. Who tells a confidence once is asked for it in the same rhythm."""
    rhythm = key_result.check_in
    if rhythm is None or not key_result.period.start <= today <= key_result.last_day:
        return None
    first = What.VALUE if by_hand else What.WORD
    said = [(first, last.value if by_hand else last.word)]
    said += [(What.CONFIDENCE, last.confidence)] if last.confidence else []
    for what, day in said:
        due = (day or key_result.period.start) + timedelta(days=rhythm.days)
        if due <= today:
            people = key_result.about.asked or tuple(above)
            return Owed(key_result=key_result, people=people, what=what, last=day, due=due)
    return None
