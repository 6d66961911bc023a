"""`okrsync explain`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli import exits
from cli.session import Session, console, json_option, pass_session, print_json

if TYPE_CHECKING:
    from mapping.assess import CheckIn
    from mapping.facts import KeyResultView
    from mapping.records import Action


@click.command()
@click.argument("key_result", metavar="KR")
@json_option
@pass_session
def explain(session: Session, key_result: str, as_json: bool) -> int:
    """Show where a key result's value comes from, down to the query, the rows and the time."""
    from cli.passes import refuse_unknown
    from mapping.facts import find
    from sync.overview import overview

    workspace = session.workspace()
    refuse_unknown([key_result], workspace.bindings)
    with session.store(workspace) as store:
        view = find(overview(workspace, store, session.clock()), key_result)
        actions = store.people.actions(key_result)
    if as_json:
        from views import data

        print_json(data.explanation(view, actions))
    else:
        _print(view)
        _print_actions(actions)
    return exits.CURRENT


def _print(view: KeyResultView) -> None:
    from views import formats, words

    out = console()
    made, key_result = view.check_in, view.key_result
    out.print(f"[bold]{key_result.title}[/] [dim]({key_result.id})[/]")
    if made is None:
        out.print("No value was ever recorded. Run `okrsync sync`.")
    else:
        hand = f" by {made.by}" if made.by else ""
        out.print(f"{formats.value(made.value)}, recorded {formats.when(made.at)}{hand}\n", markup=False)
        out.print(f"  {made.formula} = {made.filled} = {formats.value(made.value)}", markup=False, soft_wrap=True)
        for line in _evidence(made):
            out.print(line, markup=False, soft_wrap=True)
        out.print()
        for line in words.derivation(key_result, made):
            out.print(f"  {line}", markup=False, soft_wrap=True)
        if view.status is not None and view.status is not made.status:
            out.print(f"  now {formats.percent(view.expected)} is expected: {view.status.value}", markup=False)
        if made.note or made.confidence is not None:
            sure = f", confidence {made.confidence} of 10" if made.confidence is not None else ""
            out.print(f"  {made.note or 'no note'}{sure}", markup=False, soft_wrap=True)
    if view.beside:
        _print_beside(out, view)
    if view.stale:
        out.print(f"\n[red]Stale[/] since {formats.when(view.stale.at)}: ", end="")
        out.print(f"{view.stale.cause}\n{view.stale.fix or ''}", markup=False, soft_wrap=True)


def _print_beside(out: Any, view: KeyResultView) -> None:
    """What the sources say and does not count."""
    from views import formats

    beside = view.beside
    assert beside is not None  # noqa: S101 - the caller has looked
    why = f"is held, since {beside.reason}" if beside.state == "held" else "does not count while another is pinned"
    out.print(f"\n[yellow]Beside it[/]: {formats.value(beside.check_in.value)} of {formats.when(beside.at)} ", end="")
    out.print(f"{why}", markup=False, soft_wrap=True)
    made = beside.check_in
    out.print(f"  {made.formula} = {made.filled} = {formats.value(made.value)}", markup=False, soft_wrap=True)
    for line in _evidence(made):
        out.print(line, markup=False, soft_wrap=True)


def _print_actions(actions: list[Action]) -> None:
    from views import formats
    from views.words import action_line

    out = console()
    if actions:
        out.print("\n[bold]Who changed what[/]")
    for action in actions:
        out.print(f"  {formats.when(action.at)}  {action_line(action)}", markup=False, soft_wrap=True)


def _evidence(made: CheckIn) -> list[str]:
    from views import formats

    lines: list[str] = []
    for used in made.inputs:
        seen = used.evidence
        rows = "" if seen.rows is None else f", {formats.count(seen.rows, 'row')} behind it"
        lines += [f"\n  {used.name} = {formats.value(used.quantity)}", f"    asked {seen.connection}: {seen.query}"]
        lines.append(f"    at {formats.when(seen.asked_at)}, as of {formats.when(seen.as_of)}{rows}")
        lines += [f"    {text}" for text in (seen.note, seen.link) if text]
    return lines
