"""`${NAME}` in okrsync.yaml: values from the environment or from secret files, never from the file itself.

Which variables and files a workspace may name is settled by whoever runs okrsync, not by its YAML: with a prefix,
`${X}` is the variable of that prefix and X, and no other; with a folder, it is the file X in there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

REFERENCE = re.compile(r"\$(?:(\$)|\{([A-Za-z_][A-Za-z0-9_]*)\})")
MOUNTED = Path("/run/secrets")
"""Where Docker and Podman mount secrets."""
MOST_BYTES = 256 * 1024
PREFIX, FOLDER = "OKRSYNC_SECRET_PREFIX", "OKRSYNC_SECRETS_DIR"


class MissingSecret(LookupError):
    """The text names the variable, every place that was looked at, and what is wrong there."""


def has_reference(text: str) -> bool:
    return bool(references(text))


def references(text: str) -> list[str]:
    return [match[2] for match in REFERENCE.finditer(text) if match[2]]


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """Where one workspace's secrets come from."""

    environment: Mapping[str, str] = field(repr=False)
    prefix: str = ""
    folder: Path | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        folder = environment.get(FOLDER)
        return cls(environment=environment, prefix=environment.get(PREFIX, ""), folder=Path(folder) if folder else None)

    def fill_in(self, text: str) -> tuple[str, dict[str, str]]:
        """The text with each `${NAME}` replaced, and what each name stood for; `$${` stands for `${`. Raises
        MissingSecret."""
        used: dict[str, str] = {}

        def replaced(match: re.Match[str]) -> str:
            if match[1]:
                return "$"
            return used.setdefault(match[2], self.look_up(match[2]))

        return REFERENCE.sub(replaced, text), used

    def look_up(self, name: str) -> str:
        """The variable; else the file that the variable with _FILE names; else the file of that name among the
        workspace's secrets, or systemd's credentials and mounted ones. A file's last line break is not part of it."""
        looked: list[str] = []
        empty: list[str] = []
        for place, value in self._places(name):
            if value:
                return value
            (empty if value is not None else looked).append(place)
        if empty:
            raise MissingSecret(f"{name} is empty: see {', '.join(empty)}")
        raise MissingSecret(f"{name} is not set; looked at {', '.join(looked)}")

    def may_read(self, file: Path) -> bool:
        """Whether an option of a connection may name that file."""
        return self.folder is None or file.resolve().is_relative_to(self.folder.resolve())

    def _places(self, name: str) -> Iterator[tuple[str, str | None]]:
        """Each place, and what is there: None where there is nothing."""
        own = f"{self.prefix}{name}"
        files = [self.folder / name] if self.folder else []
        if self.prefix or not self.folder:
            yield f"the variable {own}", self.environment.get(own)
            named = self.environment.get(f"{own}_FILE")
            yield f"the variable {own}_FILE", None
            files[:0] = [Path(named)] if named else []
        if not self.folder:
            credentials = self.environment.get("CREDENTIALS_DIRECTORY")
            files += [Path(credentials) / own] if credentials else []
            files.append(MOUNTED / own)
        for file in files:
            yield f"the file {file}", _content(name, file)


def _content(name: str, file: Path) -> str | None:
    """None where this file does not exist, or none for us. Raises MissingSecret for what can be no secret."""
    try:
        if not os.access(file, os.R_OK) or not file.is_file():
            return None
        if file.stat().st_size > MOST_BYTES:
            raise MissingSecret(
                f"{name} can't be read from the file {file}, because it is larger than {MOST_BYTES:,} bytes"
            )
        return file.read_bytes()[:MOST_BYTES].decode("utf-8-sig").rstrip("\r\n")
    except (OSError, ValueError):
        raise MissingSecret(f"{name} can't be read from the file {file}: it is not UTF-8 text") from None
