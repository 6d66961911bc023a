"""Of which key results something is known: those of the OKR files, and those that were in one once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from config.load import Workspace
from mapping.model import OF_OBJECTIVE, Key, of_objective
from sync.definitions import definitions_of
from sync.store.store import Store


def known_keys(workspace: Workspace, store: Store, cycle: str | None = None) -> dict[Key, str]:
    """Each with its objective's id, "" where it has none or it is not known; those of the files first. What is said of
    an objective itself is among them."""
    found = {one.key_result.key: one.key_result.objective for one in workspace.bindings.values()}
    defined = store.defined.last()
    for key in store.defined.recorded():
        if key.id.startswith(OF_OBJECTIVE):
            found.setdefault(key, key.id.removeprefix(OF_OBJECTIVE))
            continue
        said = defined[key].snapshot.get("objective") if key in defined else None
        found.setdefault(key, said["id"] if said else "")
    return {key: objective for key, objective in found.items() if cycle in (None, key.cycle)}


def defined_now(workspace: Workspace, store: Store) -> dict[Key, Mapping[str, Any]]:
    """What the OKR files say of each key result, or said last of those that no file names any more."""
    found = {key: one.snapshot for key, one in store.defined.last().items()}
    return found | {one.key: one.snapshot for one in definitions_of(workspace, workspace.bindings.values())}


def chosen(wanted: Iterable[str], known: dict[Key, str]) -> tuple[list[Key], list[str]]:
    """The keys that these ids of key results or objectives mean, each once; and the ids that mean none."""
    keys: dict[Key, None] = {}
    unknown = []
    for one in wanted:
        own = [key for key in known if key.id == one]
        of = [key for key, objective in known.items() if objective == one]
        keys |= dict.fromkeys(own or sorted(of, key=lambda key: key != of_objective(one, key.cycle)))
        unknown += [] if own or of else [one]
    return list(keys), unknown


def name_of(key: Key) -> str:
    return key.id.removeprefix(OF_OBJECTIVE)
