"""Dates in JQL, in milliseconds since 1970, as Jira reads them (JqlDateSupportImpl): unquoted numbers are instants,
texts are days, minutes or durations in the account's time zone; of a quoted number the digits are minutes from now."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.jira.jql import JqlError, Operand

_DURATION = re.compile(r"-?(?:\d+(?:\.\d+)?[wdhm]\s*)+", re.IGNORECASE)
_PART = re.compile(r"(\d+(?:\.\d+)?)([wdhm])", re.IGNORECASE)
_UNITS = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?: (\d{1,2}):(\d{1,2}))?")
_BOUNDARY = re.compile(r"(startof|endof)(day|week|month|year)")
_INCREMENT = re.compile(r"([-+]?)(\d{1,6})([yMwdhm]?)")
_FIRST, _LAST = datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC)
A_DAY, AN_HOUR, A_MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@dataclass(frozen=True)
class Range:
    """An operand as a moment, which `<` and `>` compare with, and as a span, which `=` and ON mean: the day of
    2026-10-01 or -3d, the hour of -3h, the minute of "2026-10-01 09:00"; an instant is a span of none. In
    milliseconds, both ends of the span in it."""

    at: int
    first: int
    last: int


def milliseconds(text: str) -> int:
    """An instant as Jira's REST answers write it ("2015-02-02T18:32:28.000+0000"), or a day."""
    return round(datetime.fromisoformat(text if "T" in text else f"{text}T00:00:00+00:00").timestamp() * 1000)


@dataclass(frozen=True)
class Dates:
    """Reads operands for one account at one moment."""

    now: datetime
    zone: ZoneInfo

    def range(self, operand: Operand, field: str) -> Range:
        """Raises JqlError for what is no date."""
        if operand.kind == "number":
            return Range(operand.value, operand.value, operand.value)
        if operand.kind == "function":
            moment = _ms(_function(operand, self.now.astimezone(self.zone)))
            return Range(moment, moment, moment)
        text = str(operand.value if operand.kind in ("text", "word") else "").strip()
        if found := self._duration(text) or self._day(text):
            at, unit = found
            start = _cut(at, unit)
            return Range(_ms(at), _ms(start), _ms(start + unit) - 1)
        raise JqlError(
            f"Date value '{text or operand}' for field '{field}' is invalid. Valid formats include: "
            "'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', "
            "'4w 2d'."
        )

    def day(self, operand: Operand, field: str) -> int:
        """For fields that hold days: the day, as midnight UTC, on which the operand's first moment falls here."""
        at = datetime.fromtimestamp(self.range(operand, field).at / 1000, UTC).astimezone(self.zone)
        return _ms(datetime(at.year, at.month, at.day, tzinfo=UTC))

    def _duration(self, text: str) -> tuple[datetime, timedelta] | None:
        """Equality with a duration means the whole of its smallest unit: all of today for -0d."""
        if re.fullmatch(r"-?\d+", text):
            text += "m"
        if not _DURATION.fullmatch(text):
            return None
        parts = [(float(count), unit.lower()) for count, unit in _PART.findall(text)]
        try:
            total = sum((count * _UNITS[unit] for count, unit in parts), timedelta())
            at = self.now.astimezone(self.zone) + (-total if text.startswith("-") else total)
        except OverflowError:
            # Jira's calendar reaches the year 292 million; whatever is compared is on the near side of both.
            return (_LAST if not text.startswith("-") else _FIRST), A_MINUTE
        if all(unit in ("d", "w") for _, unit in parts):
            return at, A_DAY
        return at, AN_HOUR if all(unit != "m" for _, unit in parts) else A_MINUTE

    def _day(self, text: str) -> tuple[datetime, timedelta] | None:
        match = _DAY.fullmatch(text)
        if not match:
            return None
        try:
            at = datetime(*(int(part or 0) for part in match.groups()), tzinfo=self.zone)  # type: ignore[misc, arg-type]
        except ValueError:
            return None
        return at, A_MINUTE if match[4] else A_DAY


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _cut(at: datetime, unit: timedelta) -> datetime:
    at = at.replace(second=0, microsecond=0)
    if unit >= AN_HOUR:
        at = at.replace(minute=0)
    return at.replace(hour=0) if unit >= A_DAY else at


def _function(operand: Operand, here: datetime) -> datetime:
    name, *arguments = operand.value
    low = name.lower()
    if low in ("now", "currentlogin", "lastlogin"):
        return here
    match = _BOUNDARY.fullmatch(low)
    if not match:
        raise JqlError(f"Unable to find JQL function '{name}({', '.join(arguments)})'.")
    if len(arguments) > 1:
        raise JqlError(f"Function '{name}' expected between '0' and '1' arguments but received '{len(arguments)}'.")
    edge, period = match.groups()
    count, unit = _increment(name, arguments[0]) if arguments else (0, "")
    natural = {"day": "d", "week": "w", "month": "M", "year": "y"}[period]
    start = here.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "week":
        start -= timedelta(days=(start.weekday() + 1) % 7)
    elif period == "month":
        start = start.replace(day=1)
    elif period == "year":
        start = start.replace(month=1, day=1)
    is_natural = unit in ("", natural)
    if is_natural:
        start = _plus(start, natural, count)
    at = start if edge == "startof" else _plus(start, natural, 1) - timedelta(milliseconds=1)
    return at if is_natural else _plus(at, unit, count)


def _increment(name: str, text: str) -> tuple[int, str]:
    match = _INCREMENT.fullmatch(text)
    if not match:
        raise JqlError(
            f"Duration for function '{name}' should have the format (+/-)n(yMwdm), e.g -1M for 1 month earlier."
        )
    return int(match[2]) * (-1 if match[1] == "-" else 1), match[3]


def _plus(start: datetime, unit: str, count: int) -> datetime:
    """On the calendar, as Java's: a month later than 31 January is 28 February."""
    match unit:
        case "h":
            return start + count * AN_HOUR
        case "m":
            return start + count * A_MINUTE
        case "d" | "w":
            return start + timedelta(days=count * (7 if unit == "w" else 1))
    months = start.year * 12 + start.month - 1 + count * (12 if unit == "y" else 1)
    year, month = months // 12, months % 12 + 1
    return start.replace(year=year, month=month, day=min(start.day, monthrange(year, month)[1]))
