"""Formulas over metrics: `matched / contacts`, `max(a, b) - 2 * c`. Arithmetic with units, and nothing else."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from keyword import iskeyword
from typing import Any, NamedTuple

from simpleeval import InvalidExpression, SimpleEval

from mapping.errors import FormulaError, MappingError, Undefined
from mapping.quantity import Quantity

MAX_LENGTH = 500
_ALLOWED = (
    ast.Expression, ast.Constant, ast.Name, ast.Load, ast.BinOp, ast.UnaryOp, ast.Call,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.USub, ast.UAdd,
)  # fmt: skip


def _round(value: Quantity, digits: Quantity | None = None) -> Quantity:
    count = digits.amount if digits else Decimal(0)
    if count != int(count) or not 0 <= count <= 12:
        raise FormulaError("round() takes 0 to 12 digits")
    return value.rounded(int(count))


def _clamp(value: Quantity, low: Quantity, high: Quantity) -> Quantity:
    if low > high:
        raise FormulaError("clamp() takes a value, a lower bound and an upper bound, in this order")
    return max(low, min(high, value))


FUNCTIONS: dict[str, Callable[..., Quantity]] = {
    "min": lambda *values: min(values),
    "max": lambda *values: max(values),
    "abs": abs,
    "round": _round,
    "clamp": _clamp,
}
_COUNTS = {"min": range(1, MAX_LENGTH), "max": range(1, MAX_LENGTH), "abs": (1,), "round": (1, 2), "clamp": (3,)}
"""How many values each function takes."""

_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
    ast.Div: lambda left, right: left / right,
    ast.USub: lambda value: -value,
    ast.UAdd: lambda value: value,
}


class _Evaluator(SimpleEval):  # type: ignore[misc]
    """simpleeval reduced to arithmetic over quantities."""

    def __init__(self, names: Mapping[str, Quantity], literals: Mapping[ast.Constant, Quantity]) -> None:
        super().__init__(operators=_OPERATORS, functions=FUNCTIONS, names=dict(names))
        self.nodes = {
            ast.Constant: literals.__getitem__,
            ast.Name: self._eval_name,
            ast.BinOp: self._eval_binop,
            ast.UnaryOp: self._eval_unaryop,
            ast.Call: self._eval_call,
        }


class _Read(NamedTuple):
    """What was read of a formula's text: its tree, its numbers, and its names from left to right."""

    tree: ast.Expression
    literals: Mapping[ast.Constant, Quantity]
    names: tuple[ast.Name, ...]


@dataclass(frozen=True)
class Formula:
    """A formula that can be read. `names` are the metrics it needs. Most are one name: those are never parsed; of the
    others the text is kept and not the tree, which takes a hundred times the memory."""

    text: str
    names: frozenset[str]

    @classmethod
    def parse(cls, text: str) -> Formula:
        """White space is made single, so that a formula may be written over several lines of YAML.

        Raises FormulaError, saying where and what may be written.
        """
        if len(text) > MAX_LENGTH:
            raise FormulaError(f"a formula has at most {MAX_LENGTH} characters; this one has {len(text)}")
        text = " ".join(text.split())
        if _is_name(text):
            return cls(text=text, names=frozenset((text,)))
        names = frozenset(node.id for node in _read(text).names)
        if not names:
            raise FormulaError(
                f"{text!r} is only a number, so no source would be asked: write a metric's name or a query, or "
                f"{{manual: {text}}} for a number by hand"
            )
        return cls(text=text, names=names)

    def evaluate(self, values: Mapping[str, Quantity]) -> Quantity:
        """Raises FormulaError for a missing name, UnitMismatch, Undefined."""
        for name in sorted(self.names - values.keys()):
            raise unknown_name(name, values)
        if _is_name(self.text):
            return values[self.text]
        read = _read(self.text)
        try:
            result = _Evaluator(values, read.literals).eval(self.text, previously_parsed=read.tree.body)
        except MappingError:
            raise
        except InvalidExpression as error:
            raise FormulaError(str(error)) from None
        except (RecursionError, ArithmeticError, TypeError) as error:
            raise Undefined(f"{self.text!r} can't be calculated: {error}") from None
        if not isinstance(result, Quantity):
            raise FormulaError(f"{self.text!r} does not give a number")
        return result

    @property
    def is_of_sums_and_products(self) -> bool:
        """Whether it adds, subtracts and multiplies alone, or divides by plain numbers."""
        return _is_name(self.text) or all(
            not isinstance(node, ast.Call)
            and not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and _names_in(node.right))
            for node in ast.walk(_read(self.text).tree)
        )

    def filled(self, values: Mapping[str, str]) -> str:
        """The formula with each name replaced by what stood for it: "8,320 / 10,000"."""
        if _is_name(self.text):
            return values.get(self.text, self.text)
        pieces, end = [], 0
        source = self.text.encode()
        for node in _read(self.text).names:
            pieces += [source[end : node.col_offset].decode(), values.get(node.id, node.id)]
            end = node.end_col_offset or end
        return "".join(pieces) + source[end:].decode()


