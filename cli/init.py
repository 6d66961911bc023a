"""`okrsync init`"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import exits, style
from cli.session import Session, pass_session
from cli.templates import around, head_of_worker, okr_files, sandbox_worker_file, worker_file, write
from cli.terminal import out

if TYPE_CHECKING:
    from importing.model import ImportedTree

IMPORTED_WORKER = """\
# What was imported stands by hand in okrs/. Add a connection for each tool, and put queries in place of the values:
# `okrsync connectors` tells what there is.
connections: {}

okrs: okrs
store: sqlite:///okrsync.sqlite
"""


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
@pass_session
def init(
    session: Session,
    folder: Path,
    departments: tuple[str, ...],
    sandbox: bool,
    viva: Path | None,
    columns: Path | None,
    table: Path | None,
) -> int:
    """Write a workspace into FOLDER: from templates, from an export of Viva Goals (.zip, .xlsx or .csv), or from a
    CSV (docs/importing.md). It overwrites nothing."""
    if viva and table:
        raise click.UsageError("write --from-viva-goals or --from-csv")
    if columns and not viva:
        raise click.UsageError("--columns goes with --from-viva-goals")
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
    from importing import okr_yaml, plain_csv, viva_goals

    tree = viva_goals.read(source, as_of=today, columns=columns) if viva else plain_csv.read(source, as_of=today)
    files = around({f"okrs/{name}": text for name, text in okr_yaml.write(tree).items()}, head + IMPORTED_WORKER)
    write(folder, files)
    _print_import(tree, folder)
    return exits.TROUBLED if tree.skipped else exits.CURRENT


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


def _print_import(tree: ImportedTree, folder: Path) -> None:
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
    for note in tree.notes:
        to.line(style.MARKS["note"], f" {note.where}: {note.text}", hang=2)
    for skipped in tree.skipped:
        to.line(style.MARKS["stale"], f" {skipped.where}: left out, {skipped.reason}", hang=2)
    to.line(f"Run `okrsync -c {folder} check`, then put queries in place of the values by hand.")
