"""`okrsync plan`"""

from __future__ import annotations

import click

from cli import exits
from cli.ids import offer_both
from cli.session import Session, json_option, pass_session


@click.command()
@click.argument("key_results", nargs=-1, metavar="[ID]...", shell_complete=offer_both)
@click.option("--exit-code", "tell_changes", is_flag=True, help="Exit with 5 if there are changes.")
@click.option("--require-active", is_flag=True, help="Exit with 7 if no key result is within its days.")
@json_option
@pass_session
def plan(
    session: Session, key_results: tuple[str, ...], tell_changes: bool, require_active: bool, as_json: bool
) -> int:
    """Ask the sources and show what `sync` would record. It writes nothing."""
    from cli.logs import set_up_logging
    from cli.passes import nothing_runs, print_pass, run

    set_up_logging()
    workspace = session.workspace()
    with session.store(workspace) as store:
        made = run(session, workspace, store, key_results, dry=True)
    print_pass(made, as_json=as_json, heading="These check-ins would be recorded")
    if require_active and nothing_runs(made.plan):
        return exits.NOTHING_RUNNING
    code = exits.for_trouble([*made.plan.troubled, *made.plan.held])
    return exits.CHANGES if tell_changes and made.plan.new and code == exits.CURRENT else code
