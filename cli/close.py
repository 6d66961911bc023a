"""`okrsync close`"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import exits
from cli.session import Session, console, json_option, pass_session, print_json
from sync.who import user

if TYPE_CHECKING:
    from config.load import Workspace
    from mapping.facts import ObjectiveReport
    from sync.closing import Said


@click.command()
@click.argument("cycle")
@click.option(
    "--score", "scores", multiple=True, metavar="KR=0.7", help="Your score, where it is not the suggested one."
)
@click.option("--note", "notes", multiple=True, metavar="KR=TEXT", help="What is to be remembered.")
@click.option("--postpone", multiple=True, metavar="KR", help="Carry over into the next cycle.")
@click.option("--done", multiple=True, metavar="KR", help="Close, though nothing was done.")
@click.option("--next", "following", type=click.Path(path_type=Path), help="Where to write what is carried over.")
@click.option("--dry-run", is_flag=True, help="Show the report, write nothing.")
@click.option("--by", default=user, show_default="you", help="Who closes it.")
@json_option
@pass_session
def close(
    session: Session,
    cycle: str,
    scores: tuple[str, ...],
    notes: tuple[str, ...],
    postpone: tuple[str, ...],
    done: tuple[str, ...],
    following: Path | None,
    dry_run: bool,
    by: str,
    as_json: bool,
) -> int:
    """Score and close the key results of a CYCLE, and carry over what is postponed. They are not asked any more."""
    from sync.closing import Said, carried_over
    from sync.closing import close as reports_of
    from sync.overview import overview

    workspace = session.workspace()
    said = Said(
        scores={key: _score(key, text) for key, text in _pairs(scores)},
        notes=dict(_pairs(notes)),
        postponed=frozenset(postpone),
        closed=frozenset(done),
    )
    _refuse_strangers(said, workspace, cycle)
    with session.store(workspace) as store:
        reports = reports_of(overview(workspace, store, session.clock()), cycle, session.clock(), by, said)
        if not reports:
            raise click.ClickException(f"there is no key result in the cycle {cycle!r}")
        fresh = [closing for report in reports for view, closing in report.views if view.closing is None]
        text = carried_over(reports, workspace) if fresh else ""
        if following is not None and following.exists():
            raise click.ClickException(f"{following} is there already: name another file")
        if not dry_run:
            store.people.close(fresh)
            if following is not None and text:
                following.write_text(text)
    if as_json:
        from views import data

        print_json([data.report(one) for one in reports])
    else:
        _print(reports, text, following, dry_run=dry_run, fresh=len(fresh))
    return exits.CURRENT


def _pairs(given: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs = [text.partition("=") for text in given]
    for key, mark, _ in pairs:
        if not mark:
            raise click.UsageError(f"{key!r}: write KR=...")
    return [(key, text) for key, _, text in pairs]


def _score(key: str, text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal(-1)
    if not 0 <= found <= 1:
        raise click.UsageError(f"{key}: a score is a number from 0.0 to 1.0, not {text!r}")
    return found


def _refuse_strangers(said: Said, workspace: Workspace, cycle: str) -> None:
    from cli.passes import refuse_unknown

    named = {*said.scores, *said.notes, *said.postponed, *said.closed}
    refuse_unknown(sorted(named), workspace.bindings)
    for key in sorted(named):
        period = workspace.bindings[key].key_result.period.name
        if period != cycle:
            raise click.ClickException(f"{key} is of the cycle {period}, not {cycle}")


def _print(reports: list[ObjectiveReport], text: str, following: Path | None, *, dry_run: bool, fresh: int) -> None:
    from rich.table import Table

    from views import formats

    out = console()
    for report in reports:
        judged = f"{report.score:.2f}, {report.verdict.value}" if report.score is not None and report.verdict else "-"
        out.print(f"\n[bold]{report.objective.title}[/] [dim]({report.objective.kind.value})[/] {judged}")
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for column in ("Key result", "Value", "Progress", "Suggested", "Score", "", "Note"):
            table.add_column(column)
        for view, closing in report.views:
            table.add_row(
                view.key_result.title,
                formats.value(view.check_in.value if view.check_in else None),
                formats.percent(view.progress),
                _shown(closing.suggested),
                _shown(closing.score),
                closing.outcome,
                closing.note or "",
            )
        out.print(table)
    out.print(f"\n{'Would close' if dry_run else 'Closed'} {formats.count(fresh, 'key result')}.")
    if text:
        where = f"written to {following}" if following and not dry_run else "for the next cycle"
        out.print(f"\n# carried over, {where}:\n{text}", markup=False, soft_wrap=True)


def _shown(score: Decimal | None) -> str:
    return "-" if score is None else str(score)
