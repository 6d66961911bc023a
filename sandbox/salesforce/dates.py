"""SOQL's date literals as spans of days; fiscal years are calendar years, weeks begin on Sunday."""

from __future__ import annotations

from datetime import date, timedelta

from sandbox.salesforce.errors import malformed

Span = tuple[date, date]
"""First day, and the day after the last."""


def span(name: str, count: int | None, today: date) -> Span:
    """Raises Refused for a literal that Salesforce does not know."""
    name = name.replace("FISCAL_", "")
    tomorrow = today + timedelta(days=1)
    if count is None:
        if name in ("TODAY", "YESTERDAY", "TOMORROW"):
            day = today + timedelta(days=("YESTERDAY", "TODAY", "TOMORROW").index(name) - 1)
            return day, day + timedelta(days=1)
        if name == "LAST_90_DAYS":
            return today - timedelta(days=90), tomorrow
        if name == "NEXT_90_DAYS":
            return tomorrow, tomorrow + timedelta(days=90)
        which, _, unit = name.partition("_")
        if which in ("LAST", "THIS", "NEXT") and unit in ("WEEK", "MONTH", "QUARTER", "YEAR"):
            shift = ("LAST", "THIS", "NEXT").index(which) - 1
            return _start(unit, today, shift), _start(unit, today, shift + 1)
    elif name == "LAST_N_DAYS":
        return today - timedelta(days=count), tomorrow
    elif name == "NEXT_N_DAYS":
        return tomorrow, tomorrow + timedelta(days=count)
    elif name == "N_DAYS_AGO":
        return today - timedelta(days=count), today - timedelta(days=count - 1)
    elif name.startswith("N_") and name.endswith("S_AGO") and name[2:-5] in ("WEEK", "MONTH", "QUARTER", "YEAR"):
        return _start(name[2:-5], today, -count), _start(name[2:-5], today, 1 - count)
    elif name.startswith(("LAST_N_", "NEXT_N_")) and name[7:-1] in ("WEEK", "MONTH", "QUARTER", "YEAR"):
        unit = name[7:-1]
        if name.startswith("LAST"):
            return _start(unit, today, -count), _start(unit, today, 0)
        return _start(unit, today, 1), _start(unit, today, 1 + count)
    raise malformed(f"unexpected token: '{name}'")


def _start(unit: str, today: date, shift: int) -> date:
    if unit == "WEEK":
        return today - timedelta(days=(today.weekday() + 1) % 7) + timedelta(weeks=shift)
    if unit == "YEAR":
        return date(today.year + shift, 1, 1)
    months = today.year * 12 + today.month - 1
    if unit == "QUARTER":
        months = months - months % 3 + 3 * shift
    else:
        months += shift
    return date(months // 12, months % 12 + 1, 1)
