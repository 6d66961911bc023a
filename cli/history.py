"""`okrsync history` and `okrsync export`"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from cli import exits, words
from cli.session import Session, console, json_option, pass_session, print_json

if TYPE_CHECKING:
    from mapping.facts import Event
    from mapping.records import Action

BARS = "▁▂▃▄▅▆▇█"
COLUMNS = (
    "key_result", "at", "event", "value", "unit", "progress", "expected", "status", "by", "note", "confidence",
    "formula", "filled", "details",
)  # fmt: skip


@click.command()
@click.argument("key_result", metavar="KR")
@json_option
@pass_session
def history(session: Session, key_result: str, as_json: bool) -> int:
    """Show what became of a key result: values, and who changed what when."""
    events = _events(session, [key_result])
    if as_json:
        print_json([_row(key_result, event) for _, event in events])
        return exits.CURRENT
    out = console()
    values = [event.value.value.amount for _, event in events if event.value]
    out.print(f"[bold]{key_result}[/]  {sparkline(values)}")
    for _, event in events:
        out.print(f"  {words.when(event.at)}  {_line(event)}", soft_wrap=True)
    if not events:
        out.print("  Nothing was ever recorded. Run `okrsync sync`.")
    return exits.CURRENT


@click.command()
@click.argument("key_results", nargs=-1, metavar="[KR]...")
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@pass_session
def export(session: Session, key_results: tuple[str, ...], form: str) -> int:
    """Write the history of key results (all, if none is named) as CSV or JSON lines."""
    rows = [_row(key, event) for key, event in _events(session, key_results)]
    if form == "jsonl":
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
        return exits.CURRENT
    writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        details = json.dumps(row["details"], ensure_ascii=False) if row["details"] else ""
        writer.writerow({key: _cell(value) for key, value in row.items()} | {"details": _cell(details)})
    return exits.CURRENT


def sparkline(values: Sequence[Decimal]) -> str:
    """The last values as bars from the lowest to the highest."""
    shown = list(values)[-40:]
    if not shown:
        return ""
    low, high = min(shown), max(shown)
    if low == high:
        return BARS[3] * len(shown)
    return "".join(BARS[int((value - low) / (high - low) * (len(BARS) - 1))] for value in shown)


def action_line(action: Action) -> str:
    """ "ada pinned it: value 42, note ..." """
    told = [f"{name} {_told(detail)}" for name, detail in action.details.items()]
    return f"{action.by} {action.action} it" + (f": {', '.join(told)}" if told else "")


def _told(detail: Any) -> str:
    if isinstance(detail, dict) and set(detail) == {"from", "to"}:
        return f"{detail['from'] or '-'} → {detail['to']}"
    return str(detail)


def _events(session: Session, wanted: Iterable[str]) -> list[tuple[str, Event]]:
    from cli.passes import refuse_unknown
    from sync.history import history as events_of

    workspace = session.workspace()
    keys = list(wanted) or list(workspace.bindings)
    refuse_unknown(keys, workspace.bindings)
    with session.store(workspace) as store:
        return [(key, event) for key in keys for event in events_of(store, key)]


def _line(event: Event) -> str:
    from rich.markup import escape

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
    shown = f"{words.value(made.value):>12}  {words.percent(made.progress):>5}  {words.status(made.status)}"
    return f"{shown}{escape(hand)}{rebuilt}{note}"


def _row(key: str, event: Event) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row |= {"key_result": key, "at": event.at.isoformat()}
    if event.action is not None:
        details = dict(event.action.details)
        return row | {"event": event.action.action, "by": event.action.by, "details": details}
    if event.closing is not None:
        closing = event.closing
        details = {"score": str(closing.score), "suggested": str(closing.suggested)}
        return row | {"event": closing.outcome, "by": closing.by, "note": closing.note, "details": details}
    made = event.value
    data = words.check_in_data(made) if made else {}
    known = {name: data.get(name) for name in COLUMNS if name in data and name != "at"}
    return row | known | {"event": "rebuilt" if event.rebuilt else "check-in"}


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is marked as a text."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") and not _is_number(value):
        return f"'{value}"
    return value


def _is_number(text: str) -> bool:
    return text.lstrip("-+").replace(".", "", 1).isdigit()
