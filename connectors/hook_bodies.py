"""What the bodies of webhooks say, whoever sent them. Pure."""

from __future__ import annotations

from typing import Any

from connectors.strict_json import NoJson, parse

EVERYTHING = "*"
"""Something was touched, but nobody can tell what."""
MOST_VALUES = 500_000
MOST_TOUCHED = 1000
LONGEST_WORD = 500


def object_of(body: bytes) -> dict[str, Any]:
    """The body as a JSON object; an empty one if it is something else."""
    try:
        found = parse(body, MOST_VALUES)
    except NoJson:
        return {}
    return found if isinstance(found, dict) else {}


def words_of(event: dict[str, Any]) -> frozenset[str]:
    """`{"touched": [...]}`, at the top or in `data`; everything where nothing is said."""
    data = event.get("data")
    given = event.get("touched", data.get("touched") if isinstance(data, dict) else None)
    return named_in(given)


def named_in(given: Any, prefix: str = "") -> frozenset[str]:
    """A list of names as words; everything where it is none."""
    if not isinstance(given, list) or len(given) > MOST_TOUCHED:
        return frozenset({EVERYTHING})
    if not all(isinstance(word, str) and 0 < len(word) <= LONGEST_WORD and "\0" not in word for word in given):
        return frozenset({EVERYTHING})
    return frozenset(f"{prefix}{word.lower()}" if prefix else word for word in given)
