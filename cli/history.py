"""`okrsync history` and `okrsync export`"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import exits, style
from cli.files import write_privately
from cli.ids import offer_both
from cli.session import Session, json_option, lang_option, language_of, pass_session, print_json
from cli.terminal import Part, out, width_of

if TYPE_CHECKING:
    from config.load import Workspace
    from mapping.facts import Event
    from mapping.model import Key
    from views.language import Language

VALUE_WIDTH = 12


@click.command()
@click.argument("key", metavar="ID", shell_complete=offer_both)
@click.option("--cycle", help="Show only this cycle, if an id was used in several.")
@lang_option
@json_option
@pass_session
def history(session: Session, key: str, cycle: str | None, lang: str | None, as_json: bool) -> int:
    """Show the values of a key result, or of each key result of an objective, and who changed what when.
    It also finds key results that no OKR file names any more."""
    from sync.known import name_of
    from views import events as rows

    workspace = session.workspace()
    events = _events(session, workspace, [key], cycle)
    if as_json:
        zone = workspace.time_zone
        print_json([rows.row(one, event, zone) for one, found in events.items() for event in found])
        return exits.CURRENT
    language = language_of(workspace, lang)
    several = len({one.cycle for one in events}) > 1
    for number, (one, found) in enumerate(events.items()):
        if number:
            out().blank()
        _print(f"{name_of(one)} ({one.cycle})" if several else name_of(one), found, language)
    return exits.CURRENT


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...", shell_complete=offer_both)
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file, which only you can read. Without it, the history is printed.",
)
@click.option("--cycle", help="Write only this cycle.")
@pass_session
def export(session: Session, ids: tuple[str, ...], form: str, output: Path | None, cycle: str | None) -> int:
    """Write the history of key results (all, if none is named) as CSV or JSON lines. It includes
    key results that no OKR file names any more."""
    from cli.streams import fits
    from sync.known import defined_now
    from views import events as rows
    from views.json_text import json_text

    workspace = session.workspace()
    found, zone = _events(session, workspace, ids, cycle), workspace.time_zone
    with session.store(workspace) as store:
        said = {key: rows.defined(one) for key, one in defined_now(workspace, store).items()}
    nothing = rows.defined({})
    made = [rows.row(key, one, zone) | said.get(key, nothing) for key, events in found.items() for one in events]
    text = rows.as_csv(made) if form == "csv" else "".join(f"{json_text(row)}\n" for row in made)
    if output is None:
        if not fits(text):
            raise click.ClickException(
                "The character set of standard output lacks some characters of these texts. Write them "
                "to a file with `-o FILE`, or set PYTHONIOENCODING=utf-8."
            )
        click.echo(text, nl=False)
    else:
        write_privately(output, text)
    return exits.CURRENT


def _events(
    session: Session, workspace: Workspace, wanted: Collection[str], cycle: str | None
) -> dict[Key, list[Event]]:
    from cli.ids import key_results
    from sync.history import history as events_of
    from sync.known import chosen, known_keys

    with session.store(workspace) as store:
        known = known_keys(workspace, store, cycle)
        keys, unknown = chosen(wanted, known) if wanted else (list(known), [])
        if unknown and cycle:
            raise click.ClickException(f"Nothing is known of {', '.join(unknown)} in the cycle {cycle}.")
        key_results(unknown, workspace)
        return {key: events_of(store, key, workspace.time_zone) for key in keys}


def _print(key: str, events: list[Event], language: Language) -> None:
    from views import formats
    from views.words import sparkline

    to = out()
    values = [event.value.value.amount for event in events if event.value and not event.void]
    to.whole((key, "bold"), f"  {sparkline(values)}" if values else "")
    for event in events:
        to.line(f"{formats.moment(event.at, language)}  ", *_line(event, language), indent=2, hang=4)
    if not events:
        to.line(language.say("No value is recorded yet. Run `okrsync sync`."), indent=2)


def _line(event: Event, language: Language) -> list[Part]:
    from views import changes, formats

    if event.action is not None:
        return [(changes.action(event.action, language), "dim")]
    if event.closing is not None:
        return [changes.closing(event.closing, language)]
    made = event.value
    assert made is not None  # noqa: S101 - an event is one of these
    shown = formats.value(made.value, language)
    parts: list[Part] = [
        f"{' ' * (VALUE_WIDTH - width_of(shown))}{shown}  {formats.percent(made.progress):>5}  ",
        style.status(made.status, language),
    ]
    if event.rebuilt:
        return [*parts, " ", (language.say("(rebuilt from what the source says today)"), "dim")]
    if event.void:
        parts += [" ", (language.say("(void)"), "dim")]
    if made.by:
        parts += [" ", language.say("by {by}", by=made.by)]
    return [*parts, (f" {made.note}", "dim")] if made.note else parts
