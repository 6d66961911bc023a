"""Who stands behind a row, and what it says beside its numbers, in one line each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from importing.words import text_of
from mapping.about import About, Link

FIELDS = ("owner", "check_in_owner", "teams", "tags", "description", "links")
_HTTP = re.compile(r"https?://[^\s;,]+")


def about_of(values: Mapping[str, Any]) -> About:
    """Of the cells of a table. Several stand in one cell, with semicolons between them."""
    owners = several(values.get("owner"))
    asked = text_of(values.get("check_in_owner"))
    return About(
        owners=owners,
        check_in_owner=asked if asked and asked not in owners[:1] else None,
        teams=several(values.get("teams"), commas=True),
        tags=several(values.get("tags"), commas=True),
        description=text_of(values.get("description")) or None,
        links=tuple(Link(title=url, url=url) for url in _HTTP.findall(text_of(values.get("links")))),
    )


def several(given: object, *, commas: bool = False) -> tuple[str, ...]:
    """Each once. Names have commas in them ("Lovelace, Ada"), addresses have none."""
    parts = [text_of(part) for part in re.split(r"[;\n]", str(given or ""))]
    split = [part.split(",") for part in parts]
    found = [
        name
        for part, names in zip(parts, split, strict=True)
        for name in (names if commas or all("@" in one for one in names) else [part])
    ]
    return tuple(dict.fromkeys(filter(None, map(text_of, found))))


def written(about: About) -> dict[str, Any]:
    """As an OKR file has it: what nobody said is not there."""
    owners = about.owners[0] if len(about.owners) == 1 else list(about.owners)
    links = [link.url if link.title == link.url else {"title": link.title, "url": link.url} for link in about.links]
    made = {
        "owner": owners,
        "check_in_owner": about.check_in_owner,
        "teams": list(about.teams),
        "tags": list(about.tags),
        "description": about.description,
        "links": links,
    }
    return {name: value for name, value in made.items() if value}
