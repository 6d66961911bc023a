"""`${NAME}` in okrsync.yaml: values from the environment or from secret files, never from the file itself."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

_REFERENCE = re.compile(r"\$(?:(\$)|\{([A-Za-z_][A-Za-z0-9_]*)\})")
MOUNTED = Path("/run/secrets")
"""Where Docker and Podman mount secrets."""


class MissingVariable(LookupError):
    """The text names the variable and every place that was looked at."""


def has_reference(text: str) -> bool:
    return any(match[2] for match in _REFERENCE.finditer(text))


def fill_in(text: str, environment: Mapping[str, str]) -> str:
    """Replace each `${NAME}`; `$${` stands for `${`. Raises MissingVariable."""
    return _REFERENCE.sub(lambda match: "$" if match[1] else look_up(match[2], environment), text)


def look_up(name: str, environment: Mapping[str, str]) -> str:
    """The variable NAME; else the file that NAME_FILE names; else NAME among systemd's credentials; else NAME among
    mounted secrets. A file's last line break is not part of the value."""
    if name in environment:
        return environment[name]
    files = [Path(environment[f"{name}_FILE"])] if f"{name}_FILE" in environment else []
    if "CREDENTIALS_DIRECTORY" in environment:
        files.append(Path(environment["CREDENTIALS_DIRECTORY"]) / name)
    files.append(MOUNTED / name)
    for file in files:
        if os.access(file, os.R_OK) and file.is_file():
            return file.read_text().rstrip("\r\n")
    places = ", ".join([f"the variable {name}", f"the variable {name}_FILE", *(f"the file {file}" for file in files)])
    raise MissingVariable(f"{name} is not set; looked at {places}")
