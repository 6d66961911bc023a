"""Ids made of titles: the same for the same export, and unmoved by rows that are added later."""

from __future__ import annotations

import re
import unicodedata

from importing.model import ImportedInitiative, ImportedKeyResult, ImportedObjective, ImportedTree

_LONGEST = 60
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_NATURAL = re.compile(r"\d+|\D+")


def slug(text: str) -> str:
    """At most 60 letters, digits and dashes, cut between words; "" where the title has none of them."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(made) > _LONGEST:
        made = made[: _LONGEST + 1].rpartition("-")[0] or made[:_LONGEST]
    return made


def ids_of(tree: ImportedTree) -> dict[str, str]:
    """By key. Of equal titles the oldest row, the one with the lowest key, has the bare slug; the others bear their
    keys too."""
    items: list[ImportedObjective | ImportedKeyResult | ImportedInitiative] = [*tree.objectives, *tree.kpis]
    for objective in tree.objectives:
        items += [*objective.key_results, *objective.initiatives]
    made: dict[str, str] = {}
    taken: set[str] = set()
    # Ids that the file asked for go first: no slug may take one away.
    for item in sorted(items, key=lambda one: (not _ID.fullmatch(one.wanted), _natural(one.key))):
        name = item.wanted if _ID.fullmatch(item.wanted) else slug(item.wanted) or slug(item.title) or "okr"
        made[item.key] = _free(name, item.key, taken)
        taken.add(made[item.key])
    return made


def _free(name: str, key: str, taken: set[str]) -> str:
    candidate, number = name, 2
    if candidate in taken or candidate == "okr":
        candidate = f"{name[:_LONGEST]}-{slug(key) or 'x'}"[:90]
    base = candidate
    while candidate in taken:
        candidate, number = f"{base}-{number}", number + 1
    return candidate


def _natural(key: str) -> list[tuple[int, int, str]]:
    """10 after 9, by length: an id may have more digits than Python makes a number of."""
    parts = [part.lstrip("0") if part.isdecimal() else part for part in _NATURAL.findall(key)]
    return [(0, len(part), part) if not part or part.isdecimal() else (1, 0, part) for part in parts]
