"""`okrsync show`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli import exits, words
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
        print_json(_data(seen, key_result))
    else:
        _print(seen, key_result)
    return exits.CURRENT


def _print(seen: Overview, only: str | None) -> None:
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
        f"Last sync {words.when(last.finished_at)}." if last else "Never synced: run `okrsync sync`.", style="dim"
    )


def _print_beside(out: Any, view: KeyResultView) -> None:
    """What does not count, and why."""
    key, told = view.key_result.id, view.stale
    if view.beside:
        shown = words.value(view.beside.check_in.value)
        if view.beside.state == "held":
            out.print(f"[yellow]![/] [bold]{key}[/] is held: its sources say {shown}, but ", end="")
            out.print(f"{view.beside.reason}. `okrsync accept {key}` or `reject` it.", markup=False, soft_wrap=True)
            return
        out.print(f"[cyan]·[/] [bold]{key}[/] is pinned by {view.pinned.by if view.pinned else '?'}; ", end="")
        out.print(f"its sources say {shown}.", markup=False, soft_wrap=True)
    if told:
        out.print(f"[red]![/] [bold]{key}[/] is stale since ", end="")
        out.print(f"{words.when(told.at)}: {told.cause}", markup=False, soft_wrap=True)


def _is_shown(view: KeyResultView, only: str | None) -> bool:
    return only in (None, view.key_result.id)


def _heading(view: ObjectiveView) -> str:
    objective, rolled = view.objective, view.roll_up
    missing = f", {rolled.total - rolled.known} of {rolled.total} unknown" if rolled.known < rolled.total else ""
    about = ", ".join(part for part in (objective.level.value, objective.owner, objective.period.name) if part)
    return (
        f"\n[bold]{objective.title}[/] [dim]({about})[/]\n"
        f"{words.bar(rolled.progress)} {words.percent(rolled.progress)}{_own(view)}{missing} "
        f"{words.status(rolled.status)}"
    )


def _own(view: ObjectiveView) -> str:
    """The objective's own number, and how many objectives count in it."""
    measure, rolled = view.objective.measure, view.roll_up
    number = ""
    if measure is not None:
        number = f" [dim]({words.value(rolled.value)} of {words.value(measure.target)})[/]"
    return number + (f" [dim]with {len(view.aligned)} aligned[/]" if view.aligned else "")


def _table(views: list[KeyResultView]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column, options in COLUMNS.items():
        table.add_column(column, **options)
    for view in views:
        made = view.check_in
        table.add_row(
            words.title(view.key_result),
            words.aim(view.key_result),
            words.value(made.value if made else None) + _mark(view),
            words.bar(view.progress),
            words.percent(view.progress),
            words.percent(view.expected) if words.has_expectation(view.key_result) else "-",
            words.status(view.status),
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


def _data(seen: Overview, only: str | None) -> dict[str, Any]:
    return {
        "at": seen.at.isoformat(),
        "last_sync": seen.last_run.finished_at.isoformat() if seen.last_run else None,
        "objectives": [
            {
                "id": view.objective.id,
                "title": view.objective.title,
                "owner": view.objective.owner,
                "level": view.objective.level.value,
                "cycle": view.objective.period.name,
                "progress": _text(view.roll_up.progress),
                "status": _text(view.roll_up.status),
                "known": view.roll_up.known,
                "total": view.roll_up.total,
                "value": str(view.roll_up.value.amount) if view.roll_up.value else None,
                "aligned": list(view.aligned),
                "key_results": [_key_result(made) for made in view.key_results if _is_shown(made, only)],
                "initiatives": [_key_result(made) for made in view.initiatives if _is_shown(made, only)],
            }
            for view in seen.objectives
        ],
        "kpis": [_key_result(view) for view in seen.kpis if _is_shown(view, only)],
    }


def _key_result(view: KeyResultView) -> dict[str, Any]:
    stale = view.stale
    return {
        "id": view.key_result.id,
        "title": view.key_result.title,
        "owner": view.key_result.owner,
        "progress": _text(view.progress),
        "expected": str(view.expected),
        "status": view.status.value if view.status else None,
        "pinned": {"by": view.pinned.by, "at": view.pinned.at.isoformat()} if view.pinned else None,
        "beside": {
            "state": view.beside.state,
            "reason": view.beside.reason,
            "check_in": words.check_in_data(view.beside.check_in),
        }
        if view.beside
        else None,
        "check_in": words.check_in_data(view.check_in) if view.check_in else None,
        "stale": {"since": stale.at.isoformat(), "state": stale.state, "kind": stale.kind, "cause": stale.cause}
        if stale
        else None,
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)
