"""Dates in a query become bound parameters, so that no database can read one as a text or as a calculation.

`write_moment` leaves a mark in the query; `bound` makes a parameter of it, `shown` a text for people.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from sqlalchemy.engine import Dialect

from connectors.base import Moment

Value = date | datetime | str
TOKEN = re.compile(r"'(?:''|[^'])*(?:'|\Z)|\"(?:\"\"|[^\"])*(?:\"|\Z)|--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
"""A text, a quoted name or a comment. One without its end goes on to the end of the query: tried again from each of its
signs, a query of nothing else would take minutes."""
_WHEN = r"\d{4}-\d\d-\d\d(?:T[\d:.]+\+00:00)?"
_TYPE = r"date|timestamptz|timestamp(?:\s+with(?:out)?\s+time\s+zone)?"
_SPOT = re.compile(
    rf"(?:\b(?P<type>{_TYPE})\s+)?'\{{(?P<quoted>{_WHEN})\}}'|\{{(?P<bare>{_WHEN})\}}|{TOKEN.pattern}",
    re.DOTALL | re.IGNORECASE,
)
_DATE = re.compile(r"\{\s*[A-Za-z_][^{}]*\}")


def write_moment(moment: Moment) -> str:
    return f"{{{moment.at.isoformat() if moment.form == 'time' else moment.day}}}"


def shown(query: str) -> str:
    return re.sub(rf"'?\{{({_WHEN})\}}'?", r"'\1'", query)


def text_around_a_date(query: str) -> str | None:
    """A text that holds a date among other words, where no parameter can stand."""
    texts = (found for found in TOKEN.findall(query) if found.startswith("'"))
    return next((text for text in texts if _DATE.search(text) and not _DATE.fullmatch(text[1:-1])), None)


def bound(query: str, dialect: Dialect) -> tuple[str, tuple[Value, ...] | dict[str, Value]]:
    """The query as the database's driver takes it, and its parameters."""
    values: list[Value] = []

    def parameter(found: re.Match[str]) -> str:
        when = found["quoted"] or found["bare"]
        if when is None:
            return found[0]
        values.append(_value(when, dialect.name))
        place = _place(len(values), dialect.paramstyle)
        return f"CAST({place} AS {found['type']})" if found["type"] else place

    # Drivers that write placeholders with % take every other one for a placeholder too.
    percents = dialect.paramstyle in ("format", "pyformat")
    made = _SPOT.sub(parameter, query.replace("%", "%%") if percents else query)
    if dialect.paramstyle in ("named", "pyformat"):
        return made, {f"day_{number}": value for number, value in enumerate(values, 1)}
    return made, tuple(values)


def _place(number: int, style: str) -> str:
    return {
        "qmark": "?",
        "format": "%s",
        "pyformat": f"%(day_{number})s",
        "named": f":day_{number}",
        "numeric": f":{number}",
        "numeric_dollar": f"${number}",
    }[style]


def _value(when: str, database: str) -> Value:
    """SQLite keeps times as texts, which its own functions write so; no driver but PostgreSQL's is sure to keep the
    zone."""
    if "T" not in when:
        return when if database == "sqlite" else date.fromisoformat(when)
    at = datetime.fromisoformat(when)
    if database == "postgresql":
        return at
    naive = at.astimezone(UTC).replace(tzinfo=None)
    return naive.isoformat(" ") if database == "sqlite" else naive
