"""Whoever reads the first line only, as `okrsync show | head -1`, is told of no defect, and the command's work is done."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.main import run
from tests.sync.conftest import AT

OKRS = """
cycle: 2026-Q4
objectives:
  - id: grow
    title: Grow
    key_results:
      - {id: sales, title: Sales, start: 1, target: 9, value: {memory: a}}
      - {id: lost, title: Lost, start: 1, target: 9, value: {memory: none}}
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pipe")
    (folder / "okrs").mkdir()
    (folder / "okrsync.yaml").write_text("connections:\n  memory: {values: {a: 5}}\n")
    (folder / "okrs" / "a.yaml").write_text(OKRS)
    assert run(["-c", str(folder), "sync"], clock=lambda: AT) == 4
    return folder


def left_alone(*command: str) -> tuple[int, str]:
    """The code and the standard error of a command whose standard output nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        script = "from cli.main import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", script, *command], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(writing)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["--help"], 0),
        (["schema"], 0),
        (["show", "--cycle", "all"], 0),
        (["show", "--json", "--cycle", "all"], 0),
        (["export"], 0),
        (["check-in", "sales", "--value", "6"], 0),
    ],
)
def test_a_closed_pipe_is_no_defect(workspace: Path, command: list[str], code: int) -> None:
    assert left_alone("-c", str(workspace), *command) == (code, "")


def test_the_code_is_that_of_what_was_done(workspace: Path) -> None:
    code, told = left_alone("-c", str(workspace), "plan", "--json")

    assert code in (0, 4)
    assert "defect" not in told
    assert "Traceback" not in told
