"""Whether the days and times in a query fit the fields that they are compared with, by the org's own description.

Salesforce refuses a plain day beside a dateTime field, and an instant beside a date field, with words about neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from connectors.errors import BadQuery
from connectors.salesforce.calls import Calls
from connectors.salesforce.composite import describe_path
from connectors.salesforce.errors import DAY_FIX, TIME_FIX
from connectors.salesforce.queries import OverRows
from connectors.salesforce.schema import MOST_STEPS, Schema
from connectors.salesforce.tokens import Token, path_at, scan
from mapping.day import UTC, Zone

OPERATORS = frozenset({"=", "!=", "<>", "<", "<=", ">", ">="})
GIVES_DAYS = frozenset({"day_only"})
_DAY = re.compile(r"'?\d{4}-\d\d-\d\d'?")
_INSTANT = re.compile(r"'?\d{4}-\d\d-\d\dT[\d:.Z+-]+'?")


@dataclass(frozen=True)
class Comparison:
    """A field of an object, compared with a day or an instant. `type` is known where a function gives it, which makes
    days of UTC where it is `in_utc`."""

    object: str
    path: str
    written: str
    type: str = ""
    in_utc: bool = False


def wrong_dates(
    queries: Sequence[OverRows], calls: Calls, connection: str, zone: Zone = UTC
) -> dict[OverRows, BadQuery]:
    """The queries that name a moment in a form that its field does not take. What can't be described is not judged."""
    compared = {query: list(comparisons(query.soql)) for query in queries}
    asked = [(one.object, one.path) for found in compared.values() for one in found if not one.type]
    schema, tried = Schema(), set[str]()
    for _ in range(MOST_STEPS + 1):
        missing = [name for name in schema.missing(asked) if name.lower() not in tried]
        if not missing:
            break
        tried |= {name.lower() for name in missing}
        answers = calls.ask([], [describe_path(name) for name in missing])
        for name in missing:
            schema.learn(name, answers[describe_path(name)])
    return {
        query: wrong
        for query, found in compared.items()
        if (wrong := next((one for each in found if (one := _judged(each, schema, connection, zone))), None))
    }


def comparisons(soql: str) -> Iterator[Comparison]:
    """Every comparison with a day or an instant, in subqueries too."""
    tokens = scan(soql) or ()
    objects: list[tuple[str, str]] = [("", "")]
    for index, token in enumerate(tokens):
        if token.text == "(":
            inner = index + 1 < len(tokens) and tokens[index + 1].lower == "select"
            objects.append(("", "") if inner else objects[-1])
        elif token.text == ")" and len(objects) > 1:
            objects.pop()
        elif token.lower == "from" and index + 1 < len(tokens) and tokens[index + 1].kind == "word":
            objects[-1] = (tokens[index + 1].text, _alias(tokens, index + 2))
        elif token.kind == "word" and (index == 0 or tokens[index - 1].text != "."):
            yield from _compared(tokens, index, *objects[-1])


def _alias(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].text if at < len(tokens) and tokens[at].kind == "word" else ""


def _compared(tokens: Sequence[Token], start: int, name: str, alias: str) -> Iterable[Comparison]:
    path, end = path_at(tokens, start)
    if end < len(tokens) and tokens[end].text == ")" and start >= 2 and tokens[start - 1].text == "(":
        # DAY_ONLY(CreatedDate) >= ...; other functions give numbers, or what they are given.
        function = tokens[start - 2].lower
        while end < len(tokens) and tokens[end].text == ")":
            end += 1
        outer = [token.lower for token in tokens[max(0, start - 4) : start]]
        if not GIVES_DAYS & set(outer) or function not in (*GIVES_DAYS, "converttimezone"):
            return
        kind, in_utc = "date", "converttimezone" not in outer
    else:
        kind, in_utc = "", False
    if end + 1 >= len(tokens) or tokens[end].text not in OPERATORS or not name:
        return
    written = tokens[end + 1].text
    if _DAY.fullmatch(written) or _INSTANT.fullmatch(written):
        first, _, rest = path.partition(".")
        own = rest if rest and first.lower() in (name.lower(), alias.lower()) else path
        yield Comparison(name, own, written, kind, in_utc)


def _judged(one: Comparison, schema: Schema, connection: str, zone: Zone) -> BadQuery | None:
    field = schema.field(one.object, one.path)
    kind = one.type or (field.type if field else "")
    if kind not in ("date", "datetime"):
        return None
    quoted = one.written.startswith("'")
    if one.in_utc and zone != UTC:
        return BadQuery(
            f"DAY_ONLY({one.path}) uses days of UTC, not of {zone.key}",
            connection=connection,
            fix=f"Compare the field itself with instants: {one.path} >= {{cycle.start:time}}.",
        )
    if not quoted and bool(_DAY.fullmatch(one.written)) == (kind == "date"):
        return None
    what = "a day" if _DAY.fullmatch(one.written) else "an instant"
    holds = "days" if kind == "date" else "days with their time"
    quotes = " in quotes" if quoted else ""
    return BadQuery(
        f"{one.path} of {one.object} contains {holds}, but is compared with {what}{quotes}: {one.written}",
        connection=connection,
        fix=DAY_FIX if kind == "date" else TIME_FIX,
    )
