"""JQL: a grammar and its syntax tree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput, v_args

GRAMMAR = r"""
start: [condition] [order]
?condition: conjunction (OR conjunction)* -> disjunction
conjunction: term (AND term)*
?term: NOT term -> negation
    | "(" condition ")"
    | field OP operand -> comparison
    | field IN list -> member
    | field NOT IN list -> non_member
    | field IS EMPTY -> empty
    | field IS NOT EMPTY -> not_empty
field: WORD | STRING | CF
list: "(" operand ("," operand)* ")"
operand: STRING -> text
    | WORD -> word
    | WORD "(" [WORD | STRING] ")" -> function
    | EMPTY -> none
order: ORDER BY sort ("," sort)*
sort: field [ASC | DESC]

AND.3: /and\b|&&?/i
OR.3: /or\b|\|\|?/i
NOT.3: /not\b|!(?![=~])/i
IN.3: /in\b/i
IS.3: /is\b/i
EMPTY.3: /(empty|null)\b/i
ORDER.3: /order\b/i
BY.3: /by\b/i
ASC.3: /asc\b/i
DESC.3: /desc\b/i
OP.2: "!=" | "!~" | "~" | "<=" | ">=" | "<" | ">" | "="
CF.2: /cf\[\d+\]/i
STRING: /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/
WORD: /[-+]?[A-Za-z0-9_.][\w.\/:@-]*/
%ignore /\s+/
"""


class JqlError(Exception):
    """A refusal; the text is Jira's."""


@dataclass(frozen=True)
class Operand:
    """`kind` is text (quoted), word, function (then `value` is (name, argument)) or none."""

    kind: str
    value: Any


@dataclass(frozen=True)
class Clause:
    """`op` is a comparison sign, in, not in, empty or not empty."""

    field: str
    op: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True)
class Joined:
    """`op` is and, or, not."""

    op: str
    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Jql:
    condition: Any
    order: tuple[tuple[str, bool], ...]
    """Fields, and whether descending."""


def _unquoted(token: Token) -> str:
    text = str(token)
    return text[1:-1].replace('\\"', '"').replace("\\'", "'").replace("\\\\", "\\") if text[0] in "\"'" else text


@v_args(inline=True)
class _Tree(Transformer[Token, Any]):
    def field(self, token: Token) -> str:
        return _unquoted(token)

    def list(self, *operands: Operand) -> tuple[Operand, ...]:
        return operands

    def text(self, token: Token) -> Operand:
        return Operand("text", _unquoted(token))

    def word(self, token: Token) -> Operand:
        return Operand("word", str(token))

    def function(self, name: Token, argument: Token | None) -> Operand:
        return Operand("function", (name.lower(), _unquoted(argument) if argument else None))

    def none(self, _: Token) -> Operand:
        return Operand("none", None)

    def comparison(self, field: str, op: Token, operand: Operand) -> Clause:
        return Clause(field, str(op), (operand,))

    def member(self, field: str, _: Token, operands: tuple[Operand, ...]) -> Clause:
        return Clause(field, "in", operands)

    def non_member(self, field: str, _: Token, __: Token, operands: tuple[Operand, ...]) -> Clause:
        return Clause(field, "not in", operands)

    def empty(self, field: str, *_: Token) -> Clause:
        return Clause(field, "empty", ())

    def not_empty(self, field: str, *_: Token) -> Clause:
        return Clause(field, "not empty", ())

    def negation(self, _: Token, part: Any) -> Joined:
        return Joined("not", (part,))

    def conjunction(self, *parts: Any) -> Any:
        return parts[0] if len(parts) == 1 else Joined("and", parts[::2])

    def disjunction(self, *parts: Any) -> Any:
        return parts[0] if len(parts) == 1 else Joined("or", parts[::2])

    def sort(self, field: str, direction: Token | None) -> tuple[str, bool]:
        return field, bool(direction) and str(direction).lower() == "desc"

    def order(self, *parts: Any) -> tuple[tuple[str, bool], ...]:
        return parts[2:]

    def start(self, condition: Any, order: Any) -> Jql:
        return Jql(condition, order or ())


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", maybe_placeholders=True)


@lru_cache(maxsize=4096)
def parse(text: str) -> Jql:
    """Raises JqlError."""
    try:
        made: Jql = _Tree().transform(_parser().parse(text))
    except UnexpectedInput as error:
        token = getattr(error, "token", None)
        ended = token is not None and token.type == "$END"
        found = str(token) if token else text[error.pos_in_stream or 0 :][:1]
        if ended or not found:
            raise JqlError("Error in the JQL Query: The query ended where more was expected.") from None
        raise JqlError(
            f"Error in the JQL Query: Expecting either a field, an operator or a value but got '{found}'. "
            f"(line {error.line}, character {error.column})"
        ) from None
    return made
