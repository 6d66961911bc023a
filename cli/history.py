"""`okrsync history` and `okrsync export`"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from cli import exits, style
from cli.session import Session, console, json_option, pass_session, print_json

if TYPE_CHECKING:
    from mapping.facts import Event


@click.command()
@click.argument("key_result", metavar="KR")
@json_option
@pass_session
def history(session: Session, key_result: str, as_json: bool) -> int:
    """Show what became of a key result: values, and who changed what when."""
    from views import events as rows
    from views import formats
    from views.words import sparkline

    events = _events(session, [key_result])
    if as_json:
        print_json([rows.row(key_result, event) for _, event in events])
        return exits.CURRENT
    out = console()
    values = [event.value.value.amount for _, event in events if event.value]
    out.print(f"[bold]{key_result}[/]  {sparkline(values)}")
    for _, event in events:
        out.print(f"  {formats.when(event.at)}  {_line(event)}", soft_wrap=True)
    if not events:
        out.print("  Nothing was ever recorded. Run `okrsync sync`.")
    return exits.CURRENT


@click.command()
@click.argument("key_results", nargs=-1, metavar="[KR]...")
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@pass_session
def export(session: Session, key_results: tuple[str, ...], form: str) -> int:
    """Write the history of key results (all, if none is named) as CSV or JSON lines."""
    from views import events

    rows = [events.row(key, event) for key, event in _events(session, key_results)]
    if form == "jsonl":
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
        return exits.CURRENT
    click.echo(events.as_csv(rows), nl=False)
    return exits.CURRENT


def _events(session: Session, wanted: Iterable[str]) -> list[tuple[str, Event]]:
    from cli.passes import refuse_unknown
    from sync.history import history as events_of

    workspace = session.workspace()
    keys = list(wanted) or list(workspace.bindings)
    refuse_unknown(keys, workspace.bindings)
    with session.store(workspace) as store:
        return [(key, event) for key in keys for event in events_of(store, key, workspace.time_zone)]


def _line(event: Event) -> str:
    from rich.markup import escape

    from views import formats
    from views.words import action_line

    if event.action is not None:
        return f"[dim]{escape(action_line(event.action))}[/]"
    if event.closing is not None:
        score = "" if event.closing.score is None else f" with {event.closing.score}"
        note = f": {event.closing.note}" if event.closing.note else ""
        return escape(f"{event.closing.by} {event.closing.outcome} it{score}{note}")
    made = event.value
    assert made is not None  # noqa: S101 - an event is one of these
    hand = f" by {made.by}" if made.by else ""
    rebuilt = " [dim](rebuilt, as seen today)[/]" if event.rebuilt else ""
    note = f" [dim]{escape(made.note)}[/]" if made.note and not event.rebuilt else ""
    shown = f"{formats.value(made.value):>12}  {formats.percent(made.progress):>5}  {style.status(made.status)}"
    return f"{shown}{escape(hand)}{rebuilt}{note}"
