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

from connectors.base import Moment, Query, Spec
from mapping.day import Zone, day_of, end_of, start_of
from mapping.model import Cycle

NAMES = ("cycle.start", "cycle.end", "as_of")
_PLACEHOLDER = re.compile(r"\{\s*([A-Za-z_][\w.]*)\s*(?::\s*(\w+)\s*)?\}")


def unknown_placeholders(query: Query) -> list[str]:
    """The placeholders in a query that mean nothing."""
    return [
        found[0]
        for text in _texts(query.model_dump())
        for found in _PLACEHOLDER.finditer(text)
        if found[1] not in NAMES or found[2] not in (None, "date", "time")
    ]


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


@lru_cache(maxsize=65_536)
def _has_placeholders(query: Query) -> bool:
    return any(_PLACEHOLDER.search(text) for text in _texts(query.model_dump()))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def _replaced(value: Any, write: Callable[[re.Match[str]], str]) -> Any:
    if isinstance(value, str):
        return _PLACEHOLDER.sub(write, value)
    if isinstance(value, dict):
        return {key: _replaced(part, write) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_replaced(part, write) for part in value)
    return value
