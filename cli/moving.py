"""What another product leaves behind, written into a workspace: OKR files, and the history in its store."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.session import Session
from cli.templates import EDITOR_LINE, SCHEMAS, around, head_of_worker, write, write_new

if TYPE_CHECKING:
    from importing.model import ImportedTree, Note
    from importing.past import Past
    from mapping.day import Zone

WORKER = """\
# What was imported stands by hand in okrs/. Add a connection for each tool, and put queries in place of the values:
# `okrsync connectors` tells what there is.
connections: {}

okrs: okrs
store: sqlite:///okrsync.sqlite
"""


@dataclass(frozen=True, kw_only=True)
class There:
    """What is in the folder already: whether it is a workspace, where its OKR files are, their names, the ids in
    them."""

    is_workspace: bool
    zone: Zone
    okrs: Path
    files: frozenset[str] = field(default_factory=frozenset)
    ids: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, kw_only=True)
class Moved:
    """`notes` are of what was written and what is in the history, `values` how many values are new there."""

    files: tuple[Path, ...]
    notes: tuple[Note, ...]
    values: int
    past: Past


def what_is_there(folder: Path, machine_zone: Zone) -> There:
    """Raises ConfigError where a workspace is not whole."""
    from config.load import load
    from config.secrets import Secrets
    from config.settings import read_settings
    from config.yaml_source import read
    from mapping.day import zone_of

    file = folder / "okrsync.yaml"
    if not file.exists():
        return There(is_workspace=False, zone=machine_zone, okrs=folder / "okrs")
    settings, _ = read_settings(read(file, folder), [], Secrets.of(os.environ))
    okrs = folder / settings.okrs
    found = [*okrs.glob("**/*.yaml"), *okrs.glob("**/*.yml")]
    if not found:
        return There(is_workspace=True, zone=zone_of(settings.time_zone), okrs=okrs)
    workspace = load(folder)
    ids = {one.id for one in workspace.objectives} | set(workspace.bindings)
    names = frozenset(one.name for one in found)
    return There(is_workspace=True, zone=workspace.time_zone, okrs=okrs, files=names, ids=frozenset(ids))


def move_in(session: Session, folder: Path, known: There, tree: ImportedTree, *, source: str, file: Path) -> Moved:
    """Nothing that is there is overwritten; what is in the store already is not written twice. The files go first, so
    that running it again completes what is missing. Raises ConfigError, StoreError, click.ClickException."""
    from config.load import load
    from importing.past import past_of
    from sync.owner import owner_of
    from sync.store.store import Store
    from sync.who import system_user, user

    ids, files, notes = _write(folder, known, tree)
    workspace = load(folder)
    details = {"file": file.name, "system": system_user()}
    past = past_of(tree, ids, workspace, source=source, by=user(), at=session.clock(), details=details)
    store = Store.open(workspace.store, owner_of(workspace))
    try:
        values = store.people.move_in(past.check_ins, past.actions, past.closings, past.about)
    finally:
        store.close()
    return Moved(files=files, notes=(*tree.notes, *notes, *past.left_out), values=values, past=past)


def _write(folder: Path, known: There, tree: ImportedTree) -> tuple[dict[str, str], tuple[Path, ...], list[Note]]:
    """The ids by key, the files, and what is to be said of the ids."""
    from importing import okr_yaml
    from importing.model import Note
    from importing.slugs import ids_of

    notes: list[Note] = []
    ids = ids_of(tree)
    texts = okr_yaml.write(tree, ids)
    if not known.is_workspace:
        worker = head_of_worker(folder, known.zone) + WORKER
        write(folder, around({f"okrs/{name}": text for name, text in texts.items()}, worker))
    elif not all(_is_there(known.okrs / name, text) for name, text in texts.items()):
        if set(ids.values()) <= known.ids:
            raise click.ClickException(
                f"All that is in this file is in {folder} already; nothing was written. To import it again, remove "
                f"what it became from {known.okrs} first."
            )

        def clash(old: str, new: str) -> None:
            notes.append(Note(where=old, text=f"is an id of this workspace already: here it is {new}"))

        ids = ids_of(tree, known.ids, clash)
        texts = okr_yaml.write(tree, ids, known.files)
        line = f"{EDITOR_LINE}{os.path.relpath(folder / SCHEMAS['okrs'], known.okrs)}\n"
        has_schema = (folder / SCHEMAS["okrs"]).exists()
        write_new(known.okrs, {name: line + text if has_schema else text for name, text in texts.items()})
    return ids, tuple(known.okrs / name for name in texts), notes


def _is_there(file: Path, text: str) -> bool:
    return file.is_file() and file.read_text(encoding="utf-8").endswith(text)


def with_next(tree: ImportedTree, into: tuple[str, ...], known: There, session: Session) -> ImportedTree:
    """The tree with what goes on in each of these cycles. Raises click.UsageError."""
    from importing.model import Period
    from importing.onward import carried, last_before
    from importing.slugs import ids_of
    from mapping.day import day_of
    from mapping.errors import MappingError
    from mapping.model import parse_cycle

    made, today = tree, day_of(session.clock(), known.zone)
    for name in into:
        try:
            cycle = parse_cycle(name)
        except MappingError as error:
            raise click.UsageError(f"--into: {error}") from None
        if cycle.end < today:
            raise click.UsageError(f"--into: {name} ended on {cycle.end}. Name the cycle that runs, or the next one.")
        period = Period(name=cycle.name, start=cycle.start, end=cycle.end, is_calendar=True)
        last = last_before(tree, period)
        if last is None:
            raise click.UsageError(f"--into: nothing in the file ended before {name} begins on {cycle.start}.")
        carried_on = carried(tree, ids_of(tree), last, period)
        made = made.joined(carried_on)
    return made
