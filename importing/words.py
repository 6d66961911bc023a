"""The words that products have for the same few things."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import TypeVar

from importing.record import Type, Way
from importing.refuse import BadValue
from mapping.model import Kind, Level
from mapping.records import Closed

T = TypeVar("T")

TYPES = {
    Type.OBJECTIVE: ("objective", "o", "goal", "big rock", "theme", "outcome"),
    Type.KEY_RESULT: ("key result", "key_result", "key-result", "kr", "kpi", "metric", "result"),
    Type.INITIATIVE: ("initiative", "project", "deliverable", "milestone", "action", "task", "to do"),
    Type.CHECK_IN: ("check-in", "check in", "check_in", "checkin"),
}
LEVELS = {
    Level.COMPANY: ("company", "organization", "organisation", "org"),
    Level.TEAM: ("team", "department", "group"),
    Level.INDIVIDUAL: ("individual", "personal", "person"),
}
WAYS = {
    Way.TOWARD: ("", "toward", "reach", "increase", "decrease", "increase from", "decrease from"),
    Way.STAY_ABOVE: ("stay above", "stay_above", "stay-above"),
    Way.STAY_BELOW: ("stay below", "stay_below", "stay-below"),
    Way.BASELINE: ("find a baseline", "baseline"),
}
ENDS: dict[Closed, tuple[str, ...]] = {
    "closed": ("closed", "done", "completed"),
    "postponed": ("postponed",),
}
KINDS = {Kind.COMMITTED: ("committed", "commit"), Kind.ASPIRATIONAL: ("aspirational", "stretch", "moonshot")}


def type_of(value: object, own: dict[str, Type] | None = None) -> Type:
    """`own` are the words of this tenant, which go first. Raises BadValue."""
    word = text_of(value).lower()
    for name, meant in (own or {}).items():
        if text_of(name).lower() == word:
            return meant
    return _found(word, TYPES, "type", "objective, key result, initiative or check-in")


def level_of(value: object) -> Level | None:
    """Raises BadValue."""
    word = text_of(value).lower()
    return _found(word, LEVELS, "level", "company, team or individual") if word else None


def is_level(value: object) -> bool:
    return any(text_of(value).lower() in words for words in LEVELS.values())


def way_of(value: object) -> Way:
    """Raises BadValue."""
    return _found(text_of(value).lower(), WAYS, "aim", "reach, stay above or stay below")


def kind_of(value: object) -> Kind | None:
    """Raises BadValue."""
    word = text_of(value).lower()
    return _found(word, KINDS, "kind", "committed or aspirational") if word else None


def ended_of(value: object) -> Closed | None:
    """How a status ends it; None where it does not."""
    word = text_of(value).lower()
    return next((meant for meant, words in ENDS.items() if word in words), None)


def _found(word: str, known: Mapping[T, tuple[str, ...]], what: str, fix: str) -> T:
    for meant, words in known.items():
        if word in words:
            return meant
    raise BadValue(f"{word[:40]!r} is not allowed as {what}: write {fix}" if word else f"it has no {what}: write {fix}")


def text_of(value: object) -> str:
    """In one line, without what no text file should hold: control characters and halves of characters."""
    if value is None or isinstance(value, list | dict):
        return ""
    kept = (" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in str(value))
    return " ".join("".join(kept).split())
