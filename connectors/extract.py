"""One number out of JSON, by a JMESPath expression that keeps Decimals exact."""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Annotated, Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions, signature
from pydantic import AfterValidator

from connectors.base import Verbatim
from mapping.foreign import clean

LONGEST = 4000
DEEPEST = 100
_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,100}(\.[0-9]{1,100})?([eE][+-]?[0-9]{1,3})?\s*")


class NotANumber(ValueError):
    """The expression gave something else than a number or null; the message says what."""


def check_expression(expression: str) -> Verbatim:
    """Raises ValueError with the place of the mistake."""
    if len(expression) > LONGEST:
        raise ValueError(f"an expression of {len(expression):,} characters is too long: write at most {LONGEST:,}")
    shown = clean(repr(expression), 60)
    try:
        parsed = jmespath.compile(expression).parsed
    except (JMESPathError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error).splitlines()[0]
        raise ValueError(f"{shown} is not a valid JMESPath expression: {clean(why, 200)}") from None
    if _depth(parsed) > DEEPEST:
        raise ValueError(f"{shown} is nested too deeply: write at most {DEEPEST} steps")
    return Verbatim(expression)


def _depth(parsed: Any) -> int:
    """Without recursion, for which it may be too deep."""
    deepest, left = 0, [(parsed, 1)]
    while left:
        node, depth = left.pop()
        deepest = max(deepest, depth)
        left += [(child, depth + 1) for child in node.get("children", ()) if isinstance(child, dict)]
    return deepest


JmesPath = Annotated[str, AfterValidator(check_expression)]


def search(expression: str, data: Any) -> Any:
    """What the expression finds. Raises NotANumber where a function was given what it can't take."""
    try:
        return _compiled(expression).search(data, _OPTIONS)
    except RecursionError:
        raise NotANumber("the answer is nested too deeply") from None
    except (JMESPathError, ArithmeticError, ValueError, TypeError, AttributeError) as error:
        raise NotANumber(clean((str(error).splitlines() or [""])[0], 200)) from None


def number(expression: str, data: Any) -> Decimal | None:
    """The number that the expression finds, None for null. Raises NotANumber for anything else."""
    found = search(expression, data)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal):
        raise NotANumber(f"{expression} gives {_shown(found)}")
    value = Decimal(repr(found)) if isinstance(found, float) else Decimal(found)
    if not value.is_finite():
        raise NotANumber(f"{expression} gives {value}")
    return value


def _shown(found: Any) -> str:
    kind = {bool: "a truth value", str: "the text", list: "a list of", dict: "an object"}.get(type(found), "")
    if isinstance(found, list):
        return f"{kind} {len(found)}: aggregate it, for example with length(), sum() or max()"
    if isinstance(found, str):
        return f"{kind} {found[:60]!r}: turn it into a number with to_number()"
    return kind


@lru_cache(maxsize=4096)
def _compiled(expression: str) -> Any:
    return jmespath.compile(expression)


class _Exact(Functions):
    """The library knows numbers as int and float only."""

    def _get_allowed_pytypes(self, types: Any) -> Any:
        allowed, nested = super()._get_allowed_pytypes(types)  # type: ignore[misc]
        if "float" in allowed:
            allowed = [*allowed, "Decimal"]
        return allowed, [[*types, "Decimal"] if "float" in types else types for types in nested]

    def _convert_to_jmespath_type(self, pyobject: str) -> Any:
        return "number" if pyobject == "Decimal" else super()._convert_to_jmespath_type(pyobject)  # type: ignore[misc]

    @signature({"types": ["array-number"]})
    def _func_sum(self, values: list[Any]) -> Any:
        return sum((_exact(value) for value in values), Decimal(0))

    @signature({"types": ["array-number"]})
    def _func_avg(self, values: list[Any]) -> Any:
        return sum((_exact(value) for value in values), Decimal(0)) / len(values) if values else None

    @signature({"types": []})
    def _func_to_number(self, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
            return None
        if isinstance(value, str) and not _NUMBER.fullmatch(value):
            return None
        try:
            return _exact(value)
        except InvalidOperation:
            return None

    @signature({"types": ["number"]})
    def _func_ceil(self, value: Any) -> Any:
        return math.ceil(value)

    @signature({"types": []})
    def _func_type(self, value: Any) -> Any:
        return "number" if isinstance(value, Decimal) else super()._func_type(value)  # type: ignore[misc]


def _exact(value: Any) -> Decimal:
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


_OPTIONS = jmespath.Options(custom_functions=_Exact())
