"""What OKR files come to, as lines of JSON and back, so that the next start need not read the YAML again.

Each value that is no plain text or number is an entry, which later ones name by its place: [7]. Equal entries are one.
Any other list begins with what it is. What can't be written this way is refused, and then read from the files each
time.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

from pydantic import BaseModel

from config import binding, destinations, okr_file, queries
from connectors import registry
from connectors.base import Verbatim
from mapping import about, cycles, formula, model, parse, posting, quantity, schedule, units

ENTRIES = 200
"""In one line."""
_MODULES: tuple[ModuleType, ...] = (
    about, cycles, formula, model, parse, posting, quantity, schedule, units, binding, destinations, okr_file, queries,
)  # fmt: skip
_text = json.JSONEncoder(separators=(",", ":")).encode


class NotCompilable(TypeError):
    """Nothing is known of how to write it."""


@cache
def _kinds() -> dict[str, type[Any]]:
    """The classes that may be read back, by name: ours, and no others."""
    return {
        f"{module.__name__}.{name}": found
        for module in _MODULES
        for name, found in vars(module).items()
        if isinstance(found, type) and found.__module__ == module.__name__
    }


@cache
def _name(kind: Any) -> str | None:
    name = f"{kind.__module__}.{kind.__qualname__}"
    return name if _kinds().get(name) is kind else None


def _models_in(form: Any) -> Iterator[type[BaseModel]]:
    if isinstance(form, type):
        if issubclass(form, BaseModel):
            yield form
            for field in form.model_fields.values():
                yield from _models_in(field.annotation)
        return
    for part in get_args(form):
        yield from _models_in(part)


@cache
def _of_connector(name: str) -> dict[str, type[BaseModel]]:
    """The forms of a connector's queries and destinations, and of what stands in them."""
    spec = registry.spec(name)
    return {form.__name__: form for given in (spec.queries, spec.destination) for form in _models_in(given)}


class Writer:
    """`write` is given each line when it is full, so that not all of the text is in memory at once. Files are named
    from `root` on; `tool_of` tells the connector of each connection."""

    def __init__(self, write: Callable[[str], object], root: Path, tool_of: Mapping[str, str]) -> None:
        self._write = write
        self._root = root
        self._tool_of = tool_of
        self._places: dict[str, int] = {}
        self._seen: dict[int, list[int]] = {}
        self._line: list[str] = []
        self._tool = ""

    def values(self, *values: Any) -> None:
        """All that is to be read back. Raises NotCompilable."""
        self._plain(values)
        self._end_line()

    def _end_line(self) -> None:
        self._write(f"[{','.join(self._line)}]")
        self._line.clear()

    def _entry(self, made: list[Any]) -> list[int]:
        text = _text(made)
        place = self._places.get(text)
        if place is None:
            place = self._places[text] = len(self._places)
            self._line.append(text)
            if len(self._line) >= ENTRIES:
                self._end_line()
        return [place]

    def _plain(self, value: Any) -> Any:
        kind = type(value)
        if value is None or kind in (bool, int, str):
            return value
        if kind is tuple or kind is list:
            return self._entry(["t" if kind is tuple else "l", *map(self._plain, value)])
        if kind is frozenset:
            return self._entry(["s", *map(self._plain, sorted(value))])
        if kind is dict:
            return self._entry(["d", *(self._plain(part) for pair in value.items() for part in pair)])
        place = self._seen.get(id(value))
        if place is None:
            # What is written lives until all is written, so that no other thing takes its id.
            place = self._seen[id(value)] = self._entry(self._made(value))
        return place

    def _made(self, value: Any) -> list[Any]:
        kind: Any = type(value)
        name = _name(kind)
        if name is not None and dataclasses.is_dataclass(kind):
            if kind is queries.Metric or kind is destinations.Publication:
                self._tool = self._tool_of[value.connection]
            values = value.__dict__
            return ["o", name, *[self._plain(values[one]) for one in _names(name)[1]]]
        if kind is Decimal:
            return ["n", str(value)]
        if kind is date or kind is time:
            return ["a" if kind is date else "c", value.isoformat()]
        if kind is timedelta:
            return ["u", value.days, value.seconds, value.microseconds]
        if kind is Verbatim:
            return ["v", str(value)]
        if isinstance(value, Path):
            return ["p", str(value.relative_to(self._root))]
        if name is None:
            if isinstance(value, BaseModel):
                return self._of_a_tool(value)
            raise NotCompilable(kind.__qualname__)
        if isinstance(value, Enum):
            return ["e", name, self._plain(value.value)]
        if isinstance(value, BaseModel):
            return ["b", name, *self._fields(dict(value), value.model_fields_set)]
        return ["k", name, *map(self._plain, value)]

    def _of_a_tool(self, value: BaseModel) -> list[Any]:
        name, tool = type(value).__name__, self._tool
        if _of_connector(tool).get(name) is not type(value) or value.__pydantic_private__:
            raise NotCompilable(f"{tool}'s {name}")
        return ["q", tool, name, *self._fields(dict(value), value.model_fields_set)]

    def _fields(self, values: Mapping[str, Any], given: set[str]) -> Iterator[Any]:
        yield self._plain(frozenset(given))
        yield from (self._plain(part) for part in values.values())


class Reader:
    """Makes the values of the lines again. What makes no sense raises one of BROKEN."""

    BROKEN = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)

    def __init__(self, root: Path) -> None:
        self._root = root
        self._made: list[Any] = []
        self._makers: dict[str, Callable[[list[Any]], Any]] = {
            "t": tuple,
            "l": list,
            "s": frozenset,
            "d": lambda parts: dict(zip(parts[::2], parts[1::2], strict=True)),
            "n": lambda parts: Decimal(parts[0]),
            "a": lambda parts: date.fromisoformat(parts[0]),
            "c": lambda parts: time.fromisoformat(parts[0]),
            "u": lambda parts: timedelta(*parts),
            "v": lambda parts: Verbatim(parts[0]),
            "p": lambda parts: self._root / parts[0],
            "e": lambda parts: _kinds()[parts[0]](parts[1]),
            "k": lambda parts: _kinds()[parts[0]](*parts[1:]),
            "o": lambda parts: _object(parts[0], parts[1:]),
            "b": lambda parts: _model(_kinds()[parts[0]], parts[1], parts[2:]),
            "q": lambda parts: _model(_of_connector(parts[0])[parts[1]], parts[2], parts[3:]),
        }

    def line(self, text: str | bytes) -> None:
        made, makers = self._made, self._makers
        for entry in json.loads(text):
            parts = [made[part[0]] if type(part) is list else part for part in entry[1:]]
            made.append(makers[entry[0]](parts))

    def values(self) -> tuple[Any, ...]:
        found = self._made[-1]
        if not isinstance(found, tuple):
            raise TypeError("the last entry is no list of values")
        return found


@cache
def _names(kind: str) -> tuple[type[Any], tuple[str, ...]]:
    found = _kinds()[kind]
    return found, tuple(one.name for one in dataclasses.fields(found))


def _object(kind: str, parts: list[Any]) -> Any:
    """As it was when it was checked."""
    found, names = _names(kind)
    made = object.__new__(found)
    made.__dict__.update(zip(names, parts, strict=True))
    return made


def _model(kind: type[BaseModel], given: frozenset[str], parts: list[Any]) -> BaseModel:
    return kind.model_construct(set(given), **dict(zip(kind.model_fields, parts, strict=True)))
