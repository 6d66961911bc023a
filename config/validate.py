"""Pydantic's findings as problems in the operator's words: the place, what was read, what belongs there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from config.cut import CutText, cut_text
from config.problems import Problem
from config.suggest import did_you_mean
from config.yaml_source import Path_, Source
from connectors.truths import Truth

NUMBERS = {
    "int_type", "int_parsing", "int_from_float", "decimal_type", "decimal_parsing", "float_type", "float_parsing",
    "is_instance_of", "finite_number",
}  # fmt: skip
MAPPINGS = {"dict_type", "model_type", "mapping_type", "model_attributes_type"}
BOUNDS = {
    "greater_than_equal": ("ge", "{} or more"),
    "greater_than": ("gt", "more than {}"),
    "less_than_equal": ("le", "{} or less"),
    "less_than": ("lt", "less than {}"),
}
ID_FIX = (
    "Use letters from a to z, digits, dots, dashes and underscores, such as grow-2026. The title can be in any language"
)
METRIC_FIX = "Use letters from a to z, digits and underscores, and begin with a letter, such as won_deals"


def problems_of(
    error: ValidationError, source: Source, base: Path_, known: Iterable[str] | type[BaseModel], *, echo: bool = True
) -> Iterator[Problem]:
    """`known` are the keys that may stand there, or the form that knows them by place. `echo` is false where a value
    may be a secret and is not repeated."""
    cuts: dict[Path_, CutText] = {}
    found_at = [(source.locate(base, found["loc"]), found) for found in error.errors(include_url=False)]
    for place, found in found_at:
        if found["type"] == "extra_forbidden" and (cut := cut_text(source, place, base)):
            cuts.setdefault(cut.place, cut)
    for place, cut in cuts.items():
        yield source.problem(place, cut.message, cut.fix)
    for place, group in groupby(found_at, key=lambda pair: pair[0]):
        if any(place[: len(cut)] == cut or place in made.pieces for cut, made in cuts.items()):
            continue
        alike = [found for _, found in group]
        for found in alike if _are_different(alike) else alike[:1]:
            message, fix = _told(found, place, _names(known, found["loc"]), several=len(alike) > 1, echo=echo)
            yield source.problem(place, message, fix)


def _are_different(found: list[ErrorDetails]) -> bool:
    """Whether they speak of several things at one place, and not of the several forms that one thing may have."""
    return len({one["loc"][-1] if one["type"] in ("missing", "extra_forbidden") else "" for one in found}) > 1


def _told(found: ErrorDetails, place: Path_, names: list[str], *, several: bool, echo: bool) -> tuple[str, str]:
    """The message and the fix."""
    loc, kind, given = found["loc"], found["type"], found["input"]
    name = str(next((step for step in reversed(place) if isinstance(step, str)), "the file"))
    context: dict[str, Any] = found.get("ctx") or {}
    shown = _short(given) if echo else "this value"
    if kind == "extra_forbidden":
        return f"{str(loc[-1])!r} is not known here", did_you_mean(str(loc[-1]), names)
    if kind == "missing" and isinstance(loc[-1], int):
        return f"{name} needs two values: value {loc[-1] + 1} is missing", "Write both, as [low, high]"
    if kind == "missing":
        return f"{str(loc[-1])!r} is missing", f"Write `{loc[-1]}: ...`"
    if loc and loc[-1] == "[key]":
        return f"{str(loc[-2])!r} can't be the name of a metric", METRIC_FIX
    if kind == "string_pattern_mismatch":
        return f"{shown} can't be an id", ID_FIX
    if given is None and kind != "value_error":
        if name == "the file":
            return "the file is empty", "Begin with `cycle: 2026-Q4` and `objectives:`, or remove the file"
        return f"`{name}:` has no value", "Write its value, or remove the line"
    if several and not isinstance(given, dict):
        return f"{name} can't be {shown}", _one_value(given)
    if kind in MAPPINGS:
        return _no_mapping(name, given, shown)
    return _wrong_value(kind, name, given, shown, context, found["msg"])


def _no_mapping(name: str, given: Any, shown: str) -> tuple[str, str]:
    if name == "the file":
        return "the file does not begin with `name: value` lines", "Begin with `cycle: 2026-Q4` and `objectives:`"
    if isinstance(given, str):
        return f"{name} is the text {shown}, but it must be a query", f"Write {name}: {{TOOL: {shown}}}"
    return (
        f"{name} is {shown}, but it must contain `name: value` lines",
        f"Write them below `{name}:`, further to the right",
    )


def _wrong_value(
    kind: str, name: str, given: Any, shown: str, context: dict[str, Any], message: str
) -> tuple[str, str]:
    if kind == "string_type":
        if isinstance(given, list | dict):
            return f"{name} is a list, but it must be one text", f"Write `{name}: ...` with one text"
        return f"{name} is the number {shown}, but it must be a text", f'Put quotes around it: {name}: "{given}"'
    if kind in ("string_too_short", "too_short"):
        return f"{name} is empty", "Write its value"
    if kind in ("string_too_long", "too_long"):
        return (
            f"{name} is too long: at most {context.get('max_length')} characters are allowed",
            "Shorten it",
        )
    if kind == "list_type":
        return f"{name} is {shown}, but it must be a list", f"Begin each item below `{name}:` with a dash"
    if kind == "literal_error" and context.get("expected") == "True":
        return f"{name} can't be {shown}", f"Write `{name}: true`, or remove the line"
    if kind in ("enum", "literal_error"):
        return f"{name} can't be {shown}", f"Write {str(context.get('expected')).replace(chr(39), '')}"
    if kind in ("bool_type", "bool_parsing"):
        return f"{name} can't be {shown}", "Write true or false"
    if kind in NUMBERS:
        return f"{name} must be a number, not {shown}", "Write it in digits, such as 2"
    if kind in BOUNDS:
        key, words = BOUNDS[kind]
        return f"{name} is {shown}, but it must be {words.format(_plain(context.get(key)))}", "Correct the number"
    if kind == "query_form":
        wrong = next(iter(given), "") if isinstance(given, dict) else shown
        message = f"{wrong!r} is not a query of this tool" if isinstance(given, dict) and given else message
        return message, did_you_mean(str(wrong), str(context.get("forms")).split(", "))
    words = message.removeprefix("Value error, ")
    if name == "the file":
        return words, ""
    predicate = words.startswith(("is ", "would ", "contains "))
    return f"{name}{'' if predicate else ':'} {words[:1].lower()}{words[1:]}", ""


def _one_value(given: Any) -> str:
    if isinstance(given, list):
        return "Write one value there, not a list"
    return "Write a value, such as 12, 80% or $12M" if isinstance(given, Truth) else "Write it as the reference says"


def _plain(number: Any) -> str:
    return f"{number:g}" if isinstance(number, int | float) else str(number)


def _short(given: Any) -> str:
    if isinstance(given, list):
        return "a list"
    if isinstance(given, dict):
        return "a group of lines"
    text = str(given) if not isinstance(given, bool) else str(given).lower()
    cut = text if len(text) <= 60 else f"{text[:57]}..."
    return repr(cut) if isinstance(given, str) else cut


def _names(known: Iterable[str] | type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The keys that may stand where a finding is."""
    if not isinstance(known, type):
        return sorted(known)
    form: Any = known
    for step in loc[:-1]:
        form = _inner(form, step)
    return sorted(form.model_fields) if isinstance(form, type) and issubclass(form, BaseModel) else []


def _inner(form: Any, step: int | str) -> Any:
    """The form below: of a field, a list's item, a mapping's value, or of one form of several."""
    if isinstance(form, type) and issubclass(form, BaseModel):
        return form.model_fields[str(step)].annotation if str(step) in form.model_fields else form
    options = [one for one in get_args(form) if one is not type(None)]
    if get_origin(form) is dict:
        return options[-1]
    models = [one for one in options if isinstance(one, type) and issubclass(one, BaseModel)]
    if get_origin(form) is list or isinstance(step, int):
        return options[0] if options else form
    named = [one for one in models if one.__name__ == step]
    return named[0] if named else _inner(models[0], step) if models else form


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
