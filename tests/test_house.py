"""The rules of the house: who may import whom, whose the package names are, what must not be committed."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from cli.check import TOP_LEVEL

ROOT = Path(__file__).parent.parent


def tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listing.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_imports_run_one_way() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout


def test_each_top_level_name_has_one_owner() -> None:
    owners = packages_distributions()

    # An editable install lists no files, so a name of ours may have no owner there; a stranger it may not have.
    assert {name: owners.get(name, ["okrsync"]) for name in TOP_LEVEL} == {name: ["okrsync"] for name in TOP_LEVEL}


def test_no_module_is_longer_than_400_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in tracked()
        if path.suffix == ".py" and (count := len(path.read_text().splitlines())) > 400
    }

    assert long == {}


def test_locks_hold_names_versions_and_hashes_only() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        for line in lock.read_text().splitlines():
            assert re.fullmatch(r"[a-z0-9._-]+==[^ ]+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?", line), (
                f"{lock.name}: {line}"
            )


def test_no_index_address_is_committed() -> None:
    address = re.compile(r"--(extra-)?index-url|/simple/?\b.*(pypi|index)|find-links\s*=", re.IGNORECASE)
    for path in tracked():
        if path != Path(__file__) and path.suffix in {".txt", ".toml", ".cfg", ".ini", ".yaml", ".yml", ""}:
            found = address.search(path.read_text(errors="ignore"))
            assert not found, f"{path.relative_to(ROOT)}: {found}"


def test_dockerfile_is_clean() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    result = subprocess.run([hadolint, "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout
