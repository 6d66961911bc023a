"""What a release brings along: the bill of materials, the licences, the pinned base image, and who runs in it."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.main import COMMANDS
from sync import who
from tests.test_house import ROOT

LOCK = ROOT / "requirements" / "run.txt"
LOCKED = dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;]+)", LOCK.read_text(), re.MULTILINE))


def test_the_licence_list_is_that_of_the_lock() -> None:
    program = [sys.executable, ROOT / "deploy" / "licences.py"]
    made = subprocess.run(program, check=True, capture_output=True, text=True).stdout

    assert (ROOT / "docs" / "licences.md").read_text() == made, "run `make licences`"
    assert "not declared" not in made
    assert not re.search(r"\bA?GPL", made.replace("LGPL", "")), "a licence that would bind those who use okrsync"


def test_the_bill_of_materials_names_the_whole_lock_with_hashes(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("cyclonedx-py")
    made = tmp_path / "okrsync.cdx.json"
    subprocess.run(
        [program, "requirements", LOCK, "--pyproject", ROOT / "pyproject.toml", "--spec-version", "1.6", "-o", made],
        check=True,
        capture_output=True,
    )

    bill = json.loads(made.read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "okrsync"
    assert {one["name"]: one["version"] for one in bill["components"]} == LOCKED
    assert all(one["externalReferences"][0]["hashes"] for one in bill["components"])


def test_the_base_image_is_pinned_to_what_the_registry_says(tmp_path: Path) -> None:
    digest = "sha256:" + "0123456789abcdef" * 4
    _checkout(tmp_path, f"echo {digest}")

    subprocess.run(["deploy/pin-base"], cwd=tmp_path, env=_path(tmp_path), check=True, capture_output=True)
    subprocess.run(["deploy/pin-base"], cwd=tmp_path, env=_path(tmp_path), check=True, capture_output=True)

    first = (tmp_path / "Dockerfile").read_text().splitlines()
    assert f"ARG BASE=docker.io/library/python:3.13-slim-trixie@{digest}" in first


def test_no_digest_is_written_where_the_registry_gives_none(tmp_path: Path) -> None:
    _checkout(tmp_path, "echo denied")
    before = (tmp_path / "Dockerfile").read_text()

    ran = subprocess.run(["deploy/pin-base"], cwd=tmp_path, env=_path(tmp_path), check=False, capture_output=True)

    assert ran.returncode == 1
    assert (tmp_path / "Dockerfile").read_text() == before


def _checkout(folder: Path, skopeo: str) -> None:
    (folder / "deploy").mkdir()
    (folder / "bin").mkdir()
    shutil.copy(ROOT / "deploy" / "pin-base", folder / "deploy")
    shutil.copy(ROOT / "Dockerfile", folder)
    program = folder / "bin" / "skopeo"
    program.write_text(f"#!/bin/sh\n{skopeo}\n")
    program.chmod(0o755)


def _path(folder: Path) -> dict[str, str]:
    return {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}


def test_a_user_without_a_passwd_entry_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(uid: int) -> None:
        raise KeyError(uid)

    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    monkeypatch.setattr("os.getuid", lambda: 10001)

    assert who.user() == "uid 10001"
    assert who.system_user().startswith("uid 10001@")


def test_the_environment_does_not_change_who_the_system_says_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    before = who.system_user()
    monkeypatch.setenv("LOGNAME", "ceo")

    assert who.user() == "ceo"
    assert who.system_user() == before


def test_the_image_is_tried_with_every_command() -> None:
    tried = load_by_path(ROOT / "deploy" / "image_test.py")
    words = {word for arguments in (*(one for one, _ in tried.COMMANDS), *tried.SERVING) for word in arguments}

    assert {command.name for command in COMMANDS} <= words


def load_by_path(file: Path) -> Any:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
