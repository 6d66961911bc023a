"""`okrsync status`"""

from __future__ import annotations

import click

from cli import exits, style
from cli.session import Session, json_option, pass_session, print_json
from cli.terminal import out


@click.command()
@json_option
@pass_session
def status(session: Session, as_json: bool) -> int:
    """Show how the workspace is kept current: the processes, the last pass and the next, each connection's health and
    quota, waiting touches, subscriptions, and problems in changed files."""
    from sync.situation import situation
    from views import situations
    from views.language import Language

    workspace = session.workspace()
    with session.store(workspace) as store:
        seen = situation(workspace, store, session.clock())
    if as_json:
        print_json(situations.data(seen))
        return exits.CURRENT
    to = out()
    to.line((workspace.name, "bold"))
    for kind, text in situations.lines(seen, Language(code="en", zone=workspace.time_zone)):
        to.line(style.MARKS[kind], " ", text, hang=2)
    return exits.CURRENT
