"""Whose a workspace's store is."""

from __future__ import annotations

from config.load import Workspace
from mapping.model import Key
from sync.store.opening import Owner


def owner_of(workspace: Workspace) -> Owner:
    bindings = workspace.bindings.values()
    renamed = frozenset(
        (Key(one.key_result.was, one.key_result.period.name), one.key_result.key)
        for one in bindings
        if one.key_result.was is not None
    )
    keys = frozenset(binding.key_result.key for binding in bindings)
    return Owner(workspace=workspace.name, keys=keys, renamed=renamed)
