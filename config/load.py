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
    folder = root / okrs
    return sorted([*folder.glob("**/*.yaml"), *folder.glob("**/*.yml")])


def load(path: Path, secrets: Secrets | None = None) -> Workspace:
    """`path` is okrsync.yaml or the folder that holds it; `secrets` are this workspace's, by the environment unless
    given. Raises ConfigError with every problem of all files."""
    file = path / "okrsync.yaml" if path.is_dir() else path
    if not file.exists():
        fix = "Create it, or name another file with --config"
        raise ConfigError([Problem(file=file, line=0, message="this file does not exist", fix=fix)])
    problems: list[Problem] = []
    worker = read(file, file.parent)
    settings, connections = read_settings(worker, problems, secrets or Secrets.of(os.environ))
    named = named_connections(worker)
    if not isinstance(worker.data, dict):
        raise ConfigError(problems)
    folder = file.parent / settings.okrs
    found = okr_files(file.parent, settings.okrs)
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
