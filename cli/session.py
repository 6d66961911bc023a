"""What every command is given: where the configuration is, what time it is, how to print."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from config.load import Workspace
    from sync.store.store import Store
    from views.language import Language


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
    def store(self, workspace: Workspace, *, writes: bool = False) -> Iterator[Store]:
        """For reading, unless it `writes`. Raises StoreError."""
        import cli.logs  # noqa: F401 - before those who import structlog as it comes
        from sync.owner import owner_of
        from sync.store.store import Store

        opened = Store.open if writes else Store.read
        store = opened(workspace.store, owner_of(workspace))
        try:
            yield store
        finally:
            store.close()


def language_of(workspace: Workspace, asked: str | None = None) -> Language:
    """The language that was asked for, else the workspace's; its time zone."""
    from views.language import LANGUAGES, Language

    code = asked or workspace.language
    return Language(code=code if code in LANGUAGES else "en", zone=workspace.time_zone)


def print_json(data: Any) -> None:
    from cli.streams import fits
    from views.json_text import ascii_only, json_text

    text = json_text(data, indent=2)
    click.echo(text if fits(text) else ascii_only(text))


json_option = click.option("--json", "as_json", is_flag=True, help="Print data for scripts instead of a table.")
lang_option = click.option(
    "--lang",
    type=click.Choice(["en", "ko"]),
    help="Answer in this language. Without it, the workspace's language is used.",
)
pass_session = click.make_pass_decorator(Session)
