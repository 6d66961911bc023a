"""`okrsync migrate`"""

from __future__ import annotations

import click

from cli import exits
from cli.session import Session, pass_session


@click.command()
@click.option("--workspace", "name", metavar="NAME", help="Give the store this new name of the workspace.")
@pass_session
def migrate(session: Session, name: str | None) -> int:
    """Bring the store to the schema of this version. Commands that write do this by themselves, unless
    OKRSYNC_MIGRATE is off. Commands that read never do."""
    from sync.owner import owner_of
    from sync.store.opening import migrate_store

    workspace = session.workspace()
    if name is not None and name != workspace.name:
        raise click.UsageError(f"Write `workspace: {name}` in okrsync.yaml first: it says {workspace.name!r} now.")
    before, now = migrate_store(workspace.store, owner_of(workspace), rename=name is not None)
    if before is None:
        click.echo(f"The store is made, with the schema {now}.")
    elif before >= now:
        click.echo(f"The store has the schema {before}. Nothing was to do.")
    else:
        click.echo(f"The store had the schema {before} and has {now} now.")
    if workspace.serving.queue is not None:
        from sync.engines.queue import prepare

        made = prepare(workspace.serving.queue, by_command=True)
        click.echo("The queue's tables are made." if made else "The queue has its tables.")
    if name is not None:
        click.echo(f"It belongs to the workspace {name!r}.")
    return exits.CURRENT
