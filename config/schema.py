"""JSON Schemas of the operator's files, for editors: every connector's own options and queries included."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from config.okr_file import OkrFile
from config.settings import WorkerSettings
from connectors import registry

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(kind: str) -> dict[str, Any]:
    """`kind` is "okrs" or "worker"."""
    return _okrs() if kind == "okrs" else _worker()


def _okrs() -> dict[str, Any]:
    schema = OkrFile.model_json_schema()
    definitions = schema.setdefault("$defs", {})
    definitions["Query"] = _query(definitions)
    query, formula = {"$ref": "#/$defs/Query"}, {"type": ["string", "number"]}
    for name in ("KeyResultForm", "InitiativeForm"):
        value = definitions[name]["properties"]["value"]
        value["anyOf"] = [formula, query]
    schema["properties"]["metrics"]["additionalProperties"] = query
    return {"$schema": DIALECT, **schema, "title": "OKR file"}


def _query(definitions: dict[str, Any]) -> dict[str, Any]:
    beside = {"connection": {"type": "string"}, "unit": {"type": "string"}, "default": {"type": ["number", "string"]}}
    tools: dict[str, Any] = {}
    for name in registry.names():
        if registry.spec(name).queries is None:
            continue
        form = TypeAdapter(registry.spec(name).queries).json_schema(ref_template=f"#/$defs/{name}.{{model}}")
        definitions |= {f"{name}.{key}": value for key, value in form.pop("$defs", {}).items()}
        form.pop("discriminator", None)
        short = registry.spec(name).short_form
        tools[name] = {"anyOf": [{"type": "string"}, form]} if short else form
    return {
        "type": "object",
        "properties": {**tools, **beside},
        "additionalProperties": False,
        "oneOf": [{"required": [name]} for name in tools],
    }


def _worker() -> dict[str, Any]:
    schema = WorkerSettings.model_json_schema()
    definitions = schema.setdefault("$defs", {})
    choices = []
    for name in registry.names():
        options = registry.spec(name).options.model_json_schema(ref_template=f"#/$defs/{name}.{{model}}")
        definitions |= {f"{name}.{key}": value for key, value in options.pop("$defs", {}).items()}
        options["properties"]["type"] = {"const": name}
        choices.append(options)
    schema["properties"]["connections"] = {"type": "object", "additionalProperties": {"anyOf": choices}}
    return {"$schema": DIALECT, **schema, "title": "okrsync.yaml"}
