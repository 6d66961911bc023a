"""Keeps one workspace current: what `okrsync serve` holds of it, whoever asks for a pass."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from config.load import Workspace, load
from sync.owner import owner_of
from sync.store.store import Store


class Keeper:
    """One workspace with its store, for as long as `serve` runs. `wake` tells the engine that something was touched;
    it may be called from any thread, and as often as one likes."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        """Raises ConfigError and StoreError."""
        self.path = path
        self.clock = clock
        self.workspace: Workspace = load(path)
        self.store = Store.open(self.workspace.store, owner_of(self.workspace))
        self.wake: Callable[[], None] = lambda: None

    @property
    def name(self) -> str:
        return self.workspace.name

    def close(self) -> None:
        self.store.close()