def unknown_name(name: str, known: Iterable[str]) -> FormulaError:
    return FormulaError(f"there is no metric {name!r}{_did_you_mean(name, known)}")


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f": did you mean {near[0]!r}?" if near else ""


def _is_name(text: str) -> bool:
    """Whether a formula is one name alone. Python would write other letters in another form."""
    return text.isascii() and text.isidentifier() and not iskeyword(text)


def _names_in(tree: ast.AST) -> bool:
    return any(isinstance(node, ast.Name) for node in ast.walk(tree))


@lru_cache(maxsize=256)
def _read(text: str) -> _Read:
    """Raises FormulaError."""
    try:
        tree = ast.parse(text, mode="eval")
        nodes = list(ast.walk(tree))
        _check(nodes)
        literals = {node: _literal(node, text) for node in nodes if isinstance(node, ast.Constant)}
    except SyntaxError as error:
        where = f", at character {error.offset}" if error.offset else ""
        message = f"{text!r} can't be read as a formula{where}: write metric names, numbers and + - * / ( )"
        raise FormulaError(message) from None
    except MappingError:
        raise
    except (RecursionError, MemoryError, ValueError):
        raise FormulaError("the formula is nested too deeply or contains a character that is not allowed") from None
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    names = [node for node in nodes if isinstance(node, ast.Name) and id(node) not in called]
    return _Read(tree=tree, literals=literals, names=tuple(sorted(names, key=lambda node: node.col_offset)))


def _check(nodes: Iterable[ast.AST]) -> None:
    for node in nodes:
        if isinstance(node, ast.Call):
            _check_call(node)
        elif isinstance(node, ast.BinOp | ast.UnaryOp) and not isinstance(node.op, _ALLOWED):
            raise FormulaError(f"the sign {_at(node)} can't be used in a formula: write + - * /")
        elif not isinstance(node, _ALLOWED):
            known = ", ".join(FUNCTIONS)
            raise FormulaError(f"the part {_at(node)} can't be used in a formula: write + - * / and {known}")


def _check_call(node: ast.Call) -> None:
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
        hint = _did_you_mean(node.func.id, FUNCTIONS) if isinstance(node.func, ast.Name) else ""
        raise FormulaError(f"a formula can use only the functions {', '.join(FUNCTIONS)}{hint}")
    name = node.func.id
    if node.keywords or any(isinstance(given, ast.Starred) for given in node.args):
        raise FormulaError(f"{name}() takes only plain values")
    if len(node.args) not in _COUNTS[name]:
        raise FormulaError(f"{name}() can't take {len(node.args)} values {_at(node)}")


def _at(node: ast.expr | ast.AST) -> str:
    return f"at character {node.col_offset + 1}" if isinstance(node, ast.expr) else "there"


def _literal(node: ast.Constant, text: str) -> Quantity:
    """From the text, because Python has made a float of it. Refuses all but plain decimal numbers."""
    written = text.encode()[node.col_offset : node.end_col_offset].decode()
    try:
        return Quantity(Decimal(written))
    except (ArithmeticError, Undefined):
        raise FormulaError(f"{written} can't be used in a formula: write plain numbers, without quotes") from None
