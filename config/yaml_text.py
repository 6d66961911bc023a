"""Values in one line of YAML, as `config.yaml_source` reads them back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def flow(given: object) -> str:
    """A mapping, a list or a single value."""
    if isinstance(given, Mapping):
        return "{" + ", ".join(f"{text(str(key))}: {flow(value)}" for key, value in given.items()) + "}"
    if isinstance(given, list | tuple):
        return "[" + ", ".join(map(flow, given)) + "]"
    if isinstance(given, bool):
        return "true" if given else "false"
    if given is None:
        return "null"
    if isinstance(given, Decimal):
        return f"{given:f}"
    return str(given) if isinstance(given, int | date) else text(str(given))


def text(given: str) -> str:
    """Quoted, unless it is plain beyond doubt."""
    plain = given.replace("-", "").replace("_", "").isalnum() and given[:1].isalpha()
    if plain and given.lower() not in _WORDS:
        return given
    quoted = json.dumps(given, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in quoted)
