"""`okrsync check-in`, `pin`, `resume`, `accept`, `reject`: what a person says of a key result."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from cli import exits
from cli.session import Session, console, pass_session
from sync.who import user

if TYPE_CHECKING:
    from config.load import Binding
    from mapping.day import Zone
    from sync.store.store import Store

_key_result = click.argument("key_result", metavar="KR")
_by = click.option("--by", default=user, show_default="you", help="Who says so.")
_note = click.option("--note", help="Why, or how it goes.")
_confidence = click.option("--confidence", type=click.IntRange(0, 10), help="0 to 10 that the target will be met.")


@contextmanager
def _at(session: Session, key_result: str) -> Iterator[tuple[Store, Binding, Zone]]:
    """The store and the key result. Refusals become errors of the command line."""
    from cli.passes import refuse_unknown
    from sync.people import Refused

    workspace = session.workspace()
    refuse_unknown([key_result], workspace.bindings)
    with session.store(workspace) as store:
        try:
            yield store, workspace.bindings[key_result], workspace.time_zone
        except Refused as error:
            raise click.ClickException(str(error)) from None


@click.command("check-in")
@_key_result
@click.option("--value", help="The value now, as 42, 80%, $12M, 3h.")
@_note
@_confidence
@_by
@pass_session
def check_in(session: Session, /, key_result: str, **said: Any) -> int:
    """Say how a key result stands. The next value of its sources replaces yours; `pin` keeps it."""
    from sync.people import check_in as act
    from views import formats

    if said["value"] is None and said["note"] is None and said["confidence"] is None:
        raise click.UsageError("say something: --value, --note or --confidence")
    with _at(session, key_result) as (store, binding, zone):
        made = act(store, binding, session.clock(), zone=zone, **said)
    console().print(f"{key_result}: {formats.value(made.value)}" if made else f"{key_result}: noted", markup=False)
    return exits.CURRENT


@click.command()
@_key_result
@click.option("--value", help="The value that is to stand; the last one if left out.")
@_note
@_confidence
@_by
@pass_session
def pin(session: Session, /, key_result: str, **said: Any) -> int:
    """Let a value stand until `resume`, whatever the sources say; what they say is shown beside it."""
    from sync.people import check_in as act

    with _at(session, key_result) as (store, binding, zone):
        act(store, binding, session.clock(), zone=zone, pin=True, **said)
    console().print(f"{key_result} is pinned. `okrsync resume {key_result}` lets its sources speak again.")
    return exits.CURRENT


@click.command()
@_key_result
@_by
@pass_session
def resume(session: Session, key_result: str, by: str) -> int:
    """Let the sources of a pinned key result speak again, from the next sync on."""
    from sync.people import resume as act

    with _at(session, key_result) as (store, binding, _):
        act(store, binding, session.clock(), by=by)
    console().print(f"{key_result} is resumed; the next sync brings it up to date.")
    return exits.CURRENT


@click.command()
@_key_result
@_note
@_by
@pass_session
def accept(session: Session, key_result: str, note: str | None, by: str) -> int:
    """Take a held value."""
    return _decide(session, key_result, note, by, accept=True)


@click.command()
@_key_result
@_note
@_by
@pass_session
def reject(session: Session, key_result: str, note: str | None, by: str) -> int:
    """Leave a held value; the same one is not held again."""
    return _decide(session, key_result, note, by, accept=False)


def _decide(session: Session, key_result: str, note: str | None, by: str, *, accept: bool) -> int:
    from sync.people import decide
    from views import formats

    with _at(session, key_result) as (store, binding, _):
        made = decide(store, binding, session.clock(), by=by, accept=accept, note=note)
    done = "accepted" if accept else "rejected; the last value stays"
    console().print(f"{key_result}: {formats.value(made.value)} {done}", markup=False)
    return exits.CURRENT
