"""`okrsync sync`"""

from __future__ import annotations

import click

from cli import exits
from cli.ids import offer_both
from cli.session import Session, json_option, pass_session


@click.command()
@click.argument("key_results", nargs=-1, metavar="[ID]...", shell_complete=offer_both)
@click.option("--dry-run", is_flag=True, help="Write nothing. This is the same as `okrsync plan`.")
@click.option("--require-active", is_flag=True, help="Exit with 7 if no key result is within its days.")
@json_option
@pass_session
def sync(session: Session, key_results: tuple[str, ...], dry_run: bool, require_active: bool, as_json: bool) -> int:
    """Bring key results up to date: ask the sources, assess the answers, record what changed, and publish it.

    A source that fails leaves its key results as they were, marked stale with the cause, and stops no other.
    """
    from cli.logs import set_up_logging
    from cli.passes import nothing_runs, print_pass, run

    set_up_logging()
    workspace = session.workspace()
    with session.store(workspace, writes=not dry_run) as store:
        made = run(session, workspace, store, key_results, dry=dry_run)
        if not dry_run and (workspace.serving.ping_url or workspace.serving.metrics_file):
            from sync.watchers import tell_watchers

            tell_watchers(workspace, store, made)
    heading = "These check-ins would be recorded" if dry_run else "Recorded"
    print_pass(made, as_json=as_json, heading=heading)
    if require_active and nothing_runs(made.plan):
        return exits.NOTHING_RUNNING
    return exits.for_trouble([*made.plan.troubled, *made.plan.held]) or exits.for_posts(made.published.troubled)
