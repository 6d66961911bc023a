"""SOQL: a grammar for the part that scalar questions need, and its syntax tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lark import Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import VisitError

from sandbox.parsers import parser
from sandbox.salesforce.errors import malformed

GRAMMAR = r"""
start: SELECT items FROM entity [scope] [where] [with_clause] [group] [having] [order] [limit] [offset] [view]
entity: NAME [NAME]
items: item ("," item)*
item: expr [NAME]
?expr: call | path
call: NAME "(" [path | call] ")"
path: NAME ("." NAME)*
scope: USING SCOPE NAME
where: WHERE condition
with_clause: WITH NAME
having: HAVING condition
group: GROUP BY expr ("," expr)*
order: ORDER BY sort ("," sort)*
sort: expr [ASC | DESC] [NULLS (FIRST | LAST)]
limit: LIMIT INT
offset: OFFSET INT
view: FOR NAME
?condition: term
    | NOT term -> negation
    | term (AND term)+ -> conjunction
    | term (OR term)+ -> disjunction
?term: "(" condition ")"
    | expr OP value -> comparison
    | expr LIKE STRING -> like
    | expr IN set -> member
    | expr NOT IN set -> non_member
    | expr INCLUDES set -> includes
    | expr EXCLUDES set -> excludes
set: "(" value ("," value)* ")"
    | "(" start ")" -> subquery
value: STRING -> string
    | DATETIME -> datetime
    | DATE -> date
    | MONEY -> money
    | SIGNED -> number
    | INT -> number
    | TRUE -> true
    | FALSE -> false
    | NULL -> null
    | NAME [":" INT] -> date_literal

