"""`true` and `false` where a number belongs. A bool passes for 1 or 0 in Python, and so in pydantic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, get_args

from pydantic import BaseModel


class Truth:
    """What was written, in a form that no validator of a number takes."""

    def __init__(self, value: bool) -> None:
        self._value = value

    def __str__(self) -> str:
        return str(self._value).lower()


def no_truth(given: Any) -> Any:
    return Truth(given) if isinstance(given, bool) else given


def numbers_are_numbers(model: type[BaseModel], given: Any) -> Any:
    """What was given, with each truth value set apart whose field is for numbers only."""
    if not isinstance(given, Mapping) or not any(isinstance(value, bool) for value in given.values()):
        return given
    return {
        name: no_truth(value) if name in model.model_fields and _is_number(model, name) else value
        for name, value in given.items()
    }


def _is_number(model: type[BaseModel], name: str) -> bool:
    found = set(_types(model.model_fields[name].annotation))
    return bool(found & {int, float, Decimal}) and not found & {bool, Any}


def _types(annotation: Any) -> Iterator[Any]:
    """The types in it; bool for a literal truth value, Any for what is none."""
    inner = get_args(annotation)
    if not inner:
        yield bool if isinstance(annotation, bool) else annotation if isinstance(annotation, type) else Any
    for one in inner:
        yield from _types(one)
