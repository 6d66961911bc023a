"""Dates in JQL, in milliseconds since 1970. Texts are read in the user's time zone, numbers are milliseconds."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.jira.jql import JqlError, Operand

_RELATIVE = re.compile(r"([-+]?)(?:\d+[wdhm]\s*)+")
_PART = re.compile(r"(\d+)([wdhm])")
_UNITS = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M")
_BOUNDARY = re.compile(r"(startof|endof)(day|week|month|year)")


def milliseconds(text: str) -> int:
    """An instant as Jira's REST answers write it ("2015-02-02T18:32:28.000+0000"), or a day."""
    return round(datetime.fromisoformat(text if "T" in text else f"{text}T00:00:00+00:00").timestamp() * 1000)


def instant(operand: Operand, field: str, now: datetime, zone: ZoneInfo) -> int:
    """Raises JqlError for what is no date."""
    here = now.astimezone(zone)
    if operand.kind == "function":
        name, argument = operand.value
        return round(_function(name, argument, here).timestamp() * 1000)
    text = str(operand.value).strip()
    if re.fullmatch(r"\d{9,}", text):
        return int(text)
    if _RELATIVE.fullmatch(text):
        return round((here + _shift(text)).timestamp() * 1000)
    for form in _FORMS:
        try:
            return round(datetime.strptime(text, form).replace(tzinfo=zone).timestamp() * 1000)
        except ValueError:
            continue
    raise JqlError(
        f"Date value '{text}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
        "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
    )


def _shift(text: str) -> timedelta:
    total = sum((int(count) * _UNITS[unit] for count, unit in _PART.findall(text)), timedelta())
    return -total if text.startswith("-") else total


def _function(name: str, argument: str | None, here: datetime) -> datetime:
    if name == "now":
        return here
    match = _BOUNDARY.fullmatch(name)
    if not match:
        raise JqlError(f"Unable to find JQL function '{name}()'.")
    edge, unit = match.groups()
    start = here.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "week":
        start -= timedelta(days=(start.weekday() + 1) % 7)
    elif unit == "month":
        start = start.replace(day=1)
    elif unit == "year":
        start = start.replace(month=1, day=1)
    count = 0
    if argument:
        number = re.fullmatch(r"([-+]?\d+)([dwMy]?)", argument)
        if not number:
            raise JqlError(f"Invalid increment '{argument}' in function '{name}'.")
        count = int(number[1])
    start = _plus(start, unit, count)
    return start if edge == "startof" else _plus(start, unit, 1) - timedelta(milliseconds=1)


def _plus(start: datetime, unit: str, count: int) -> datetime:
    if unit in ("day", "week"):
        return start + timedelta(days=count * (7 if unit == "week" else 1))
    months = start.year * 12 + start.month - 1 + count * (12 if unit == "year" else 1)
    return start.replace(year=months // 12, month=months % 12 + 1)
