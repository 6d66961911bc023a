"""Dates in queries: `{cycle.start}`, `{cycle.end}` and `{as_of}`, written in each tool's own form.

`:date` after the name asks for the day in the workspace's time zone, `:time` for an instant; without either, the tool's
own way decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, cast

from connectors.base import Moment, Query, Spec, Verbatim
from mapping.day import Zone, day_of, end_of, start_of
from mapping.model import Cycle

NAMES = ("cycle.start", "cycle.end", "as_of")
FORMS = ("date", "time")
_PLACEHOLDER = re.compile(r"\{\s*([A-Za-z_][\w.]*)\s*(?::\s*(\w+)\s*)?\}")
# Whatever somebody may have meant for one: other tools' {{...}} and ${...} too.
_BRACED = re.compile(r"\$?\{+\s*[A-Za-z_][\w.:+\- ]*\}+")
_OPEN = re.compile(r"\{\s*(?:cycle|as_of)\b[^{}]{0,30}$|\{\s*(?:cycle\.\w+|as_of)\b(?![^{}]*\})")


def mistakes(query: Query, spec: Spec) -> Iterator[tuple[str, str]]:
    """What is wrong with the dates in a query, and what to write instead."""
    for text in _texts(query.model_dump()):
        if cut := _OPEN.search(text):
            yield f"{cut[0][:30].strip()} has no closing brace", "Write the closing brace, as in {cycle.start}"
        for found in _BRACED.finditer(text):
            wrong = _mistake(found[0])
            if wrong:
                yield wrong
            elif _is_quoted(text, found.start(), spec.quotes):
                yield (
                    f"{found[0]} is in quotes, so {spec.title} reads it as a text and not as a date",
                    f"Write {found[0]} without the quotes",
                )


def render(query: Query, spec: Spec, period: Cycle, at: datetime, zone: Zone) -> Query:
    """The query with its dates written out; the same object where it has none."""
    if not _has_placeholders(query) or spec.write_moment is None:
        return query
    write = spec.write_moment
    return type(query).model_validate(
        _replaced(query.model_dump(), lambda match: write(_moment(match[1], match[2], period, at, zone)))
    )


def names_as_of(query: Query) -> bool:
    """Whether a query asks for the state of things at a moment, so that it can be asked for a past one."""
    return any(found[1] == "as_of" for text in _texts(query.model_dump()) for found in _PLACEHOLDER.finditer(text))


def _moment(name: str, form: str | None, period: Cycle, at: datetime, zone: Zone) -> Moment:
    asked = cast(Literal["date", "time"] | None, form)
    match name:
        case "cycle.start":
            return Moment(day=period.start, at=start_of(period.start, zone), form=asked)
        case "cycle.end":
            return Moment(day=period.end, at=end_of(period.end, zone), form=asked)
    return Moment(day=day_of(at, zone), at=at, form=asked)


def _mistake(text: str) -> tuple[str, str] | None:
    found = _PLACEHOLDER.fullmatch(text)
    if found and found[1] in NAMES and found[2] in (None, *FORMS):
        return None
    inner = text.strip("${} ")
    is_date = inner.partition(":")[0].strip() in NAMES
    if text.startswith("$"):
        fix = f"Write {{{inner}}}" if is_date else "Write the value itself"
        return f"{text} can't be used here: variables work in okrsync.yaml only", fix
    if text.startswith("{{") or text.endswith("}}"):
        return f"{text} has too many braces: one on each side is enough", f"Write {{{inner}}}" if is_date else _known()
    if found and is_date:
        fix = f"Write {{{found[1]}:date}} for the day, {{{found[1]}:time}} for an instant"
        return f"{text} is not a form of a date", fix
    return f"{text} is not a date", _known()


def _known() -> str:
    names = ", ".join(f"{{{name}}}" for name in NAMES)
    return f"Write {names}, with :date or :time after the name if a day or a time is needed"


def _is_quoted(text: str, place: int, quotes: str) -> bool:
    """Whether a place in a text is between quotes; a backslash takes the next character out of the count."""
    opened = ""
    steps = iter(text[:place])
    for step in steps:
        if step == "\\":
            next(steps, "")
        elif opened:
            opened = "" if step == opened else opened
        elif step in quotes:
            opened = step
    return bool(opened)


@lru_cache(maxsize=65_536)
def _has_placeholders(query: Query) -> bool:
    return any(_PLACEHOLDER.search(text) for text in _texts(query.model_dump()))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if not isinstance(value, Verbatim):
            yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def _replaced(value: Any, write: Callable[[re.Match[str]], str]) -> Any:
    if isinstance(value, str):
        return value if isinstance(value, Verbatim) else _PLACEHOLDER.sub(write, value)
    if isinstance(value, dict):
        return {key: _replaced(part, write) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_replaced(part, write) for part in value)
    return value
