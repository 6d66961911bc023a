"""Which holds somebody speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from config.load import Workspace
    from sync.store.store import Store

WILD = "*?["


def held_by(store: Store, workspace: Workspace, wanted: Sequence[str]) -> list[str]:
    """The ids of key results that are named, and of those that match a pattern and hold a value; all that hold one
    where none is named. Raises click.ClickException for an id that is unknown, and for a pattern without a match."""
    from cli.ids import one_key_result

    candidates = store.people.candidates()
    known = {key: binding.key_result.key for key, binding in workspace.bindings.items()}
    holding = [key for key, full in known.items() if full in candidates and candidates[full].state == "held"]
    if not wanted:
        return holding
    found: dict[str, None] = {}
    for one in wanted:
        if not set(WILD) & set(one):
            one_key_result(one, workspace)
            found[one] = None
            continue
        matching = [key for key in holding if fnmatchcase(key, one)]
        if not matching:
            raise click.ClickException(f"No key result that matches {one!r} holds a value.")
        found |= dict.fromkeys(matching)
    return list(found)
