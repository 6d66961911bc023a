"""`okrsync show`"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from cli import exits, style
from cli.session import Session, console, json_option, pass_session, print_json

if TYPE_CHECKING:
    from rich.table import Table

    from mapping.facts import KeyResultView, ObjectiveView, Overview


@click.command()
@click.argument("key_result", required=False, metavar="[KR]")
@json_option
@pass_session
def show(session: Session, key_result: str | None, as_json: bool) -> int:
    """Show objectives and key results as last recorded; asks no source."""
    from cli.passes import refuse_unknown
    from sync.overview import overview

    workspace = session.workspace()
    if key_result:
        refuse_unknown([key_result], workspace.bindings)
    with session.store(workspace) as store:
        seen = overview(workspace, store, session.clock())
    if as_json:
        from views import data

        print_json(data.overview(narrowed(seen, key_result)))
    else:
        _print(seen, key_result)
    return exits.CURRENT


def _print(seen: Overview, only: str | None) -> None:
    from views import formats

    out = console()
    stale: list[KeyResultView] = []
    for objective in seen.objectives:
        rows = [view for view in (*objective.key_results, *objective.initiatives) if _is_shown(view, only)]
        if rows or not only:
            out.print(_heading(objective), end="\n")
            out.print(_table(rows))
            stale += [view for view in rows if view.stale or view.beside]
    kpis = [view for view in seen.kpis if _is_shown(view, only)]
    if kpis:
        out.print("[bold]KPIs[/]")
        out.print(_table(kpis))
        stale += [view for view in kpis if view.stale or view.beside]
    for view in stale:
        _print_beside(out, view)
    last = seen.last_run
    out.print(
        f"Last sync {formats.when(last.finished_at)}." if last else "Never synced: run `okrsync sync`.", style="dim"
    )


def _print_beside(out: Any, view: KeyResultView) -> None:
    """What does not count, and why."""
    from views import formats

    key, told = view.key_result.id, view.stale
    if view.beside:
        shown = formats.value(view.beside.check_in.value)
        if view.beside.state == "held":
            out.print(f"[yellow]![/] [bold]{key}[/] is held: its sources say {shown}, but ", end="")
            out.print(f"{view.beside.reason}. `okrsync accept {key}` or `reject` it.", markup=False, soft_wrap=True)
            return
        out.print(f"[cyan]·[/] [bold]{key}[/] is pinned by {view.pinned.by if view.pinned else '?'}; ", end="")
        out.print(f"its sources say {shown}.", markup=False, soft_wrap=True)
    if told:
        out.print(f"[red]![/] [bold]{key}[/] is stale since ", end="")
        out.print(f"{formats.when(told.at)}: {told.cause}", markup=False, soft_wrap=True)


def narrowed(seen: Overview, only: str | None) -> Overview:
    """The overview with that key result alone."""

    def kept(views: tuple[KeyResultView, ...]) -> tuple[KeyResultView, ...]:
        return tuple(view for view in views if _is_shown(view, only))

    objectives = (
        replace(view, key_results=kept(view.key_results), initiatives=kept(view.initiatives))
        for view in seen.objectives
    )
    return replace(seen, objectives=tuple(objectives), kpis=kept(seen.kpis))


def _is_shown(view: KeyResultView, only: str | None) -> bool:
    return only in (None, view.key_result.id)


def _heading(view: ObjectiveView) -> str:
    from views import formats

    objective, rolled = view.objective, view.roll_up
    missing = f", {rolled.total - rolled.known} of {rolled.total} unknown" if rolled.known < rolled.total else ""
    about = ", ".join(part for part in (objective.level.value, objective.owner, objective.period.name) if part)
    return (
        f"\n[bold]{objective.title}[/] [dim]({about})[/]\n"
        f"{style.bar(rolled.progress)} {formats.percent(rolled.progress)}{_own(view)}{missing} "
        f"{style.status(rolled.status)}"
    )


def _own(view: ObjectiveView) -> str:
    """The objective's own number, and how many objectives count in it."""
    from views import formats

    measure, rolled = view.objective.measure, view.roll_up
    number = ""
    if measure is not None:
        number = f" [dim]({formats.value(rolled.value)} of {formats.value(measure.target)})[/]"
    return number + (f" [dim]with {len(view.aligned)} aligned[/]" if view.aligned else "")


def _table(views: list[KeyResultView]) -> Table:
    from rich.table import Table

    from views import formats, words

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column, options in COLUMNS.items():
        table.add_column(column, **options)
    for view in views:
        made = view.check_in
        table.add_row(
            style.title(view.key_result),
            words.aim(view.key_result),
            formats.value(made.value if made else None) + _mark(view),
            style.bar(view.progress),
            formats.percent(view.progress),
            formats.percent(view.expected) if words.has_expectation(view.key_result) else "-",
            style.status(view.status),
        )
    return table


def _mark(view: KeyResultView) -> str:
    if view.pinned:
        return " [cyan]pinned[/]"
    if view.beside and view.beside.state == "held":
        return " [yellow]held[/]"
    return " [red]stale[/]" if view.stale else ""


COLUMNS: dict[str, dict[str, Any]] = {
    "Key result": {"min_width": 30, "max_width": 60},
    "From → to": {"no_wrap": True},
    "Now": {"no_wrap": True, "justify": "right"},
    "": {"no_wrap": True},
    "Progress": {"no_wrap": True, "justify": "right"},
    "Expected": {"no_wrap": True, "justify": "right"},
    "Status": {"no_wrap": True},
}
