"""Pydantic's findings as problems in the operator's words and places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from config.problems import Problem
from config.suggest import did_you_mean
from config.yaml_source import Path_, Source


def problems_of(error: ValidationError, source: Source, base: Path_, known: Iterable[str]) -> Iterator[Problem]:
    """`known` are the keys that may stand there, for near misses."""
    names = list(known)
    for found in error.errors(include_url=False, include_context=False):
        loc = found["loc"]
        path = source.locate(base, loc)
        name = str(loc[-1]) if loc else ""
        match found["type"]:
            case "extra_forbidden":
                yield source.problem(path, f"{name!r} is not known here", did_you_mean(name, names))
            case "missing" if loc and isinstance(loc[-1], int):
                yield source.problem(path, f"{loc[-2] if len(loc) > 1 else 'a list'} lacks its value {loc[-1] + 1}")
            case "missing":
                yield source.problem(path, f"{name!r} is missing", f"Write `{name}: ...`")
            case _:
                message = found["msg"].removeprefix("Value error, ")
                where = f"{name}: " if name and (*base, name) != base else ""
                yield source.problem(path, f"{where}{message[:1].lower()}{message[1:]}")


def field_names(*types: Any) -> set[str]:
    """The keys that models, and unions of models, accept."""
    names: set[str] = set()
    for made in types:
        if isinstance(made, type) and issubclass(made, BaseModel):
            names |= set(made.model_fields)
        else:
            names |= _properties(TypeAdapter(made).json_schema())
    return names


def _properties(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return set().union(*map(_properties, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    names = set(schema["properties"]) if isinstance(schema.get("properties"), dict) else set()
    return names.union(*(_properties(value) for value in schema.values()))
