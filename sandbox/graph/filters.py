"""OData filters on list items: `fields/Status eq 'Done' and fields/Amount gt 5`."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput, v_args

from sandbox.data import Row
from sandbox.graph.errors import bad_request

GRAMMAR = r"""
start: either
?either: both ("or" both)*
?both: term ("and" term)*
?term: "not" term -> negation
    | "(" either ")"
    | "startswith" "(" field "," STRING ")" -> prefix
    | field OP value -> comparison
field: _FIELDS NAME | NAME
value: STRING -> text | INSTANT -> instant | DAY -> day | NUMBER -> number
    | "true" -> true | "false" -> false | "null" -> null
_FIELDS.2: "fields/"
OP.2: "eq" | "ne" | "lt" | "le" | "gt" | "ge"
STRING: /'([^']|'')*'/
INSTANT.3: /\d{4}-\d{2}-\d{2}T[0-9:.]+Z/
DAY.2: /\d{4}-\d{2}-\d{2}(?!T)/
NUMBER: /-?\d+(\.\d+)?/
NAME: /(?!(eq|ne|lt|le|gt|ge|and|or|not|true|false|null|startswith)\b)[A-Za-z_][A-Za-z0-9_]*/
%ignore /\s+/
"""
Test = Callable[[Row], bool]
_OPERATORS = {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
}  # fmt: skip


@v_args(inline=True)
class _Tests(Transformer[Token, Any]):
    def __init__(self, used: set[str]) -> None:
        super().__init__()
        self._used = used

    def field(self, name: Token) -> str:
        self._used.add(str(name))
        return str(name)

    def text(self, token: Token) -> str:
        return token[1:-1].replace("''", "'")

    def number(self, token: Token) -> Decimal:
        return Decimal(token)

    def instant(self, token: Token) -> datetime:
        return datetime.fromisoformat(token)

    def day(self, token: Token) -> date:
        return date.fromisoformat(token)

    def true(self) -> bool:
        return True

    def false(self) -> bool:
        return False

    def null(self) -> None:
        return None

    def comparison(self, field: str, op: Token, value: Any) -> Test:
        compare = _OPERATORS[str(op)]

        def test(row: Row) -> bool:
            found = row.get(field)
            if value is None or found is None:
                return (found is value) == (str(op) == "eq") if str(op) in ("eq", "ne") else False
            try:
                return bool(compare(*_comparable(found, value, str(op))))
            except TypeError:
                raise bad_request(f"A value of another type is compared with the field '{field}'.") from None

        return test

    def prefix(self, field: str, token: Token) -> Test:
        return lambda row: str(row.get(field) or "").startswith(self.text(token))

    def negation(self, test: Test) -> Test:
        return lambda row: not test(row)

    def both(self, *tests: Test) -> Test:
        return lambda row: all(test(row) for test in tests)

    def either(self, *tests: Test) -> Test:
        return lambda row: any(test(row) for test in tests)

    def start(self, test: Test) -> Test:
        return test


def _comparable(found: Any, value: Any, op: str) -> tuple[Any, Any]:
    """Directory objects have typed times, compared without quotes; list fields hold them as texts."""
    moment = _moment(found)
    if moment is None:
        return found, value
    if isinstance(value, str):
        wanted = _moment(value)
        return (moment, wanted) if wanted is not None else (found, value)
    if not isinstance(value, datetime):
        raise bad_request(
            "A binary operator with incompatible types was detected. Found operand types 'Edm.DateTimeOffset' and "
            f"'Edm.{'Date' if isinstance(value, date) else 'Int32'}' for operator kind '{op}'."
        )
    return moment, value


def _moment(text: Any) -> datetime | None:
    """A day without a time is taken for midnight in UTC."""
    if not isinstance(text, str) or not text[:4].isdigit():
        return None
    try:
        made = datetime.fromisoformat(text)
    except ValueError:
        return None
    return made if made.tzinfo else made.replace(tzinfo=UTC)


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr")


@lru_cache(maxsize=1024)
def compiled(text: str) -> tuple[Test, frozenset[str]]:
    """The test and the fields that it uses. Raises Refused."""
    used: set[str] = set()
    try:
        test: Test = _Tests(used).transform(_parser().parse(text))
    except UnexpectedInput:
        raise bad_request("Invalid filter clause") from None
    return test, frozenset(used)
