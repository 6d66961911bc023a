"""Loads a workspace: okrsync.yaml and the OKR files, checked together."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.binding import Binding
from config.cache import Kept
from config.destinations import Publication
from config.problems import ConfigError, Problem
from config.queries import Metric, unconfigured_connection
from config.resolve import Resolver
from config.secrets import Secrets
from config.serving import NOT_NAMED, Serving, serving_of
from config.settings import Connection, WebhookSettings, named_connections, read_settings, store_address
from config.yaml_source import read
from mapping.cycles import Calendar
from mapping.day import Zone, zone_of
from mapping.model import KeyResult, Objective

MOST_ENTRIES = 20_000
"""What a folder of OKR files may hold, so that a wrong one is not walked through for minutes."""
LONGEST = 200
OKRS_FIX = "Set `okrs:` in okrsync.yaml to the folder of the OKR files"

__all__ = ["Binding", "Connection", "Metric", "Publication", "Workspace", "load"]


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """All that the operator wrote, checked. `bindings` holds every key result, KPI and initiative that has a
    source, by its id. `time_zone` is the one whose days count, UTC where nobody names one."""

    name: str
    time_zone: Zone
    names_time_zone: bool
    calendar: Calendar
    language: str
    public_url: str | None
    root: Path
    store: str = field(repr=False)
    deadline: float
    webhooks: WebhookSettings
    connections: Mapping[str, Connection]
    objectives: tuple[Objective, ...]
    kpis: tuple[KeyResult, ...]
    bindings: Mapping[str, Binding]
    publications: tuple[Publication, ...] = ()
    files: tuple[Path, ...]
    serving: Serving = NOT_NAMED


def _unusable(named: set[str], connections: Mapping[str, Connection], problems: list[Problem]) -> set[str]:
    """Connections that are wrong themselves. Where none is named, something else in the file may be why."""
    return named - connections.keys() if named or not problems else {"any"}


def okr_files(root: Path, okrs: str) -> list[Path]:
    """None of a hidden folder, such as .git and what Kubernetes keeps beside a mounted ConfigMap. Raises ConfigError
    where the folder can't be one of OKRs, or can't be looked into."""
    folder = root / okrs
    found: list[Path] = []
    seen = 0
    try:
        whole = folder.resolve()
        if whole == whole.parent:
            raise _no_folder(folder, "this is the root of the file system")
        folder.stat()
        for at, folders, files in os.walk(folder):
            seen += 1 + len(files)
            if seen > MOST_ENTRIES:
                raise _no_folder(folder, f"this folder contains more than {MOST_ENTRIES:,} files and folders")
            folders[:] = [name for name in folders if not name.startswith(".")]
            found += [Path(at, name) for name in (*files, *folders) if name.endswith((".yaml", ".yml"))]
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise ConfigError([_unreadable(folder, error, OKRS_FIX)]) from None
    return sorted(found)


def _no_folder(folder: Path, message: str) -> ConfigError:
    return ConfigError([Problem(file=folder, line=0, message=message, fix=OKRS_FIX)])


def _unreadable(path: Path, error: OSError | ValueError, fix: str) -> Problem:
    said = (error.strerror if isinstance(error, OSError) else None) or str(error)
    shown = path if len(str(path)) <= LONGEST else Path(f"{str(path)[:LONGEST]}...")
    return Problem(file=shown, line=0, message=f"this path can't be used: {said.lower()}", fix=fix)


def load(path: Path, secrets: Secrets | None = None) -> Workspace:
    """`path` is okrsync.yaml or the folder that holds it; `secrets` are this workspace's, by the environment unless
    given. Raises ConfigError with every problem of all files."""
    fix = "Create it, or name another file with --config"
    try:
        file = path / "okrsync.yaml" if path.is_dir() else path
        there = file.exists()
    except (OSError, ValueError) as error:
        raise ConfigError([_unreadable(path, error, "Name okrsync.yaml or its folder with --config")]) from None
    if not there:
        raise ConfigError([Problem(file=file, line=0, message="this file does not exist", fix=fix)])
    problems: list[Problem] = []
    worker = read(file, file.parent)
    settings, connections = read_settings(worker, problems, secrets or Secrets.of(os.environ))
    named = named_connections(worker)
    if not isinstance(worker.data, dict):
        raise ConfigError(problems)
    folder = file.parent / settings.okrs
    try:
        found = okr_files(file.parent, settings.okrs)
    except ConfigError as error:
        raise ConfigError([*problems, *error.problems]) from None
    if not found:
        fix = "Put at least one *.yaml there, or set `okrs:` in okrsync.yaml"
        problems.append(Problem(file=folder, line=0, message="this folder contains no OKR files", fix=fix))
    calendar = Calendar(
        first_month=settings.fiscal_year_start, named_by=settings.fiscal_year_named, weeks=settings.weeks
    )
    serving = serving_of(settings, file.parent)
    kept = None if problems else Kept(file.parent, folder, found, settings, connections)
    known, configured = kept.read() if kept else None, set(connections)
    if known is None:
        resolver = Resolver(connections, problems, _unusable(named, connections, problems), calendar, serving)
        for okr_file in found:
            try:
                resolver.add(read(okr_file, folder))
            except ConfigError as error:
                problems += error.problems
        known = *resolver.resolve(), tuple(resolver.publications), tuple(connections.keys() - configured)
        if problems:
            raise ConfigError(problems)
        if kept:
            kept.write(*known)
    objectives, kpis, bindings, publications, unconfigured = known
    connections |= {name: unconfigured_connection(name) for name in unconfigured}
    return Workspace(
        name=settings.workspace or file.parent.resolve().name,
        time_zone=zone_of(settings.time_zone),
        names_time_zone="time_zone" in settings.model_fields_set,
        calendar=calendar,
        language=settings.language,
        public_url=settings.public_url,
        root=file.parent,
        store=store_address(settings.store, file.parent),
        deadline=settings.deadline,
        webhooks=settings.webhooks,
        connections=connections,
        objectives=objectives,
        kpis=kpis,
        bindings=bindings,
        publications=publications,
        files=(file, *found),
        serving=serving,
    )
