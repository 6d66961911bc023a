"""Aggregate SELECTs: taken apart, merged where object and filter are the same, written again. Pure.

SOQL has neither CASE nor JOIN, so that one SELECT answers several questions only where they look at the same rows.
Whatever is not plain (GROUP BY, LIMIT, an alias of the object) is sent as it was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from connectors.salesforce.tokens import Token, flat, joined, levels, parts, path_at, scan

__all__ = ["AGGREGATES", "Aggregate", "Merged", "Select", "Statement", "flat", "merge", "parse_select", "statement"]

AGGREGATES = ("count", "sum", "avg", "min", "max", "count_distinct")
MOST_AGGREGATES = 90
"""Aggregates merged into one SELECT, which may have a hundred columns and more, but the answer's row stays legible."""
ROWS = "rowsBehind"
"""The alias of the COUNT(Id) that a merged SELECT has too: how many rows stand behind its numbers."""
CLAUSES = frozenset({"using", "where", "with", "group", "having", "order", "limit", "offset", "for", "update", "all"})
"""The words by which what follows the object begins."""
PLAIN_CLAUSES = frozenset({"using", "where", "with"})


@dataclass(frozen=True)
class Aggregate:
    """`function` in capitals; `alias` is "" where none is written."""

    function: str
    field: str
    alias: str = ""


_COUNT_ROWS = Aggregate("COUNT", "id")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """`columns` are what is selected, None for what is no plain aggregate; `clauses` the texts of what follows the
    object, by their first words."""

    columns: tuple[Aggregate | None, ...]
    object: str
    alias: str
    clauses: Mapping[str, str]

    def own_field(self, field: str) -> str:
        """A field's name without the object or its alias before it."""
        first, _, rest = field.partition(".")
        return rest if rest and first.lower() in (self.alias.lower(), self.object.lower()) else field


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


@lru_cache(maxsize=4096)
def statement(soql: str) -> Statement | None:
    """None where it is no SELECT from one object, or its quotes or parentheses are not closed."""
    tokens = scan(soql)
    if not tokens or tokens[0].lower != "select" or _unbalanced(tokens):
        return None
    start = next((index for index, token, depth in levels(tokens) if depth == 0 and token.lower == "from"), None)
    if start is None or start + 1 >= len(tokens) or tokens[start + 1].kind != "word":
        return None
    rest = tokens[start + 2 :]
    alias = ""
    if rest and rest[0].kind == "word" and rest[0].lower not in CLAUSES:
        alias, rest = rest[0].text, rest[1:]
    if rest and rest[0].lower not in CLAUSES:
        return None
    columns = tuple(_aggregate(part) for part in parts(tokens[1:start], {","}))
    return Statement(columns=columns, object=tokens[start + 1].text, alias=alias, clauses=_clauses(rest))


def parse_select(soql: str) -> Select | None:
    """None for anything but `SELECT aggregate, ... FROM object [USING SCOPE ...] [WHERE ...] [WITH ...]`."""
    made = statement(soql)
    if made is None or made.alias or not made.clauses.keys() <= PLAIN_CLAUSES:
        return None
    plain = tuple(one for one in made.columns if one is not None)
    if len(plain) != len(made.columns):
        return None
    return Select(aggregates=plain, object=made.object, rest=" ".join(made.clauses.values()))


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


def _unbalanced(tokens: Sequence[Token]) -> bool:
    opened = sum(token.text == "(" for token in tokens)
    closed = sum(token.text == ")" for token in tokens)
    return opened != closed or any(depth < 0 for _, _, depth in levels(tokens))


def _clauses(tokens: Sequence[Token]) -> dict[str, str]:
    starts = [index for index, token, depth in levels(tokens) if depth == 0 and token.lower in CLAUSES]
    spans = zip(starts, [*starts[1:], len(tokens)], strict=False)
    return {tokens[start].lower: joined(tokens[start:end]) for start, end in spans}


def _aggregate(tokens: Sequence[Token]) -> Aggregate | None:
    """`SUM(Amount) total`, `COUNT()`."""
    if len(tokens) < 3 or tokens[0].lower not in AGGREGATES or tokens[1].text != "(":
        return None
    function, field, end = tokens[0].text.upper(), "Id", 2
    if tokens[2].kind == "word":
        field, end = path_at(tokens, 2)
    elif function != "COUNT":
        return None
    after = tokens[end:]
    if not after or after[0].text != ")" or len(after) > 2 or (len(after) == 2 and after[1].kind != "word"):
        return None
    return Aggregate(function, field, after[1].text if len(after) == 2 else "")
