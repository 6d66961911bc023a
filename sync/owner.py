"""Whose a workspace's store is."""

from __future__ import annotations

from config.load import Workspace
from sync.store.opening import Owner


def owner_of(workspace: Workspace) -> Owner:
    bindings = workspace.bindings.values()
    return Owner(workspace=workspace.name, keys=frozenset(binding.key_result.key for binding in bindings))
