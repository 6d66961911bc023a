"""JQL: a grammar by Jira's own (Jql.g), and its syntax tree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lark import Token, Transformer, UnexpectedInput, v_args

from sandbox.jira.reserved import RESERVED
from sandbox.parsers import parser

RESERVED_CHARACTERS = "{}*/%+^$#@?;"
OPERATORS = "The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'."
_STOP = r"""\s"'=!<>()~,\[\]|&\\""" + re.escape(RESERVED_CHARACTERS).replace("/", r"\/")
_END = rf"(?![^{_STOP}])"
GRAMMAR = rf"""
start: [condition] [order]
?condition: conjunction (OR conjunction)* -> disjunction
conjunction: term (AND term)*
?term: NOT term -> negation
    | BANG term -> negation
    | "(" condition ")"
    | field OP operand predicate* -> comparison
    | field IN operand predicate* -> comparison
    | field NOT IN operand predicate* -> comparison
    | field IS operand predicate* -> comparison
    | field IS NOT operand predicate* -> comparison
    | field WAS operand predicate* -> comparison
    | field WAS NOT operand predicate* -> comparison
    | field WAS IN operand predicate* -> comparison
    | field WAS NOT IN operand predicate* -> comparison
    | field CHANGED predicate* -> changed
field: WORD | QUOTED | CF | PROPERTY | NUMBER
predicate: (FROM | TO | BY | BEFORE | AFTER | ON | DURING) operand
operand: QUOTED -> text
    | WORD -> word
    | NUMBER -> number
    | (WORD | QUOTED | NUMBER) "(" [argument ("," argument)*] ")" -> function
    | "(" operand ("," operand)* ")" -> list
    | EMPTY -> none
argument: WORD | QUOTED | NUMBER
order: ORDER BY sort ("," sort)*
sort: field [ASC | DESC]

AND.3: /and{_END}|&&?/i
OR.3: /or{_END}|\|\|?/i
NOT.3: /not{_END}/i
BANG.1: "!"
IN.3: /in{_END}/i
IS.3: /is{_END}/i
WAS.3: /was{_END}/i
CHANGED.3: /changed{_END}/i
FROM.3: /from{_END}/i
TO.3: /to{_END}/i
BEFORE.3: /before{_END}/i
AFTER.3: /after{_END}/i
ON.3: /on{_END}/i
DURING.3: /during{_END}/i
EMPTY.3: /(empty|null){_END}/i
ORDER.3: /order{_END}/i
BY.3: /by{_END}/i
ASC.3: /asc{_END}/i
DESC.3: /desc{_END}/i
OP.2: "!=" | "!~" | "~" | "<=" | ">=" | "<" | ">" | "="
PROPERTY.4: /[A-Za-z]+\.property\s*\[[^\]]*\](\.[^{_STOP}]+)*/i
CF.4: /cf\s*\[\s*\d+\s*\]/i
NUMBER.3: /-?\d+{_END}/
QUOTED: /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/
WORD: /(\\.|[^{_STOP}])+/
%ignore /\s+/
"""


class JqlError(Exception):
    """A refusal; the text is Jira's."""


@dataclass(frozen=True)
class Operand:
    """`kind` is text (quoted), word, number (unquoted), function (then `value` is (name, *arguments)), list (of
    operands) or none."""

    kind: str
    value: Any

    def __str__(self) -> str:
        match self.kind:
            case "function":
                return f"{self.value[0]}({', '.join(self.value[1:])})"
            case "list":
                return f"({', '.join(map(str, self.value))})"
            case "none":
                return "EMPTY"
            case "number":
                return str(self.value)
        return f'"{self.value}"'


@dataclass(frozen=True)
class Predicate:
    """`op` is from, to, by, before, after, on or during."""

    op: str
    operand: Operand


@dataclass(frozen=True)
class Clause:
    """`op` is a comparison sign, in, is, was or one of these with not; changed or not changed, of nothing."""

    field: str
    op: str
    operand: Operand
    predicates: tuple[Predicate, ...] = ()


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


