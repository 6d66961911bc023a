"""The files of a new workspace, from the templates under examples/."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.sandbox import FIRST_PORT

if TYPE_CHECKING:
    from mapping.day import Zone

COMPANY = "company"
EDITOR_LINE = "# yaml-language-server: $schema="
SCHEMAS = {"okrs": "okrs.schema.json", "worker": "okrsync.schema.json"}


def examples() -> Path:
    """The templates: beside the packages in a checkout, inside this one where okrsync is installed."""
    installed = Path(__file__).parent / "examples"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "examples"


def sample_okr_files(today: date) -> dict[str, str]:
    """The OKRs of the sample company."""
    files = sorted((examples() / "okrs").glob("*.yaml"))
    return {f"okrs/{file.name}": _of_this_quarter(file.read_text(encoding="utf-8"), today) for file in files}


def okr_files(departments: tuple[str, ...], today: date) -> dict[str, str]:
    """The OKR files of these departments, and of the company that they serve; all if none is named. Raises
    click.ClickException for a department without a template."""
    from config.suggest import did_you_mean

    known = {file.stem: file for file in sorted((examples() / "gallery").glob("*.yaml"))}
    for name in departments:
        if name not in known:
            others = ", ".join(one for one in known if one != COMPANY)
            raise click.ClickException(f"there is no template {name!r}. {did_you_mean(name, known) or others}")
    chosen = {COMPANY, *departments} if departments else set(known)
    return {
        f"okrs/{name}.yaml": _of_this_quarter(known[name].read_text(encoding="utf-8"), today)
        for name in known
        if name in chosen
    }


def around(okrs: dict[str, str], worker: str) -> dict[str, str]:
    """All files of a workspace with these OKR files: what git ignores, first steps, checks for pull requests, and the
    schemas that editors read. `worker` is the text of okrsync.yaml."""
    from config.schema import json_schema

    templates = examples() / "workspace"
    schemas = {file: json.dumps(json_schema(kind), indent=2) + "\n" for kind, file in SCHEMAS.items()}
    return {
        "okrsync.yaml": f"{EDITOR_LINE}{SCHEMAS['worker']}\n{worker}",
        **{name: f"{EDITOR_LINE}../{SCHEMAS['okrs']}\n{text}" for name, text in okrs.items()},
        **schemas,
        "README.md": (templates / "README.md").read_text(encoding="utf-8"),
        ".gitignore": (templates / "gitignore").read_text(encoding="utf-8"),
        ".github/workflows/okrs.yaml": (templates / "workflow.yaml").read_text(encoding="utf-8"),
    }


def head_of_worker(folder: Path, zone: Zone) -> str:
    """What is the workspace's own: its name, and its time zone."""
    name = json.dumps(folder.resolve().name or "okrs", ensure_ascii=False)
    return f"workspace: {name}\ntime_zone: {zone.key}    # a day is a day there\n\n"


def worker_file() -> str:
    return (examples() / "workspace" / "okrsync.yaml").read_text(encoding="utf-8")


def sandbox_worker_file(port: int = FIRST_PORT) -> str:
    """`port` is the first of the stand-ins' three."""
    text = (examples() / "workspace" / "sandbox.yaml").read_text(encoding="utf-8")
    for offset in range(3):
        text = text.replace(f":{FIRST_PORT + offset}", f":{port + offset}")
    return text


def write(folder: Path, files: dict[str, str]) -> None:
    """Raises click.ClickException, and writes nothing, where one of them is there already."""
    there = [name for name in files if (folder / name).exists()]
    if there:
        raise click.ClickException(f"{folder / there[0]} is there already; nothing was written. Name another folder.")
    write_new(folder, files)


def write_new(folder: Path, files: dict[str, str]) -> None:
    """Each of them appears whole, or not at all."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f".{file.name}.part")
        part.write_text(text, encoding="utf-8")
        part.replace(file)


def _of_this_quarter(text: str, today: date) -> str:
    """The templates in the cycles of today; their tests name days of their own and are left out."""
    text = re.sub(r"\n        tests:(?:\n          - [^\n]*)+", "", text)
    quarter = f"{today.year}-Q{(today.month + 2) // 3}"
    return re.sub(r'(cycle: )"2026"', rf'\g<1>"{today.year}"', text.replace("cycle: 2026-Q4", f"cycle: {quarter}"))
