"""`okrsync due`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli import exits, style
from cli.ids import offer_owners
from cli.session import Session, json_option, lang_option, language_of, pass_session, print_json
from cli.table import Column, print_table
from cli.terminal import out

if TYPE_CHECKING:
    from sync.due import Due
    from views.language import Language


@click.command()
@click.option("--owner", shell_complete=offer_owners, help="Only what this person owes. `ada` also finds ada@acme.com.")
@lang_option
@json_option
@pass_session
def due(session: Session, owner: str | None, lang: str | None, as_json: bool) -> int:
    """Show who owes a check-in: values by hand, pinned values, notes and confidence. A check-in is due when the time
    that the OKR file gives as `check_in:` is over."""
    from dataclasses import replace

    from sync.due import due as due_of
    from views import due as words
    from views.selection import is_named

    workspace = session.workspace()
    at = session.clock()
    with session.store(workspace) as store:
        found = due_of(workspace, store, at)
    if owner is not None:
        own = tuple(one for one in found.owed if any(is_named(owner, person) for person in one.people))
        found = replace(found, owed=own, without_rhythm=())
    if as_json:
        print_json(words.data(at, found.today, found.owed, found.without_rhythm))
    else:
        _print(found, owner, language_of(workspace, lang))
    return exits.CURRENT


def _print(found: Due, owner: str | None, language: Language) -> None:
    from views import due as words
    from views.selection import is_named

    to = out()
    for person, own in words.by_person(found.owed).items():
        if owner is not None and not is_named(owner, person):
            continue
        to.line((person or language.say("Nobody is named"), "bold"))
        columns = [
            Column(title=language.say("Key result")),
            Column(title=language.say("Id"), leaves=1),
            Column(title=language.say("Owes")),
            Column(title=language.say("Last"), leaves=2),
            Column(title=language.say("Was due")),
        ]
        rows = [
            [
                one.key_result.title,
                one.key_result.id,
                words.what(one, language),
                words.last(one, language),
                words.late(one, found.today, language),
            ]
            for one in own
        ]
        print_table(to, columns, rows, indent=2)
        to.blank()
    if found.owed:
        to.line(language.many("{n} check-in is due.", "{n} check-ins are due.", len(found.owed)))
    else:
        to.line(style.MARKS["good"], " ", language.say("No check-in is due."))
    if found.without_rhythm:
        told = language.say("by hand, with no rhythm. Write `check_in: weekly` in its OKR file to see it here.")
        to.line(*style.marked("note", ", ".join(found.without_rhythm), told), hang=2)
