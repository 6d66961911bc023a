"""Values that people give."""

from __future__ import annotations

from config.load import Workspace

MANUAL = "manual"


def hand_made(workspace: Workspace) -> frozenset[str]:
    """The key results whose values come from people alone."""
    return frozenset(
        key
        for key, binding in workspace.bindings.items()
        if all(workspace.connections[one.connection].spec.name == MANUAL for one in binding.metrics.values())
    )
