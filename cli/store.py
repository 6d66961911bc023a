"""`okrsync store copy`"""

from __future__ import annotations

import click

from cli import exits
from cli.session import Session, pass_session


@click.group()
def store() -> None:
    """Look after the store."""


@store.command()
@click.argument("url", metavar="URL")
@pass_session
def copy(session: Session, url: str) -> int:
    """Copy the store to an empty one at URL, as sqlite:///FILE or postgresql://USER@HOST/DATABASE. Stop
    everything that writes to it first. Afterwards, name the new address as `store:` in okrsync.yaml."""
    from config.settings import store_address
    from sync.store.copying import copy_store

    workspace = session.workspace()
    counts = copy_store(workspace.store, store_address(url, workspace.root))
    made = f"{counts['check_ins']:,} check-ins of {counts['runs']:,} runs"
    click.echo(f"{sum(counts.values()):,} rows are copied: {made}.")
    return exits.CURRENT
