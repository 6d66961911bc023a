"""`okrsync lint`"""

from __future__ import annotations

import click

from cli import exits, style
from cli.session import Session, json_option, lang_option, language_of, pass_session, print_json
from cli.terminal import out


@click.command()
@click.option("--sentences", is_flag=True, help="Print each objective as one sentence instead.")
@lang_option
@json_option
@pass_session
def lint(session: Session, sentences: bool, lang: str | None, as_json: bool) -> int:
    """Give advice on how the OKRs are written. Advice is never an error, and is English; sentences are also Korean."""
    from config.advice import advice

    workspace = session.workspace()
    if sentences:
        from views.sentences import sentence

        language = language_of(workspace, lang)
        told = {objective.id: sentence(objective, language) for objective in workspace.objectives}
        if as_json:
            print_json(told)
        else:
            for text in told.values():
                out().line(text)
                out().blank()
        return exits.CURRENT
    from views import formats

    found = list(advice(workspace))
    if as_json:
        print_json([vars(one) for one in found])
        return exits.CURRENT
    to = out()
    for one in found:
        to.line(*style.marked("note", one.about, one.text), hang=2)
    if found:
        to.line(f"{formats.count(len(found), 'piece')} of advice.")
    else:
        to.line(style.MARKS["good"], " Nothing to advise.")
    return exits.CURRENT
