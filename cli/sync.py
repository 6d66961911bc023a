"""`okrsync sync`"""

from __future__ import annotations

import click

from cli import exits
from cli.session import Session, json_option, pass_session, set_up_logging


@click.command()
@click.argument("key_results", nargs=-1, metavar="[KR]...")
@click.option("--dry-run", is_flag=True, help="Write nothing; the same as `okrsync plan`.")
@json_option
@pass_session
def sync(session: Session, key_results: tuple[str, ...], dry_run: bool, as_json: bool) -> int:
    """Bring key results up to date: ask the sources, assess, and record what changed.

    A source that fails leaves its key results as they were, marked stale with the cause, and stops no other.
    """
    from cli.passes import pass_over, print_plan
    from sync.record import record

    set_up_logging()
    workspace = session.workspace()
    with session.store(workspace) as store:
        made = pass_over(session, workspace, store, key_results)
        if not dry_run:
            record(made, store, session.clock())
    heading = "These check-ins would be recorded" if dry_run else "Recorded"
    print_plan(made, as_json=as_json, heading=heading)
    return exits.for_trouble([*made.troubled, *made.held])
