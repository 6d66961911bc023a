"""`okrsync init`"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import exits
from cli.session import Session, console, pass_session

if TYPE_CHECKING:
    from importing.model import ImportedTree
    from mapping.day import Zone

COMPANY = "company"
WORKER = "okrsync.yaml"
IMPORTED_WORKER = """\
# What was imported stands by hand in okrs/. Add a connection for each tool, and put queries in place of the values:
# `okrsync connectors` tells what there is.
connections: {}

okrs: okrs
store: sqlite:///okrsync.sqlite
"""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--department", "departments", multiple=True, help="A template; all of them if none is named.")
@click.option("--from-viva-goals", "viva", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--columns", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Its column map, in YAML."
)
@click.option("--from-csv", "table", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@pass_session
def init(
    session: Session,
    folder: Path,
    departments: tuple[str, ...],
    viva: Path | None,
    columns: Path | None,
    table: Path | None,
) -> int:
    """Write a workspace into FOLDER: from templates, from an export of Viva Goals (.zip, .xlsx or .csv), or from a
    CSV (docs/importing.md). Nothing that is there is overwritten."""
    if viva and table:
        raise click.UsageError("write --from-viva-goals or --from-csv")
    if columns and not viva:
        raise click.UsageError("--columns goes with --from-viva-goals")
    from mapping.day import day_of
    from sync.clock import machine_zone

    zone = machine_zone()
    head = _head(folder, zone)
    today = day_of(session.clock(), zone)
    source = viva or table
    if source is None:
        files = _templates(departments, today)
        files[WORKER] = head + files[WORKER]
        _write(folder, files)
        _print_next(folder, files)
        return exits.CURRENT
    if departments:
        raise click.UsageError("--department is for templates")
    from importing import okr_yaml, plain_csv, viva_goals

    tree = viva_goals.read(source, as_of=today, columns=columns) if viva else plain_csv.read(source, as_of=today)
    files = {WORKER: head + IMPORTED_WORKER, **{f"okrs/{name}": text for name, text in okr_yaml.write(tree).items()}}
    _write(folder, files)
    _print_import(tree, folder)
    return exits.TROUBLED if tree.skipped else exits.CURRENT


def _head(folder: Path, zone: Zone) -> str:
    """What is the workspace's own: its name, and the time zone of this machine."""
    name = json.dumps(folder.resolve().name or "okrs", ensure_ascii=False)
    return f"workspace: {name}\ntime_zone: {zone.key}    # a day is a day there\n\n"


def _templates(departments: tuple[str, ...], today: date) -> dict[str, str]:
    from cli.demo import examples
    from config.suggest import did_you_mean

    known = {file.stem: file for file in sorted((examples() / "okrs").glob("*.yaml"))}
    for name in departments:
        if name not in known:
            others = ", ".join(one for one in known if one != COMPANY)
            raise click.ClickException(f"there is no template {name!r}. {did_you_mean(name, known) or others}")
    chosen = {COMPANY, *departments} if departments else set(known)
    files = {f"okrs/{name}.yaml": _of_this_quarter(known[name].read_text(), today) for name in known if name in chosen}
    worker = (examples() / "okrsync.yaml").read_text()
    # The stand-ins need addresses of their own for Graph; Microsoft's are the default.
    worker = re.sub(r"\n    (?:login_)?url: \$\{GRAPH_URL\}[^\n]*", "", worker)
    return {WORKER: worker, **files}


def _of_this_quarter(text: str, today: date) -> str:
    """The templates in the cycles of today; their tests name days of their own and are left out."""
    text = re.sub(r"\n        tests:(?:\n          - [^\n]*)+", "", text)
    quarter = f"{today.year}-Q{(today.month + 2) // 3}"
    return re.sub(r'(cycle: )"2026"', rf'\g<1>"{today.year}"', text.replace("cycle: 2026-Q4", f"cycle: {quarter}"))


def _write(folder: Path, files: Mapping[str, str]) -> None:
    there = [name for name in files if (folder / name).exists()]
    if there:
        raise click.ClickException(f"{folder / there[0]} is there already; nothing was written. Name another folder.")
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _print_next(folder: Path, files: Mapping[str, str]) -> None:
    out = console()
    for name in files:
        out.print(f"[green]✓[/] {folder / name}", markup=True)
    wanted = sorted(set(re.findall(r"\$\{(\w+)\}", files[WORKER])))
    out.print(f"\nSet {', '.join(wanted)}, edit the files, then run `okrsync -c {folder} check`.", soft_wrap=True)


def _print_import(tree: ImportedTree, folder: Path) -> None:
    from views import formats

    out = console()
    measured = sum(len(one.key_results) for one in tree.objectives)
    initiatives = sum(len(one.initiatives) for one in tree.objectives)
    out.print(
        f"[green]✓[/] {formats.count(len(tree.objectives), 'objective')}, {formats.count(measured, 'key result')}, "
        f"{formats.count(initiatives, 'initiative')} and {formats.count(len(tree.kpis), 'KPI')} written to {folder}"
    )
    for note in tree.notes:
        out.print(f"[yellow]·[/] {note.where}: ", end="")
        out.print(note.text, markup=False, soft_wrap=True)
    for skipped in tree.skipped:
        out.print(f"[red]![/] {skipped.where}: ", end="")
        out.print(f"left out, {skipped.reason}", markup=False, soft_wrap=True)
    out.print(f"Run `okrsync -c {folder} check`, then put queries in place of the values by hand.")
