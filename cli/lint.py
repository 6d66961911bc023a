"""`okrsync lint`"""

from __future__ import annotations

import click

from cli import exits
from cli.session import Session, console, json_option, pass_session, print_json


@click.command()
@click.option("--sentences", is_flag=True, help="Print each objective as one sentence instead.")
@json_option
@pass_session
def lint(session: Session, sentences: bool, as_json: bool) -> int:
    """Give advice on the OKRs as they are written; it is advice, and never an error."""
    from config.advice import advice, sentence

    workspace = session.workspace()
    if sentences:
        told = {objective.id: sentence(objective) for objective in workspace.objectives}
        if as_json:
            print_json(told)
        else:
            for text in told.values():
                console().print(f"{text}\n", markup=False, soft_wrap=True)
        return exits.CURRENT
    from views import formats

    found = list(advice(workspace))
    if as_json:
        print_json([vars(one) for one in found])
        return exits.CURRENT
    out = console()
    for one in found:
        out.print(f"[yellow]·[/] [bold]{one.about}[/] ", end="")
        out.print(one.text, markup=False, soft_wrap=True)
    out.print(f"{formats.count(len(found), 'piece')} of advice." if found else "[green]✓[/] Nothing to advise.")
    return exits.CURRENT
