"""`okrsync find`"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click

from cli import exits
from cli.session import Session, json_option, pass_session, print_json
from cli.terminal import out, say_error

if TYPE_CHECKING:
    from connectors.base import Found, Kind


@click.command()
@click.argument("connection", metavar="TOOL|CONNECTION")
@click.argument("what", required=False)
@click.argument("text", required=False, default="")
@click.option("--in", "within", default="", help="Look inside this site, drive or object; give its id.")
@json_option
@pass_session
def find(session: Session, connection: str, what: str | None, text: str, within: str, as_json: bool) -> int:
    """Look for ids in a tool, and print each as YAML to paste. Without WHAT, list what you can look for."""
    from cli.logs import set_up_logging
    from connectors.errors import ConnectorError
    from sync import finding

    set_up_logging()
    workspace = session.workspace()
    try:
        used = finding.connection_of(workspace, connection)
        if what is None:
            _print_kinds(connection, finding.kinds_of(used), as_json)
            return exits.CURRENT
        listed = finding.find(workspace, used, what, text, within, session.clock)
    except finding.NothingToFind as error:
        raise click.ClickException(str(error)) from None
    except ConnectorError as error:
        say_error(f"{error.connection}: {error.kind}: {error.message}. {error.fix}")
        return exits.TEMPORARY if error.temporary else exits.TROUBLED
    pasted = [(one, finding.as_yaml(workspace, used, one)) for one in listed.found]
    if as_json:
        shown = [{**vars(one), "yaml": yaml} for one, yaml in pasted]
        print_json({"connection": used.name, "found": shown, "more": listed.more})
        return exits.CURRENT
    kind = next(one for one in finding.kinds_of(used) if one.name == what)
    step = f"okrsync find {shlex.quote(connection)} {'|'.join(kind.holds)} --in" if kind.holds else ""
    _print_found(pasted, step)
    if not pasted:
        out().line("Nothing was found that the account of this connection can see.")
    if listed.more:
        out().line(f"These are the first {finding.MOST}; there are more. Write a part of the name as well.")
    return exits.CURRENT


def _print_found(pasted: list[tuple[Found, str]], step: str) -> None:
    to = out()
    for one, yaml in pasted:
        to.line((one.title, "bold"), f"  {one.detail}", hang=2)
        to.whole(yaml, indent=2)
        if one.inside and step:
            to.whole((f"{step} {shlex.quote(one.inside)}", "dim"), indent=2)


def _print_kinds(connection: str, kinds: tuple[Kind, ...], as_json: bool) -> None:
    if as_json:
        print_json([vars(kind) for kind in kinds])
        return
    for kind in kinds:
        within = f" --in {kind.within}" if kind.within else ""
        out().line((f"okrsync find {connection} {kind.name}{within}", "bold"), f"  {kind.about}", hang=2)
