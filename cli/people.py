"""`okrsync check-in`, `pin`, `resume`, `accept`, `reject`: what a person says of a key result."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from cli import exits
from cli.ids import offer_key_results
from cli.session import Session, lang_option, language_of, pass_session
from cli.terminal import out
from sync.who import user

if TYPE_CHECKING:
    from config.load import Binding
    from sync.store.store import Store
    from views.language import Language

_key_result = click.argument("key_result", metavar="KR", shell_complete=offer_key_results)
_by = click.option("--by", default=user, show_default="you", help="The person who says this.")
_note = click.option("--note", help="A note: why, or how the work is going.")
_confidence = click.option(
    "--confidence", type=click.IntRange(0, 10), help="How sure you are that the target will be met, from 0 to 10."
)


@contextmanager
def _at(session: Session, key_result: str, lang: str | None) -> Iterator[tuple[Store, Binding, Language]]:
    """The store, the key result, and the language to answer in. Refusals become errors of the command line."""
    from cli.ids import one_key_result
    from sync.people import Refused

    workspace = session.workspace()
    one_key_result(key_result, workspace)
    with session.store(workspace, writes=True) as store:
        try:
            yield store, workspace.bindings[key_result], language_of(workspace, lang)
        except Refused as error:
            raise click.ClickException(str(error)) from None


@click.command("check-in")
@_key_result
@click.option("--value", help="The value now, such as 42, 80%, $12M or 3h.")
@_note
@_confidence
@_by
@lang_option
@pass_session
def check_in(session: Session, /, key_result: str, lang: str | None, **said: Any) -> int:
    """Check in a value, a note or your confidence by hand. The next value from a source replaces yours. To keep yours,
    use `pin`."""
    from sync.people import check_in as act
    from views import formats

    if said["value"] is None and said["note"] is None and said["confidence"] is None:
        raise click.UsageError("Say something: --value, --note or --confidence.")
    with _at(session, key_result, lang) as (store, binding, language):
        made = act(store, binding, session.clock(), zone=language.zone, **said)
    if made is None:
        out().line(language.say("{key}: the note is recorded.", key=key_result))
    else:
        shown = formats.value(made.value, language)
        out().line(language.say("{key}: {value} is recorded.", key=key_result, value=shown))
    return exits.CURRENT


@click.command()
@_key_result
@click.option("--value", help="The value to keep. Without it, the last value is kept.")
@_note
@_confidence
@_by
@lang_option
@pass_session
def pin(session: Session, /, key_result: str, lang: str | None, **said: Any) -> int:
    """Keep a value until `resume`, whatever the sources say. What they say is shown beside it."""
    from sync.people import check_in as act

    with _at(session, key_result, lang) as (store, binding, language):
        act(store, binding, session.clock(), zone=language.zone, pin=True, **said)
    told = language.say("{key} is pinned. `okrsync resume {key}` lets its sources count again.", key=key_result)
    out().line(told)
    return exits.CURRENT


@click.command()
@_key_result
@_by
@lang_option
@pass_session
def resume(session: Session, key_result: str, by: str, lang: str | None) -> int:
    """End a pin. From the next sync on the sources of the key result count again."""
    from sync.people import resume as act

    with _at(session, key_result, lang) as (store, binding, language):
        act(store, binding, session.clock(), by=by)
    out().line(language.say("{key} is not pinned any more. The next sync brings it up to date.", key=key_result))
    return exits.CURRENT


@click.command()
@_key_result
@click.option(
    "--at", "of", required=True, help="Its time, as `okrsync history` shows it: '2026-11-24 09:00', or a day."
)
@_note
@_by
@lang_option
@pass_session
def void(session: Session, /, key_result: str, lang: str | None, **said: Any) -> int:
    """Say that a check-in was wrong: it stays in history, marked, and the one before it counts again."""
    from sync.people import void as act
    from views import formats

    with _at(session, key_result, lang) as (store, binding, language):
        made = act(store, binding, session.clock(), zone=language.zone, **said)
    shown, when = formats.value(made.value, language), formats.moment(made.at, language)
    out().line(
        language.say("{key}: {value} of {when} does not count any more.", key=key_result, value=shown, when=when)
    )
    return exits.CURRENT


_held = click.argument("key_results", nargs=-1, metavar="[KR]...", shell_complete=offer_key_results)
_all = click.option("--all", "all_of_them", is_flag=True, help="Take every key result with a held value.")


@click.command()
@_held
@_all
@_note
@_by
@lang_option
@pass_session
def accept(session: Session, /, key_results: tuple[str, ...], lang: str | None, **said: Any) -> int:
    """Accept held values and record them. A KR may be a pattern such as 'sales-*'."""
    return _decide(session, key_results, lang, accept=True, **said)


@click.command()
@_held
@_all
@_note
@_by
@lang_option
@pass_session
def reject(session: Session, /, key_results: tuple[str, ...], lang: str | None, **said: Any) -> int:
    """Reject held values. The same values are not held again. A KR may be a pattern such as 'sales-*'."""
    return _decide(session, key_results, lang, accept=False, **said)


def _decide(
    session: Session, key_results: tuple[str, ...], lang: str | None, *, all_of_them: bool, accept: bool, **said: Any
) -> int:
    """Each by itself: one that can't be decided stops no other."""
    from cli.holds import held_by
    from sync.people import Refused, decide
    from views import formats

    if bool(key_results) == all_of_them:
        raise click.UsageError("Name key results, or write --all.")
    workspace = session.workspace()
    language = language_of(workspace, lang)
    refused: list[str] = []
    with session.store(workspace, writes=True) as store:
        for key in held_by(store, workspace, key_results):
            try:
                made = decide(
                    store, workspace.bindings[key], session.clock(), accept=accept, zone=workspace.time_zone, **said
                )
            except Refused as error:
                refused.append(str(error))
                continue
            shown = formats.value(made.value, language)
            text = language.say("{key}: {value} is accepted.", key=key, value=shown)
            if not accept:
                text = language.say("{key}: {value} is rejected. The last value stays.", key=key, value=shown)
            out().line(text)
    if refused:
        raise click.ClickException("\n".join(refused))
    return exits.CURRENT