SELECT.3: /select\b/i
FROM.3: /from\b/i
USING.3: /using\b/i
SCOPE.3: /scope\b/i
WITH.3: /with\b/i
FOR.3: /for\b/i
INCLUDES.3: /includes\b/i
EXCLUDES.3: /excludes\b/i
WHERE.3: /where\b/i
GROUP.3: /group\b/i
HAVING.3: /having\b/i
ORDER.3: /order\b/i
BY.3: /by\b/i
ASC.3: /asc\b/i
DESC.3: /desc\b/i
NULLS.3: /nulls\b/i
FIRST.3: /first\b/i
LAST.3: /last\b/i
LIMIT.3: /limit\b/i
OFFSET.3: /offset\b/i
AND.3: /and\b/i
OR.3: /or\b/i
NOT.3: /not\b/i
LIKE.3: /like\b/i
IN.3: /in\b/i
TRUE.3: /true\b/i
FALSE.3: /false\b/i
NULL.3: /null\b/i
OP: "!=" | "<>" | "<=" | ">=" | "<" | ">" | "="
DATETIME.2: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/
DATE.1: /\d{4}-\d\d-\d\d(?!T)/
MONEY.2: /[A-Z]{3}\d+(\.\d+)?(?!\w)/
SIGNED.1: /[-+]?\d+\.\d+|[-+]\d+/
INT: /\d+/
STRING: /'(\\.|[^'\\])*'/
NAME: /(?!(and|or|not|like|in)\b)[A-Za-z][A-Za-z0-9_]*/i
%ignore /\s+/
"""


@dataclass(frozen=True)
class Path:
    parts: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True)
class Call:
    name: str
    argument: Path | Call | None


@dataclass(frozen=True)
class Literal:
    """`kind` is string, number, money (an amount behind a currency's code), date, datetime, boolean, null or date
    literal (then `value` is (name, n))."""

    kind: str
    value: Any


@dataclass(frozen=True)
class Condition:
    """`op` is and, or, not, a comparison sign, like, in, not in, includes or excludes; `parts` are what it joins or
    compares."""

    op: str
    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Item:
    expr: Path | Call
    alias: str | None


@dataclass(frozen=True)
class Sort:
    expr: Path | Call
    descending: bool
    nulls_last: bool | None


@dataclass(frozen=True)
class Select:
    items: tuple[Item, ...]
    entity: str
    alias: str = ""
    scope: str = ""
    guard: str = ""
    where: Condition | None = None
    group: tuple[Path | Call, ...] = ()
    having: Condition | None = None
    order: tuple[Sort, ...] = ()
    limit: int | None = None
    offset: int | None = None
    text: str = field(default="", compare=False)


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\", "N": "\n"}


def unescaped(text: str, *, pattern: bool) -> str:
    """What stands between quotes; in a pattern, what stands for itself keeps its backslash."""
    found, rest = [], iter(text)
    for character in rest:
        if character != "\\":
            found.append(character)
            continue
        code = next(rest)
        if pattern and code in "_%\\":
            found.append(f"\\{code}")
        elif code in _ESCAPES:
            found.append(_ESCAPES[code])
        else:
            raise malformed(f"Invalid string literal '{text}'. Illegal character sequence '\\{code}' in string literal")
    return "".join(found)


@v_args(inline=True)
class _Tree(Transformer[Token, Any]):
    def path(self, *names: Token) -> Path:
        return Path(tuple(map(str, names)))

    def call(self, name: Token, argument: Any) -> Call:
        return Call(name.upper(), argument)

    def item(self, expr: Any, alias: Token | None) -> Item:
        return Item(expr, str(alias) if alias else None)

    def items(self, *items: Item) -> tuple[Item, ...]:
        return items

    def entity(self, name: Token, alias: Token | None) -> tuple[str, str]:
        return str(name), str(alias or "")

    def scope(self, _: Token, __: Token, name: Token) -> tuple[str, Any]:
        return "scope", str(name).lower()

    def with_clause(self, _: Token, name: Token) -> tuple[str, Any]:
        return "guard", str(name).upper()

    def view(self, _: Token, name: Token) -> None:
        if name.upper() not in ("VIEW", "REFERENCE"):
            raise malformed(f"unexpected token: '{name}'")

    def where(self, _: Token, condition: Condition) -> tuple[str, Any]:
        return "where", condition

    def having(self, _: Token, condition: Condition) -> tuple[str, Any]:
        return "having", condition

    def group(self, *parts: Any) -> tuple[str, Any]:
        return "group", parts[2:]

    def order(self, *parts: Any) -> tuple[str, Any]:
        return "order", parts[2:]

    def sort(self, expr: Any, *words: Token | None) -> Sort:
        said = {word.upper() for word in words if word}
        nulls = ("LAST" in said) if "NULLS" in said else None
        return Sort(expr, "DESC" in said, nulls)

    def limit(self, _: Token, count: Token) -> tuple[str, Any]:
        return "limit", int(count)

    def offset(self, _: Token, count: Token) -> tuple[str, Any]:
        return "offset", int(count)

    def conjunction(self, *parts: Any) -> Condition:
        return Condition("and", parts[::2])

    def disjunction(self, *parts: Any) -> Condition:
        return Condition("or", parts[::2])

    def negation(self, _: Token, part: Condition) -> Condition:
        return Condition("not", (part,))

    def comparison(self, expr: Any, op: Token, value: Literal) -> Condition:
        return Condition("!=" if op == "<>" else str(op), (expr, value))

    def like(self, expr: Any, _: Token, pattern: Token) -> Condition:
        return Condition("like", (expr, Literal("string", unescaped(pattern[1:-1], pattern=True))))

    def includes(self, expr: Any, _: Token, values: Any) -> Condition:
        return Condition("includes", (expr, values))

    def excludes(self, expr: Any, _: Token, values: Any) -> Condition:
        return Condition("excludes", (expr, values))

    def member(self, expr: Any, _: Token, values: Any) -> Condition:
        return Condition("in", (expr, values))

    def non_member(self, expr: Any, _: Token, __: Token, values: Any) -> Condition:
        return Condition("not in", (expr, values))

    def set(self, *values: Literal) -> tuple[Literal, ...]:
        return values

    def subquery(self, select: Select) -> Select:
        return select

    def string(self, token: Token) -> Literal:
        return Literal("string", unescaped(token[1:-1], pattern=False))

    def money(self, token: Token) -> Literal:
        return Literal("money", str(token)[3:])

    def number(self, token: Token) -> Literal:
        return Literal("number", str(token))

    def date(self, token: Token) -> Literal:
        return Literal("date", str(token))

    def datetime(self, token: Token) -> Literal:
        return Literal("datetime", str(token))

    def true(self, _: Token) -> Literal:
        return Literal("boolean", 1)

    def false(self, _: Token) -> Literal:
        return Literal("boolean", 0)

    def null(self, _: Token) -> Literal:
        return Literal("null", None)

    def date_literal(self, name: Token, count: Token | None) -> Literal:
        return Literal("date literal", (name.upper(), int(count) if count else None))

    def start(
        self, _: Token, items: Any, __: Token, entity: tuple[str, str], *clauses: tuple[str, Any] | None
    ) -> Select:
        return Select(items, *entity, **dict(clause for clause in clauses if clause))


@lru_cache(maxsize=4096)
def parse(text: str) -> Select:
    """Raises Refused with MALFORMED_QUERY."""
    try:
        tree = parser(GRAMMAR).parse(text)
    except UnexpectedInput as error:
        token = getattr(error, "token", None)
        what = str(token) if token else text[error.pos_in_stream or 0 :][:1]
        raise malformed(
            f"\n{text}\n{' ' * max(0, (error.column or 1) - 1)}^\nERROR at Row:{max(1, error.line or 1)}:"
            f"Column:{error.column}\nunexpected token: '{what or '<EOF>'}'"
        ) from None
    try:
        made: Select = _Tree().transform(tree)
    except VisitError as error:
        raise error.orig_exc from None
    return Select(**{**vars(made), "text": text})
