"""Prints docs/licences.md: the licence of each library in the lock, as the library itself declares it.

Run it where the lock is installed: `make licences`.
"""

from __future__ import annotations

import re
from importlib.metadata import PackageMetadata, metadata
from pathlib import Path

LOCK = Path(__file__).parent.parent / "requirements" / "run.txt"
_CLASSIFIER = "License :: "
_LINE = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;]+)(?:\s*;\s*(.*?))?\s*\\?$", re.MULTILINE)


def main() -> None:
    print("# Licences\n")
    print("What the image contains beside Python and its base system, from `requirements/run.txt`. `make licences`")
    print("writes this page. `make sbom` writes the same list with hashes as CycloneDX.\n")
    print("| library | version | licence | only |\n| --- | --- | --- | --- |")
    for name, version, marker in locked():
        print(f"| {name} | {version} | {licence_of(metadata(name))} | {marker} |")


def locked() -> list[tuple[str, str, str]]:
    """Name, version and marker of each library in the lock. One that this platform lacks is left out."""
    found = [(name, version, marker or "") for name, version, marker in _LINE.findall(LOCK.read_text())]
    return [one for one in found if "win32" not in one[2]]


def licence_of(about: PackageMetadata) -> str:
    """The SPDX expression where there is one; else the classifiers; else the first line of the old field."""
    if expression := about.get("License-Expression"):
        return str(expression)
    classified = [
        text.removeprefix(_CLASSIFIER).removeprefix("OSI Approved :: ")
        for text in about.get_all("Classifier") or ()
        if text.startswith(_CLASSIFIER)
    ]
    named = [text for text in classified if text != "OSI Approved"]
    return ", ".join(named) or str(about.get("License") or "not declared").splitlines()[0][:80]


if __name__ == "__main__":
    main()
