"""The schema for editors beside `check`: it accepts what check accepts, and refuses what it can of the rest."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from pydantic import TypeAdapter

from cli.templates import examples
from config.problems import ConfigError
from config.schema import json_schema
from config.yaml_source import parse
from connectors import registry
from tests.docs.pages import every_block
from tests.mistakes.corpus import MISTAKES, Mistake
from tests.mistakes.workspace import OKRS, WORKER, messages, write

SCHEMAS = {kind: json_schema(kind) for kind in ("okrs", "worker")}
ONLY_CHECK = {
    "an unknown metric", "a duplicate id", "a copied file", "an unknown parent", "an unknown connection",
    "a variable that is not set", "half a secret", "a missing option", "target equals start",
    "a target in hours on money", "two currencies", "m for millions", "a decimal comma", "a European number",
    "a space in a number", "a word as target", "percent on one side only", "a formula with a mistake",
    "a formula with a comparison", "cycle 2026-Q5", "cycle Q4 2026", "cycle FY26", "a cycle that ends before it begins",
    "an unknown placeholder", "doubled braces", "a shell's braces", "a quoted placeholder in JQL",
    "an unclosed placeholder", "a number as value", "won before the number", "1억원",
    "a connection that is not to be published to", "an unknown connection to publish to", "one field for two",
    "a fact that an objective lacks",
}  # fmt: skip
"""What no schema can know (other files, names, the environment), and the words within a text: quantities, formulas,
cycles, queries. These have a reader of their own, with better messages than a pattern gives."""
HINTS = {
    "a tool's query key misspelt": ("metrics/all/jira", "'cuont' is not one of ['count', 'sum'"),
    "percent_don": ("metrics/all/jira", "'percent_don' is not one of ['count'"),
    "an unknown connector": ("metrics/all", "'jria' is not one of ['graph', 'http', 'jira'"),
    "a misspelt option": ("connections/jira", "'emial' was unexpected"),
    "an option of another tool": ("connections/graph", "'board' was unexpected"),
    "a wrong type": ("connections/db/type", "'sqll' is not one of"),
    "a timeout as a text": ("connections/jira/timeout", "'soon' is not of type 'number'"),
    "no target": ("objectives/0/key_results/0", "'target' is a dependency of 'start'"),
    "unit: percent": ("objectives/0/key_results/0/unit", "does not match '^(number|%|ratio"),
    "a secret in the file": ("connections/jira/token", "'hunter2' does not match"),
}


def plain(value: Any) -> Any:
    """As an editor reads it."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


def hint(kind: str, data: Any, part: str = "") -> tuple[str, str] | None:
    """The place and the text that an editor shows first; None where nothing is wrong."""
    schema = {**SCHEMAS[kind], "$ref": f"#/$defs/{part}"} if part else SCHEMAS[kind]
    if part:
        schema = {"$defs": schema["$defs"], "$ref": schema["$ref"]}
    error = best_match(Draft202012Validator(schema).iter_errors(plain(data)))
    return ("/".join(map(str, error.absolute_path)), error.message) if error else None


def read(text: str | bytes) -> Any:
    """Raises ConfigError, UnicodeDecodeError."""
    return parse(text if isinstance(text, str) else text.decode(), Path("x.yaml")).data


def kind_of(name: str) -> str:
    return "worker" if name in ("okrsync.yaml", "sandbox.yaml") else "okrs"


@pytest.mark.parametrize("kind", SCHEMAS)
def test_it_is_a_schema(kind: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[kind])


def test_what_is_right_is_accepted() -> None:
    files = [file for file in examples().rglob("*.yaml") if file.name != "workflow.yaml"]
    texts = [(kind_of(file.name), file.read_text()) for file in files] + [("okrs", OKRS), ("worker", WORKER)]

    assert len(texts) > 20
    assert [(kind, found) for kind, text in texts if (found := hint(kind, read(text)))] == []


def queries(value: Any) -> Iterator[tuple[str, Any]]:
    """Whatever in a sample looks like a query that its connector accepts."""
    if isinstance(value, dict):
        tools = [key for key in value if key in registry.names() and registry.spec(key).queries is not None]
        if len(tools) == 1 and set(value) <= {tools[0], "connection", "unit", "default"}:
            try:
                TypeAdapter(registry.spec(tools[0]).queries).validate_python(value[tools[0]])
                yield tools[0], value
            except ValueError:
                pass
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        yield from queries(part)


def test_every_query_of_the_pages_is_accepted() -> None:
    found = []
    for block in every_block("yaml"):
        lines = block.text.splitlines()
        # A list of sources, each on a line of its own, is no mapping.
        texts = lines if all(line.startswith(("value: ", "#")) for line in lines if line) else [block.text]
        for text in texts:
            found += list(queries(read(text)))

    assert len(found) > 60
    assert {tool for tool, _ in found} >= {"salesforce", "jira", "graph", "http", "sql", "manual", "memory"}
    assert [(query, wrong) for _, query in found if (wrong := hint("okrs", query, "Query"))] == []


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: str(mistake.name))
def test_what_check_refuses_the_schema_refuses_where_it_can(
    mistake: Mistake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.mistakes.workspace import SECRETS

    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    write(tmp_path, mistake.files)
    refused = bool(messages(tmp_path))
    try:
        shown = [hint(kind_of(Path(name).name), read(text)) for name, text in mistake.files.items()]
    except (ConfigError, UnicodeDecodeError):
        assert refused
        return

    if not refused or mistake.name in ONLY_CHECK:
        assert set(shown) == {None}
    else:
        assert shown[0] is not None
    if mistake.name in HINTS:
        place, words = HINTS[mistake.name]
        assert shown[0] is not None
        assert shown[0][0] == place
        assert words in shown[0][1]


def test_each_form_of_a_query_has_a_first_key_of_its_own() -> None:
    """The schema chooses by it."""
    for name in registry.names():
        spec = registry.spec(name)
        forms = TypeAdapter(spec.queries).json_schema().get("oneOf", []) if spec.queries is not None else []
        made = [SCHEMAS["okrs"]["$defs"][f"{name}.{form['$ref'].rpartition('/')[2]}"] for form in forms]
        firsts = [next(iter(form["properties"])) for form in made]
        for form, own in zip(made, firsts, strict=True):
            assert not (set(form["properties"]) - {own}) & set(firsts), (name, own)
