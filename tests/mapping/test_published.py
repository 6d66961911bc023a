"""What of a check-in is published, in the form that is asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime

from mapping.day import zone_of
from mapping.published import Told, content

SEOUL = zone_of("Asia/Seoul")
LATE = datetime(2026, 9, 30, 20, tzinfo=UTC)


def test_a_time_has_the_day_of_the_workspace() -> None:
    told = Told(at=LATE, as_of=LATE)

    assert content(told, "as_of:date", SEOUL) == date(2026, 10, 1)
    found = content(told, "as_of", SEOUL)
    assert isinstance(found, datetime)
    assert (found, found.date()) == (LATE, date(2026, 10, 1))
