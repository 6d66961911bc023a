"""Days and time periods as exports write them."""

from __future__ import annotations

import re
from datetime import date, datetime

from importing.model import Period
from importing.refuse import BadValue
from mapping.errors import MappingError
from mapping.model import parse_cycle

_YEAR = re.compile(r"(?:annual|year|cy)?\s*(\d{4})|(\d{4})\s*annual", re.IGNORECASE)
_PART_FIRST = re.compile(r"([QH][1-4])[\s,/-]*(\d{4})", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})[\s,/-]*([QH][1-4])", re.IGNORECASE)

_YEAR_GOES_FIRST = re.compile(r"(\d{4})[-/.]\s?(\d{1,2})[-/.]\s?(\d{1,2})\.?([ T].*)?")
_IN_WORDS = ("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%Y년 %m월 %d일")


def moment_of(value: object, form: str | None = None) -> datetime | None:
    """`form` is strptime's, for exports that write days in their country's way. Raises BadValue."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a day of the export, in nobody's zone
    text = "" if value is None else str(value).strip()
    if not text:
        return None
    try:
        found = datetime.strptime(text, form) if form else datetime.fromisoformat(_plain(text))  # noqa: DTZ007 - as above
    except ValueError:
        fix = f"write it as {form}" if form else "write 2026-10-31, or write in the column map how days are written"
        raise BadValue(f"{text[:40]!r} is not a day: {fix}") from None
    return found.replace(tzinfo=None)


def _plain(text: str) -> str:
    """In the form of ISO where the order of its parts is beyond doubt: the year goes first, or the month is a word."""
    if found := _YEAR_GOES_FIRST.fullmatch(text):
        return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}{found[4] or ''}"
    for form in _IN_WORDS:
        try:
            return datetime.strptime(text, form).isoformat()  # noqa: DTZ007 - as below
        except ValueError:
            continue
    return text


def day_of(value: object, form: str | None = None) -> date | None:
    found = moment_of(value, form)
    return found.date() if found else None


def period_of(name: str, start: date | None, end: date | None) -> Period | None:
    """The days count, where there are any: a fiscal "Q1 2025" is not the calendar's. Raises BadValue."""
    words = " ".join(name.split())
    named = _calendar(words)
    if start is None and end is None:
        if not words:
            return None
        if named is None:
            raise BadValue(f"the days of the period {words!r} are not known: write 2026-Q4, or its first and last day")
        return named
    if start is None or end is None:
        if named:
            return named
        raise BadValue(f"the period {words!r} has only one of its days: write the first and the last one")
    if end < start:
        raise BadValue(f"the period ends on {end}, before it starts on {start}")
    if named and (named.start, named.end) == (start, end):
        return named
    return Period(name=words or f"{start} to {end}", start=start, end=end, is_calendar=False)


def _calendar(words: str) -> Period | None:
    if found := _YEAR.fullmatch(words):
        short = found[1] or found[2]
    elif found := _PART_FIRST.fullmatch(words):
        short = f"{found[2]}-{found[1].upper()}"
    elif found := _YEAR_FIRST.fullmatch(words):
        short = f"{found[1]}-{found[2].upper()}"
    else:
        return None
    try:
        cycle = parse_cycle(short)
    except MappingError:
        return None
    return Period(name=cycle.name, start=cycle.start, end=cycle.end, is_calendar=True)
