"""Formulas over metrics: `matched / contacts`, `max(a, b) - 2 * c`. Arithmetic with units, and nothing else."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from simpleeval import InvalidExpression, SimpleEval

from mapping.errors import FormulaError, MappingError, Undefined
from mapping.quantity import Quantity

MAX_LENGTH = 500
_ALLOWED = (
    ast.Expression, ast.Constant, ast.Name, ast.Load, ast.BinOp, ast.UnaryOp, ast.Call,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.USub, ast.UAdd,
)  # fmt: skip


def _round(value: Quantity, digits: Quantity | None = None) -> Quantity:
    count = int(digits.amount) if digits else 0
    if not 0 <= count <= 12:
        raise FormulaError("round() takes 0 to 12 digits")
    return value.rounded(count)


FUNCTIONS: dict[str, Callable[..., Quantity]] = {
    "min": lambda *values: min(values),
    "max": lambda *values: max(values),
    "abs": abs,
    "round": _round,
    "clamp": lambda value, low, high: max(low, min(high, value)),
}
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

    def __init__(self, names: Mapping[str, Quantity]) -> None:
        super().__init__(operators=_OPERATORS, functions=FUNCTIONS, names=dict(names))
        self.nodes = {
            ast.Constant: self._literal,
            ast.Name: self._eval_name,
            ast.BinOp: self._eval_binop,
            ast.UnaryOp: self._eval_unaryop,
            ast.Call: self._eval_call,
        }

    def _literal(self, node: ast.Constant) -> Quantity:
        return Quantity(Decimal(repr(node.value)))


@dataclass(frozen=True)
class Formula:
    """A formula that was read once. `names` are the metrics it needs."""

    text: str
    names: frozenset[str]
    _tree: ast.Expression = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> Formula:
        """Raises FormulaError, saying where and what may be written."""
        if len(text) > MAX_LENGTH:
            raise FormulaError(f"a formula has at most {MAX_LENGTH} characters; this one has {len(text)}")
        try:
            tree = ast.parse(text.strip(), mode="eval")
            names = frozenset(_names(tree))
        except SyntaxError as error:
            where = f" at character {error.offset}" if error.offset else ""
            raise FormulaError(f"{text!r} is no formula{where}: write metric names, numbers and + - * / ( )") from None
        except (RecursionError, MemoryError, ValueError) as error:
            if isinstance(error, FormulaError):
                raise
            raise FormulaError("the formula is nested too deeply or has a character that does not belong") from None
        if not names:
            raise FormulaError(f"{text!r} names no metric: a constant is not a measurement")
        return cls(text=text.strip(), names=names, _tree=tree)

    def evaluate(self, values: Mapping[str, Quantity]) -> Quantity:
        """Raises FormulaError for a missing name, UnitMismatch, Undefined."""
        try:
            result = _Evaluator(values).eval(self.text, previously_parsed=self._tree.body)
        except MappingError:
            raise
        except InvalidExpression as error:
            raise FormulaError(str(error)) from None
        except (RecursionError, ArithmeticError, TypeError) as error:
            raise Undefined(f"{self.text!r} can't be calculated: {error}") from None
        if not isinstance(result, Quantity):
            raise FormulaError(f"{self.text!r} gives no number")
        return result

    def filled(self, values: Mapping[str, str]) -> str:
        """The formula with each name replaced by what stood for it: "8,320 / 10,000"."""
        pieces, end = [], 0
        source = self.text.encode()
        for node in sorted(_name_nodes(self._tree), key=lambda node: node.col_offset):
            pieces += [source[end : node.col_offset].decode(), values.get(node.id, node.id)]
            end = node.end_col_offset or end
        return "".join(pieces) + source[end:].decode()


def unknown_name(name: str, known: Mapping[str, Any] | frozenset[str]) -> FormulaError:
    near = get_close_matches(name, list(known), n=1)
    hint = f": did you mean {near[0]!r}?" if near else ""
    return FormulaError(f"there is no metric {name!r}{hint}")


def _name_nodes(tree: ast.AST) -> list[ast.Name]:
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return [node for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called]


def _names(tree: ast.Expression) -> list[str]:
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            raise FormulaError(f"{type(node).__name__} does not belong into a formula: write + - * / and functions")
        if isinstance(node, ast.Constant) and (isinstance(node.value, bool) or not isinstance(node.value, int | float)):
            raise FormulaError(f"{node.value!r} does not belong into a formula: write numbers without quotes")
        if isinstance(node, ast.Call):
            if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
                raise FormulaError(f"a formula knows the functions {', '.join(FUNCTIONS)} only")
            if node.keywords or not node.args:
                raise FormulaError(f"{node.func.id}() takes plain values")
    return [node.id for node in _name_nodes(tree)]
