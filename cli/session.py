"""What every command is given: where the configuration is, what time it is, how to print."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from config.load import Workspace
    from sync.store.store import Store


@dataclass(frozen=True, kw_only=True)
class Session:
    """`config` is okrsync.yaml or the folder that holds it; `clock` gives aware UTC."""

    config: Path
    clock: Callable[[], datetime]

    def workspace(self) -> Workspace:
        """Raises ConfigError with every problem found."""
        from config.load import load

        return load(self.config)

    @contextmanager
    def store(self, workspace: Workspace) -> Iterator[Store]:
        """Raises StoreError."""
        from sync.store.store import Store

        store = Store.open(workspace.store)
        try:
            yield store
        finally:
            store.close()


def console() -> Console:
    """Where tables go. A pipe gets whole lines, whatever its idea of width."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 160, highlight=False, soft_wrap=False)


def print_json(data: Any) -> None:
    click.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))


json_option = click.option("--json", "as_json", is_flag=True, help="Print data for scripts instead of a table.")
pass_session = click.make_pass_decorator(Session)