_ESCAPES = {"t": "\t", "n": "\n", "r": "\r"}


def _unescaped(token: Token) -> str:
    text = str(token)[1:-1] if token[:1] in "\"'" else str(token)
    return re.sub(
        r"\\(u[0-9a-fA-F]{4}|.)",
        lambda match: chr(int(match[1][1:], 16)) if len(match[1]) == 5 else _ESCAPES.get(match[1], match[1]),
        text,
    )


@v_args(inline=True)
class _Tree(Transformer[Token, Any]):
    def field(self, token: Token) -> str:
        if token.type == "WORD":
            _refuse_reserved(token)
        return re.sub(r"\s", "", token) if token.type == "CF" else _unescaped(token)

    def list(self, *operands: Operand) -> Operand:
        return Operand("list", operands)

    def text(self, token: Token) -> Operand:
        return Operand("text", _unescaped(token))

    def word(self, token: Token) -> Operand:
        _refuse_reserved(token)
        return Operand("word", _unescaped(token))

    def number(self, token: Token) -> Operand:
        return Operand("number", int(token))

    def argument(self, token: Token) -> str:
        return _unescaped(token)

    def function(self, name: Token, *arguments: str | None) -> Operand:
        return Operand("function", (_unescaped(name), *(one for one in arguments if one is not None)))

    def none(self, _: Token) -> Operand:
        return Operand("none", None)

    def predicate(self, op: Token, operand: Operand) -> Predicate:
        return Predicate(str(op).lower(), operand)

    def comparison(self, field: str, *parts: Any) -> Clause:
        words = [str(part).lower() for part in parts if isinstance(part, Token)]
        operand = next(part for part in parts if isinstance(part, Operand))
        return Clause(field, " ".join(words), operand, tuple(part for part in parts if isinstance(part, Predicate)))

    def changed(self, field: str, _: Token, *predicates: Predicate) -> Clause:
        return Clause(field, "changed", Operand("none", None), predicates)

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


@lru_cache(maxsize=4096)
def parse(text: str) -> Jql:
    """Raises JqlError."""
    try:
        made: Jql = _Tree(visit_tokens=False).transform(parser(GRAMMAR).parse(text))
    except UnexpectedInput as error:
        raise _refusal(text, error) from None
    except RecursionError:
        raise JqlError("Error in the JQL Query: the query is too deeply nested.") from None
    except Exception as error:
        if isinstance(cause := error.__context__, JqlError):
            raise cause from None
        raise
    return made


def _refuse_reserved(token: Token) -> None:
    if token.lower() in RESERVED:
        raise JqlError(
            f"Error in the JQL Query: '{token}' is a reserved JQL word. You must surround it in quotation marks to use "
            f"it in a query. (line {token.line}, character {token.column})"
        )


def _refusal(text: str, error: UnexpectedInput) -> JqlError:
    token = getattr(error, "token", None)
    place = f"(line {error.line}, character {error.column})"
    if token is not None and token.type == "$END":
        return JqlError("Error in the JQL Query: Expecting more at the end of the query.")
    found = str(token) if token is not None else text[error.pos_in_stream or 0 :][:1]
    if found in RESERVED_CHARACTERS:
        return JqlError(
            f"Error in the JQL Query: The character '{found}' is a reserved JQL character. You must enclose it in a "
            f"string or use the escape '\\u{ord(found):04x}' instead. {place}"
        )
    if found.lower() in RESERVED:
        return JqlError(
            f"Error in the JQL Query: Expecting either a value, list or function but got '{found}'. You must surround "
            f"'{found}' in quotation marks to use it as a value. {place}"
        )
    if "OP" in (getattr(error, "accepts", None) or getattr(error, "allowed", None) or ()):
        return JqlError(f"Error in the JQL Query: Expecting operator but got '{found}'. {OPERATORS} {place}")
    return JqlError(f"Error in the JQL Query: Expecting either 'OR' or 'AND' but got '{found}'. {place}")
