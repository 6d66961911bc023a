"""Dates in queries: `{cycle.start}`, `{cycle.end}` and `{as_of}`, written in each tool's own form.

A cycle's start and end are days, `{as_of}` is an instant. `:time` and `:date` after the name ask for the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

from connectors.base import Moment, Query, Spec
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


def render(query: Query, spec: Spec, period: Cycle, at: datetime) -> Query:
    """The query with its dates written out; the same object where it has none."""
    if not _has_placeholders(query):
        return query
    return type(query).model_validate(
        _replaced(query.model_dump(), lambda match: spec.write_moment(_moment(match[1], match[2], period, at)))
    )


def names_as_of(query: Query) -> bool:
    """Whether a query asks for the state of things at a moment, so that it can be asked for a past one."""
    return any(found[1] == "as_of" for text in _texts(query.model_dump()) for found in _PLACEHOLDER.finditer(text))


def _moment(name: str, form: str | None, period: Cycle, at: datetime) -> Moment:
    if name == "as_of":
        return Moment(at=at, is_date=form == "date")
    day = Moment.start_of(period.start) if name == "cycle.start" else Moment.end_of(period.end)
    return Moment(at=day.at, is_date=form != "time")


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
