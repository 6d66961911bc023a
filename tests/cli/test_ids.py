"""Ids of objectives, what runs, files that are one's own, and completion in the shell."""

from __future__ import annotations

import json
import os
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.shell_completion import ShellComplete

from cli.main import cli, run
from tests.cli.test_commands import Ran
from tests.sync.conftest import AT

OKRS = """
cycle: 2026-Q4
objectives:
  - id: grow
    title: Grow
    owner: ada@contoso.com
    key_results:
      - {id: sales, title: Sales, start: 1, target: 9, value: {memory: a}}
      - {id: calls, title: Calls, start: 1, target: 9, value: {memory: b}}
  - id: keep
    title: Keep
    level: company
    key_results:
      - {id: churn, title: Churn, start: 9, target: 2, value: {memory: a}}
  - {id: idle, title: Idle}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okrsync.yaml").write_text("connections:\n  memory: {values: {a: 5, b: 6}}\n")
    (tmp_path / "okrs" / "a.yaml").write_text(OKRS)
    return tmp_path


@pytest.fixture
def okrsync(folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: str, days: int = 0) -> Ran:
        capsys.readouterr()
        code = run(["-c", str(folder), *arguments], clock=lambda: AT + timedelta(days=days))
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return call


def test_an_objective_stands_for_its_key_results(okrsync: Any) -> None:
    assert [one["key_result"] for one in okrsync("plan", "grow", "--json").json["key_results"]] == ["sales", "calls"]
    assert [one["key_result"] for one in okrsync("sync", "grow", "sales", "--json").json["key_results"]] == [
        "sales",
        "calls",
    ]
    explained = okrsync("explain", "grow", "--json").json
    assert [one["key_result"] for one in explained["key_results"]] == ["sales", "calls"]
    assert [(one["id"], one["share"]) for one in explained["parts"]] == [("sales", "0.5"), ("calls", "0.5")]
    assert "the mean of its parts by share" in okrsync("explain", "grow").out
    assert {one["key_result"] for one in okrsync("history", "grow", "--json").json} == {"sales", "calls"}
    lines = okrsync("export", "grow", "--format", "jsonl").out.splitlines()
    assert {json.loads(line)["key_result"] for line in lines} == {"sales", "calls"}
    assert [one["id"] for one in okrsync("show", "grow", "--json").json["objectives"]] == ["grow"]


def test_one_key_result_is_still_one(okrsync: Any) -> None:
    okrsync("sync")

    assert okrsync("explain", "sales", "--json").json["key_result"] == "sales"
    assert "Sales" in okrsync("show", "sales").out
    assert "Calls" not in okrsync("show", "sales").out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("check-in", "grow", "--value", "1"), "'grow' is an objective. Name one of its key results: sales, calls"),
        (("explain", "grwo"), "No key result and no objective has the id 'grwo'. Did you mean 'grow'?"),
        (("sync", "idle"), "The objective 'idle' has no key result with a source."),
        (("show", "--objective", "kep"), "No objective has the id 'kep'."),
        (("show", "--cycle", "2026-Q5"), "There is no cycle '2026-Q5'."),
    ],
)
def test_an_id_that_does_not_fit(okrsync: Any, arguments: tuple[str, ...], told: str) -> None:
    ran = okrsync(*arguments)

    assert ran.code == 2
    assert told in ran.err


def test_a_job_whose_cycles_are_over_is_told(okrsync: Any) -> None:
    assert okrsync("sync", "--require-active").code == 0

    later = okrsync("sync", days=200)
    assert later.code == 0
    assert "Nothing is running" in later.out
    assert "The last cycle, 2026-Q4, ends on 31 December 2026." in later.out
    assert okrsync("sync", "--require-active", days=200).code == 7
    assert okrsync("plan", "--require-active", "--exit-code", days=200).code == 7
    assert "No cycle is running on" in okrsync("show", days=200).out
    assert "2026-Q4" in okrsync("show", "--cycle", "2026-Q4", days=200).out
    assert "진행 중인 주기가 없습니다" in okrsync("show", "--lang", "ko", days=200).out


def test_show_speaks_the_language_of_the_workspace(okrsync: Any, folder: Path) -> None:
    (folder / "okrsync.yaml").write_text(
        "language: ko\ntime_zone: Asia/Seoul\nconnections:\n  memory: {values: {a: 5, b: 6}}\n"
    )
    okrsync("sync")

    korean = okrsync("show").out
    assert "핵심 결과" in korean
    assert "KST" in korean
    assert "Key result" in okrsync("show", "--lang", "en").out
    assert okrsync("show", "--json").json == okrsync("show", "--json", "--lang", "ko").json


def test_the_mode_of_a_pipe_or_device_is_not_touched(okrsync: Any, tmp_path: Path) -> None:
    """Whoever exports to /dev/null as root would take it from everybody."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    pipe.chmod(0o666)
    okrsync("sync")
    reader = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)

    try:
        ran = okrsync("export", "-o", str(pipe))
        assert ran.code == 0, ran.err
        assert os.read(reader, 10_000)
    finally:
        os.close(reader)
    assert stat.S_IMODE(pipe.stat().st_mode) == 0o666


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_exported_file_is_ones_own(okrsync: Any, tmp_path: Path, form: str) -> None:
    okrsync("sync")
    file = tmp_path / "out"
    file.write_text("old")
    file.chmod(0o644)

    assert okrsync("export", "--format", form, "-o", str(file)).out == ""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes().decode() == okrsync("export", "--format", form).out
    assert okrsync("export", "-o", str(tmp_path / "no" / "where")).code == 2


def test_the_shell_offers_ids(folder: Path) -> None:
    def offered(*words: str) -> set[str]:
        complete = ShellComplete(cli, {}, "okrsync", "_OKRSYNC_COMPLETE")
        return {one.value for one in complete.get_completions(["-c", str(folder), *words[:-1]], words[-1])}

    assert offered("explain", "") == {"sales", "calls", "churn", "grow", "keep", "idle"}
    assert offered("explain", "c") == {"calls", "churn"}
    assert offered("pin", "") == {"sales", "calls", "churn"}
    assert offered("show", "--objective", "k") == {"keep"}
    assert offered("show", "--cycle", "") == {"2026-Q4"}
    assert offered("show", "--owner", "a") == {"ada@contoso.com"}
    assert offered("-c", "/nowhere", "show", "") == set()
