"""`okrsync init`"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import exits, style
from cli.session import Session, pass_session
from cli.templates import around, head_of_worker, okr_files, sandbox_worker_file, worker_file, write
from cli.terminal import out

if TYPE_CHECKING:
    from cli.moving import Moved
    from importing.model import ImportedTree


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--department", "departments", multiple=True, help="Use this template. Without it, all of them are used.")
@click.option("--sandbox", is_flag=True, help="Connect it to the stand-ins that `okrsync sandbox` runs.")
@click.option("--from-viva-goals", "viva", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--columns",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The column map of the export, in YAML.",
)
@click.option("--from-csv", "table", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--into",
    multiple=True,
    metavar="CYCLE",
    help="Begin this cycle, as 2026-Q4, with what the last imported one did not reach.",
)
@pass_session
def init(
    session: Session,
    folder: Path,
    departments: tuple[str, ...],
    sandbox: bool,
    viva: Path | None,
    columns: Path | None,
    table: Path | None,
    into: tuple[str, ...],
) -> int:
    """Write a workspace into FOLDER: from templates, from an export of Viva Goals (.zip, .xlsx or .csv), or from a
    CSV (docs/importing.md). An import also goes into a workspace that is there already. It overwrites nothing."""
    if viva and table:
        raise click.UsageError("write --from-viva-goals or --from-csv")
    if columns and not viva:
        raise click.UsageError("--columns goes with --from-viva-goals")
    if into and not (viva or table):
        raise click.UsageError("--into goes with --from-viva-goals or --from-csv")
    from mapping.day import day_of
    from sync.clock import machine_zone

    zone = machine_zone()
    head = head_of_worker(folder, zone)
    today = day_of(session.clock(), zone)
    source = viva or table
    if source is None:
        worker = sandbox_worker_file() if sandbox else worker_file()
        files = around(okr_files(departments, today), head + worker)
        write(folder, files)
        _print_next(folder, files, sandbox=sandbox)
        return exits.CURRENT
    if departments or sandbox:
        raise click.UsageError(f"--{'department' if departments else 'sandbox'} is for templates")
    from cli.moving import move_in, what_is_there, with_next
    from importing import plain_csv, viva_goals

    known = what_is_there(folder, zone)
    today = day_of(session.clock(), known.zone)
    tree = viva_goals.read(source, as_of=today, columns=columns) if viva else plain_csv.read(source, as_of=today)
    tree = with_next(tree, into, known, session)
    said_by = "Viva Goals" if viva else source.name
    moved = move_in(session, folder, known, tree, source=said_by, file=source)
    _print_import(tree, moved, folder)
    return exits.TROUBLED if tree.lost else exits.CURRENT


def _print_next(folder: Path, files: Mapping[str, str], *, sandbox: bool) -> None:
    to = out()
    for name in files:
        to.whole(style.MARKS["good"], f" {folder / name}")
    to.blank()
    if sandbox:
        to.line(f"Run `okrsync sandbox` in another terminal, then `okrsync -c {folder} sync`.")
        return
    wanted = sorted(set(re.findall(r"^[^#\n]*\$\{(\w+)\}", files["okrsync.yaml"], re.MULTILINE)))
    to.line(f"Edit okrsync.yaml, set {', '.join(wanted)}, then run `okrsync -c {folder} check --connect`.")


def _print_import(tree: ImportedTree, moved: Moved, folder: Path) -> None:
    from views import formats

    to = out()
    measured = sum(len(one.key_results) for one in tree.objectives)
    initiatives = sum(len(one.initiatives) for one in tree.objectives)
    to.line(
        style.MARKS["good"],
        f" {formats.count(len(tree.objectives), 'objective')}, {formats.count(measured, 'key result')}, "
        f"{formats.count(initiatives, 'initiative')} and {formats.count(len(tree.kpis), 'KPI')} written to {folder}",
        hang=2,
    )
    to.line(
        style.MARKS["good"],
        f" {formats.count(moved.values, 'value')}, {formats.count(len(moved.past.actions), 'note')} and "
        f"{formats.count(len(moved.past.closings), 'score')} in the history",
        hang=2,
    )
    for note in moved.notes:
        to.line(style.MARKS["note"], f" {note.where}: {note.text}", hang=2)
    for skipped in tree.skipped:
        to.line(style.MARKS["stale"], f" {skipped.where}: left out, {skipped.reason}", hang=2)
    to.blank()
    cycles = tree.periods()
    if cycles:
        name = shlex.quote(cycles[-1].name)
        to.line(f"Run `okrsync -c {folder} show --cycle {name}` to see it, then put queries in place of the values.")
