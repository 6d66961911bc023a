"""Ids made of titles: the same for the same export, and unmoved by rows that are added later."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection

from importing.korean import romanised
from importing.model import ImportedInitiative, ImportedKeyResult, ImportedObjective, ImportedTree

_LONGEST = 60
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_NATURAL = re.compile(r"\d+|\D+")


def slug(text: str) -> str:
    """At most 60 letters, digits and dashes, cut between words, Korean by its sounds; "" where most of the title's
    letters are of another script, for what is left of them would tell nothing."""
    known = romanised(unicodedata.normalize("NFC", text))
    plain = unicodedata.normalize("NFKD", known).encode("ascii", "ignore").decode().lower()
    if 2 * sum(map(str.isalpha, plain)) < sum(map(str.isalpha, known)):
        return ""
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(made) > _LONGEST:
        made = made[: _LONGEST + 1].rpartition("-")[0] or made[:_LONGEST]
    return made


def ids_of(
    tree: ImportedTree, there: Collection[str] = (), clash: Callable[[str, str], None] = lambda *_: None
) -> dict[str, str]:
    """By key. Of equal titles the oldest row, the one with the lowest key, has the bare slug; the others bear their
    keys too. `there` are the ids of a workspace, which are kept; `clash` is told each id that would be one of them, and
    what is taken in its place."""
    made: dict[str, str] = {}
    taken: set[str] = set(there)
    # Ids that the file asked for go first: no slug may take one away.
    for item in sorted(tree.items(), key=lambda one: (not _ID.fullmatch(one.wanted), _natural(one.key))):
        name = item.wanted if _ID.fullmatch(item.wanted) else slug(item.wanted) or slug(item.title)
        made[item.key] = _free(name or _kind(item), item.key, taken, is_bare=not name)
        taken.add(made[item.key])
        if name in there:
            clash(name, made[item.key])
    return made


def _kind(item: ImportedObjective | ImportedKeyResult | ImportedInitiative) -> str:
    if isinstance(item, ImportedObjective):
        return "objective"
    return "key-result" if isinstance(item, ImportedKeyResult) else "initiative"


def _free(name: str, key: str, taken: set[str], *, is_bare: bool) -> str:
    candidate, number = name, 2
    if candidate in taken or is_bare:
        candidate = f"{name[:_LONGEST]}-{slug(key.removeprefix('row ')) or 'x'}"[:90]
    base = candidate
    while candidate in taken:
        candidate, number = f"{base}-{number}", number + 1
    return candidate


def _natural(key: str) -> list[tuple[int, int, str]]:
    """10 after 9, by length: an id may have more digits than Python makes a number of."""
    parts = [part.lstrip("0") if part.isdecimal() else part for part in _NATURAL.findall(key)]
    return [(0, len(part), part) if not part or part.isdecimal() else (1, 0, part) for part in parts]
