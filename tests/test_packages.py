"""Every list that names our packages names all of them. A package that one list forgets is missing from the image,
or nobody checks it."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from cli.check import TOP_LEVEL
from tests.test_house import ROOT, tracked

NOT_SHIPPED = {"bench", "tests"}
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
TOOL: dict[str, Any] = PROJECT["tool"]


def on_disk() -> set[str]:
    return {path.parent.name for path in tracked() if path.name == "__init__.py" and path.parent.parent == ROOT}


def ours() -> set[str]:
    return on_disk() - NOT_SHIPPED


def contract(begins: str) -> dict[str, Any]:
    (found,) = [one for one in TOOL["importlinter"]["contracts"] if one["name"].startswith(begins)]
    return found  # type: ignore[no-any-return]


def layers() -> list[set[str]]:
    """Highest first; one in brackets may be absent yet."""
    return [set(re.findall(r"\w+", layer)) for layer in contract("One way")["layers"]]


LISTS = {
    "wheel": lambda: TOOL["hatch"]["build"]["targets"]["wheel"]["packages"],
    "sdist": lambda: [one for one in TOOL["hatch"]["build"]["targets"]["sdist"]["include"] if one.islower()],
    "image (.dockerignore)": lambda: [
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!") and "." not in line
    ],
    "types (mypy)": lambda: TOOL["mypy"]["packages"],
    "import rules": lambda: TOOL["importlinter"]["root_packages"],
    "`okrsync check`": lambda: TOP_LEVEL,
    "isort": lambda: TOOL["ruff"]["lint"]["isort"]["known-first-party"],
    "CONTRIBUTING": lambda: re.findall(r"^\| `(\w+)/` \|", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE),
}  # fmt: skip
BESIDE = {
    "sdist": {"examples"},
    "image (.dockerignore)": {"examples", "requirements", "LICENSE"},
    "types (mypy)": {"bench"},
    "isort": NOT_SHIPPED,
}
"""What else a list may name."""


@pytest.mark.parametrize("name", LISTS)
def test_the_list_names_every_package(name: str) -> None:
    named = set(LISTS[name]())

    assert ours() - named == set(), "missing in the list"
    assert named - ours() - BESIDE.get(name, set()) == set(), "no package of ours"


def test_the_import_rules_place_every_package() -> None:
    placed = set().union(*layers())

    assert ours() - placed == {"sandbox"}
    assert set(contract("The sandbox")["forbidden_modules"]) == ours() - {"sandbox"}
    assert set(contract("Nothing of okrsync")["source_modules"]) == ours() - {"sandbox", "cli"}


def test_the_picture_of_the_house_is_the_import_rule() -> None:
    (picture,) = re.findall(r"^(cli.+->.+)$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)

    assert [set(re.findall(r"\w+", part)) for part in picture.split("->")] == layers()


def test_every_connector_is_independent_of_the_others() -> None:
    folders = {path.parent.name for path in tracked() if path.match("connectors/*/spec.py")}

    assert set(contract("Connectors")["modules"]) == {f"connectors.{name}" for name in folders}


def test_the_image_holds_every_file_of_every_package(tmp_path: Path) -> None:
    """The wheel as the Dockerfile builds it: from what .dockerignore lets through."""
    context = tmp_path / "context"
    shipped = [path for path in tracked() if let_through(path.relative_to(ROOT))]
    for path in shipped:
        copy = context / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    hatchling = Path(sys.executable).with_name("hatchling")
    subprocess.run([hatchling, "build", "-t", "wheel", "-d", tmp_path], cwd=context, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")

    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    packages = {str(path.relative_to(ROOT)) for path in tracked() if path.relative_to(ROOT).parts[0] in ours()}
    examples = {f"cli/{path.relative_to(ROOT)}" for path in tracked() if path.relative_to(ROOT).parts[0] == "examples"}
    assert inside == packages | examples


def let_through(path: Path) -> bool:
    """Whether Docker sends that file to the build: the last line that fits counts."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text().split():
        pattern, kept = line.removeprefix("!"), line.startswith("!")
        places = [Path(*path.parts[: end + 1]) for end in range(len(path.parts))]
        if any(fnmatch(str(place), pattern) or fnmatch(place.name, pattern.removeprefix("**/")) for place in places):
            sent = kept
    return sent
