"""JSON Schemas of the operator's files, for editors: every connector's own options and queries included.

An editor shows the first thing that is wrong. So a form is chosen by its key (`if` and `then`), never tried out among
others (`anyOf`): what is misspelt in one form is told of that form.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter

from config.okr_file import OkrFile
from config.settings import PUBLISH, SANDBOX_SECRET, WorkerSettings
from connectors import registry
from mapping.day import zone_names
from mapping.parse import SOURCE_UNITS
from mapping.published import WORDS, names

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DAY = r"^\d{4}-\d{2}-\d{2}$"
UNIT = {"type": "string", "pattern": f"^({'|'.join(SOURCE_UNITS)}|[A-Z]{{3}})$", "examples": [*SOURCE_UNITS, "USD"]}
WAYS = ("start", "stay_above", "stay_below", "within", "milestone", "baseline", "percent_complete")
"""A key result has one of these."""
_NAME = r"\$\{[A-Za-z_][A-Za-z0-9_]*\}"

Schema = dict[str, Any]


def json_schema(kind: str) -> Schema:
    """`kind` is "okrs" or "worker"."""
    return _okrs() if kind == "okrs" else _worker()


def _okrs() -> Schema:
    schema = OkrFile.model_json_schema()
    definitions = schema.setdefault("$defs", {})
    for part in _all(schema):
        if part.get("anyOf", [])[1:] == [{"type": "string"}] and part["anyOf"][0].get("type") == "number":
            part["anyOf"][1]["pattern"] = r"^[-+]?[0-9.]+$"
    own = definitions["KeyResultForm"]
    own |= {
        "dependentRequired": {"start": ["target"], "target": ["start"]},
        "oneOf": [{"required": [name]} for name in WAYS],
    }
    own["properties"]["phases"]["anyOf"][0]["propertyNames"] = {"pattern": DAY}
    for name in ("start", "end"):
        definitions["CycleForm"]["properties"][name]["pattern"] = DAY
    for name in ("KeyResultForm", "ObjectiveForm"):
        definitions[name]["properties"]["unit"]["anyOf"] = [UNIT, {"type": "null"}]
    definitions["Query"] = _query(definitions)
    query: Schema = {"$ref": "#/$defs/Query"}
    for name, key in (("KeyResultForm", "value"), ("KeyResultForm", "target"), ("InitiativeForm", "value")):
        source = definitions[name]["properties"][key]
        source |= {"if": {"type": "object"}, "then": query, "else": {"type": ["string", "number", "null"]}}
    definitions["Destination"] = _destination(definitions)
    place: Schema = {"$ref": "#/$defs/Destination"}
    for name in ("KeyResultForm", "ObjectiveForm"):
        several = {"if": {"type": "array"}, "then": {"type": "array", "items": place}, "else": place}
        definitions[name]["properties"]["publish"] |= several
    (pattern,) = schema["properties"]["metrics"]["patternProperties"]
    schema["properties"]["metrics"] |= {"patternProperties": {pattern: query}, "additionalProperties": False}
    return {"$schema": DIALECT, **schema, "title": "OKR file"}


def _query(definitions: dict[str, Any]) -> Schema:
    beside = {"connection": {"type": "string"}, "unit": UNIT, "default": {"type": ["number", "string", "null"]}}
    tools: dict[str, Any] = {}
    for name in registry.names():
        if registry.spec(name).queries is None:
            continue
        form = _form(name, registry.spec(name).queries, definitions)
        if registry.spec(name).short_form:
            form = {"if": {"type": "string"}, "then": {"minLength": 1}, "else": form}
        tools[name] = form
    return _one_of_the_tools(tools, beside)


def _destination(definitions: dict[str, Any]) -> Schema:
    words = {"type": "object", "propertyNames": {"enum": sorted(WORDS)}}
    beside = {
        "connection": {"type": "string"},
        "on_conflict": {"enum": ["keep", "overwrite"]},
        "statuses": {**words, "additionalProperties": {"type": ["string", "number"]}},
    }
    tools = {
        name: _form(name, registry.spec(name).destination, definitions)
        for name in registry.names()
        if registry.spec(name).destination is not None
    }
    for form in [form for name, form in definitions.items() if name.partition(".")[0] in tools] + list(tools.values()):
        if "fields" in form.get("properties", {}):
            facts: Schema = {"type": "object", "minProperties": 1, "additionalProperties": {"enum": names()}}
            form["properties"]["fields"] = {"description": form["properties"]["fields"].get("description", ""), **facts}
    return _one_of_the_tools(tools, beside)


def _form(name: str, kind: Any, definitions: dict[str, Any]) -> Schema:
    form = TypeAdapter(kind).json_schema(ref_template=f"#/$defs/{name}.{{model}}")
    definitions |= {f"{name}.{key}": value for key, value in form.pop("$defs", {}).items()}
    return _chosen(form["oneOf"], definitions) if "oneOf" in form else form


def _one_of_the_tools(tools: Schema, beside: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {**tools, **beside},
        "propertyNames": {"enum": [*tools, *beside]},
        "oneOf": [{"required": [name]} for name in tools],
    }


def _chosen(forms: Iterable[Schema], definitions: dict[str, Any]) -> Schema:
    """One of several forms, by its first key, as connectors tell them apart."""
    by_key = {next(iter(definitions[_name(form)]["properties"])): form for form in forms}
    known: Schema = {}
    for key, form in by_key.items():
        about = definitions[_name(form)]
        known |= {name: {} for name in about["properties"] if name not in known}
        known[key] = {"description": about.get("description", "")}
    return {
        "type": "object",
        "properties": known,
        "propertyNames": {"enum": list(known)},
        "allOf": [{"if": {"required": [key]}, "then": form} for key, form in by_key.items()],
        "anyOf": [{"required": [key]} for key in by_key],
    }


def _name(form: Schema) -> str:
    return str(form["$ref"]).rpartition("/")[2]


def _worker() -> Schema:
    schema = WorkerSettings.model_json_schema()
    definitions = schema.setdefault("$defs", {})
    schema["properties"]["time_zone"]["enum"] = sorted(zone_names())
    schema["properties"]["store"]["pattern"] = rf"^[a-z][a-z0-9]*(\+[a-z0-9]+)?://|{_NAME}"
    for name in registry.names():
        options = registry.spec(name).options.model_json_schema(ref_template=f"#/$defs/{name}.{{model}}")
        definitions |= {f"{name}.{key}": value for key, value in options.pop("$defs", {}).items()}
        for part in _all(options):
            if part.get("format") == "password":
                part["pattern"] = rf"{_NAME}|^{SANDBOX_SECRET}$"
        if "url" in options["properties"]:
            options["properties"]["url"] |= {"pattern": rf"://|{_NAME}"}
        options["properties"]["type"] = {"const": name}
        if registry.spec(name).destination is not None:
            options["properties"][PUBLISH] = {
                "type": "boolean",
                "description": "Whether check-ins may be written here.",
            }
        definitions[f"{name}.Options"] = options
    of_type: Schema = {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": list(registry.names())}},
        "allOf": [
            {"if": {"properties": {"type": {"const": name}}, "required": ["type"]}, "then": _options(name)}
            for name in registry.names()
        ],
    }
    definitions["Connection"] = of_type
    typed: Schema = {"$ref": "#/$defs/Connection"}
    named = {name: {"if": {"required": ["type"]}, "then": typed, "else": _options(name)} for name in registry.names()}
    schema["properties"]["connections"] = {"type": "object", "properties": named, "additionalProperties": typed}
    return {"$schema": DIALECT, **schema, "title": "okrsync.yaml"}


def _options(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}.Options"}


def _all(schema: Any) -> Iterable[Schema]:
    """Every schema within."""
    if isinstance(schema, dict):
        yield schema
        for part in schema.values():
            yield from _all(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _all(part)
