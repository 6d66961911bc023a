"""Plain aggregate SELECTs: taken apart, merged where object and filter are the same, written again. Pure.

SOQL has neither CASE nor JOIN, so that one SELECT answers several questions only where they look at the same rows.
Whatever is not plain (GROUP BY, LIMIT, subqueries in the SELECT list) is sent as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

AGGREGATES = ("count", "sum", "avg", "min", "max", "count_distinct")
MOST_AGGREGATES = 90
"""Aggregates merged into one SELECT, which may have a hundred columns and more, but the answer's row stays legible."""
ROWS = "rowsBehind"
"""The alias of the COUNT(Id) that a merged SELECT has too: how many rows stand behind its numbers."""

_NAME = r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)*"
_AGGREGATE = re.compile(rf"\s*({'|'.join(AGGREGATES)})\s*\(\s*({_NAME})?\s*\)\s*([A-Za-z]\w*)?\s*", re.IGNORECASE)
_SELECT = re.compile(r"\s*select\s+(.*?)\s+from\s+([A-Za-z]\w*)\b\s*(.*?)\s*", re.IGNORECASE | re.DOTALL)
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'")
_NOT_PLAIN = re.compile(
    r"\b(group\s+by|having|order\s+by|limit|offset|using|with|for|update|all\s+rows|typeof)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Aggregate:
    """`function` in capitals; `alias` is "" where none is written."""

    function: str
    field: str
    alias: str = ""


_COUNT_ROWS = Aggregate("COUNT", "id")


@dataclass(frozen=True, kw_only=True)
class Select:
    """`rest` is what follows the object: "" or "WHERE ...", its spaces outside of texts single."""

    aggregates: tuple[Aggregate, ...]
    object: str
    rest: str

    @property
    def aliases(self) -> tuple[str, ...]:
        return tuple(one.alias.lower() for one in self.aggregates if one.alias)


@dataclass(frozen=True, kw_only=True)
class Merged:
    """One SELECT for several questions. `column` gives the name of the column that answers each (function, field)."""

    object: str
    soql: str
    column: dict[Aggregate, str]


def parse_select(soql: str) -> Select | None:
    """None for anything but `SELECT aggregate, ... FROM object [WHERE ...]`."""
    match = _SELECT.fullmatch(soql)
    if not match or _NOT_PLAIN.search(_QUOTED.sub("''", match[3])):
        return None
    rest = flat(match[3])
    if rest and not rest.lower().startswith("where "):
        return None
    aggregates = [_aggregate(part) for part in match[1].split(",")]
    plain = tuple(one for one in aggregates if one is not None)
    if len(plain) != len(aggregates):
        return None
    return Select(aggregates=plain, object=match[2], rest=rest)


def merge(selects: Iterable[Select]) -> Merged:
    """Selects of one object and one filter as one, at most MOST_AGGREGATES different aggregates."""
    wanted: dict[Aggregate, str] = {}
    written: dict[Aggregate, str] = {}
    first: Select | None = None
    for select in selects:
        first = first or select
        written |= {bare(one): one.field for one in select.aggregates}
        for one in map(bare, select.aggregates):
            wanted.setdefault(one, ROWS if one == _COUNT_ROWS else f"value{len(wanted)}")
    if first is None:
        raise ValueError("nothing to merge")
    columns = [f"{one.function}({written[one]}) {alias}" for one, alias in wanted.items() if alias != ROWS]
    rest = f" {first.rest}" if first.rest else ""
    soql = f"SELECT {', '.join([*columns, f'COUNT(Id) {ROWS}'])} FROM {first.object}{rest}"  # noqa: S608 - the operator's own
    return Merged(object=first.object, soql=soql, column=wanted)


def bare(one: Aggregate) -> Aggregate:
    """The same aggregate without its alias; fields and functions are the same in any case."""
    return Aggregate(one.function, one.field.lower())


def same_rows(select: Select) -> tuple[str, str]:
    """Equal for selects that look at the same rows."""
    return select.object.lower(), select.rest


def _aggregate(text: str) -> Aggregate | None:
    match = _AGGREGATE.fullmatch(text)
    if not match or (match[2] is None and match[1].lower() != "count"):
        return None
    return Aggregate(match[1].upper(), match[2] or "Id", match[3] or "")


def flat(text: str) -> str:
    """Single spaces, but for what stands in quotes, which is part of the question."""
    parts: list[str] = []
    end = 0
    for match in _QUOTED.finditer(text):
        parts += [re.sub(r"\s+", " ", text[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*parts, re.sub(r"\s+", " ", text[end:])]).strip()
