"""Forgets a person or a key result: what the store holds about them, found by a name or an id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from config.load import Workspace
from mapping.model import Key
from sync.known import chosen, known_keys
from sync.lease import lease
from sync.store.store import Store


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a word means: a person, key results, both or nothing. `named` are those key results that an OKR file still
    names."""

    person: str | None
    keys: tuple[Key, ...]
    named: tuple[str, ...]
    people: frozenset[str]


def find(workspace: Workspace, store: Store, word: str, cycle: str | None = None) -> Found:
    people = store.forgetting.people()
    found, _ = chosen([word], known_keys(workspace, store, cycle))
    named = {one.key_result.key for one in workspace.bindings.values()}
    return Found(
        person=word if word in people and cycle is None else None,
        keys=tuple(found),
        named=tuple(key.id for key in found if key in named),
        people=frozenset(people),
    )


def forget(
    workspace: Workspace, store: Store, what: str | tuple[Key, ...], at: datetime, by: str, *, dry: bool = False
) -> Mapping[str, int]:
    """A person's name, or key results; no pass runs meanwhile. Returns how many rows of each table changed."""
    with lease(store, workspace.deadline) as token:
        if isinstance(what, str):
            return store.forgetting.person(token, what, at, by, dry=dry)
        return store.forgetting.key_results(token, what, at, by, dry=dry)
