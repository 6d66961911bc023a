"""A glance at a workspace's files and secrets: another glance is equal for as long as nothing changed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from config.load import okr_files
from config.problems import ConfigError, Problem
from config.secrets import Secrets
from config.settings import read_settings
from config.yaml_source import read


def glance(path: Path, secrets: Secrets | None = None) -> Any:
    """To be compared, and nothing else. Secrets are read anew. Never raises."""
    file = path / "okrsync.yaml" if path.is_dir() else path
    problems: list[Problem] = []
    try:
        worker = read(file, file.parent)
        settings, connections = read_settings(worker, problems, secrets or Secrets.of(os.environ))
        found = tuple(map(_stamp, [file, *okr_files(file.parent, settings.okrs)]))
    except (ConfigError, OSError) as error:
        return str(error)
    return settings, connections, found, tuple(map(str, problems))


def _stamp(file: Path) -> tuple[Path, int, int, int]:
    stat = file.stat()
    return file, stat.st_mtime_ns, stat.st_size, stat.st_ino
