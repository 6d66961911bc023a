"""`okrsync explain`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli import exits, words
from cli.session import Session, console, json_option, pass_session, print_json

if TYPE_CHECKING:
    from mapping.assess import CheckIn
    from sync.overview import KeyResultView


@click.command()
@click.argument("key_result", metavar="KR")
@json_option
@pass_session
def explain(session: Session, key_result: str, as_json: bool) -> int:
    """Show where a key result's value comes from, down to the query, the rows and the time."""
    from cli.passes import refuse_unknown
    from sync.overview import find, overview

    workspace = session.workspace()
    refuse_unknown([key_result], workspace.bindings)
    with session.store(workspace) as store:
        view = find(overview(workspace, store, session.clock()), key_result)
    if as_json:
        print_json(_data(view))
    else:
        _print(view)
    return exits.CURRENT


def _print(view: KeyResultView) -> None:
    out = console()
    made, key_result = view.check_in, view.key_result
    out.print(f"[bold]{key_result.title}[/] [dim]({key_result.id})[/]")
    if made is None:
        out.print("No value was ever recorded. Run `okrsync sync`.")
    else:
        out.print(f"{words.value(made.value)}, recorded {words.when(made.at)}\n")
        out.print(f"  {made.formula} = {made.filled} = {words.value(made.value)}", markup=False, soft_wrap=True)
        for line in _evidence(made):
            out.print(line, markup=False, soft_wrap=True)
        out.print()
        for line in words.derivation(key_result, made):
            out.print(f"  {line}", markup=False, soft_wrap=True)
    if view.stale:
        out.print(f"\n[red]Stale[/] since {words.when(view.stale.at)}: ", end="")
        out.print(f"{view.stale.cause}\n{view.stale.fix or ''}", markup=False, soft_wrap=True)


def _evidence(made: CheckIn) -> list[str]:
    lines: list[str] = []
    for used in made.inputs:
        seen = used.evidence
        rows = "" if seen.rows is None else f", {seen.rows:,} rows behind it"
        lines += [f"\n  {used.name} = {words.value(used.quantity)}", f"    asked {seen.connection}: {seen.query}"]
        lines.append(f"    at {words.when(seen.asked_at)}, as of {words.when(seen.as_of)}{rows}")
        lines += [f"    {text}" for text in (seen.note, seen.link) if text]
    return lines


def _data(view: KeyResultView) -> dict[str, Any]:
    from sync.store.rows import check_in_row

    made, stale = view.check_in, view.stale
    return {
        "key_result": view.key_result.id,
        "title": view.key_result.title,
        "check_in": {**words.check_in_data(made), "inputs": check_in_row(made)["inputs"]} if made else None,
        "derivation": words.derivation(view.key_result, made) if made else [],
        "stale": {"since": stale.at.isoformat(), "kind": stale.kind, "cause": stale.cause, "fix": stale.fix}
        if stale
        else None,
    }
