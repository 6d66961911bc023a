"""A text in { } without quotes ends at a comma, and YAML takes the rest for names of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from config.yaml_source import Path_, Source


@dataclass(frozen=True, kw_only=True)
class CutText:
    """`place` is that of the text, `pieces` those of what YAML made of the rest."""

    place: Path_
    pieces: tuple[Path_, ...]
    message: str
    fix: str


def cut_text(source: Source, place: Path_, base: Path_) -> CutText | None:
    """The text whose rest is at `place`; None where something else is wrong there."""
    around = _at(source, place[:-1])
    if len(place) <= len(base) or not isinstance(around, dict) or around.get(str(place[-1]), 0) is not None:
        return None
    keys = list(around)
    index = keys.index(str(place[-1]))
    rest = [keys[index]]
    while index and around[keys[index - 1]] is None:
        index -= 1
        rest.insert(0, keys[index])
    if not index or isinstance(around[keys[index - 1]], dict | list):
        return None
    for key in keys[index + len(rest) :]:
        if around[key] is not None:
            break
        rest.append(key)
    name = keys[index - 1]
    whole = "".join(f",{'' if re.match(r'[0-9]{3}(?![0-9])', piece) else ' '}{piece}" for piece in rest)
    return CutText(
        place=(*place[:-1], name),
        pieces=tuple((*place[:-1], key) for key in rest),
        message=f"{name} ends at a comma, at {str(around[name])!r}, because the text has no quotes",
        fix=f'Write {name}: "{around[name]}{whole}"',
    )


def _at(source: Source, place: Path_) -> Any:
    try:
        return source.at(place)
    except (KeyError, IndexError, TypeError):
        return None
