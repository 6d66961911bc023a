from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from config.load import load
from mapping.day import UTC
from sync.cases import Result, run_cases

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[Result]:
    folder = tmp_path_factory.mktemp("golden")
    (folder / "okrs").mkdir()
    shutil.copy(HERE / "okrs.yaml", folder / "okrs" / "okrs.yaml")
    (folder / "okrsync.yaml").write_text("connections:\n  memory: {}\n")
    workspace = load(folder)
    return list(run_cases(workspace.bindings, workspace.time_zone))


def test_every_worked_example_comes_out(results: list[Result]) -> None:
    assert [result for result in results if result.wrong] == []
    assert len(results) > 50


def test_a_case_that_is_wrong_is_told(tmp_path: Path) -> None:
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okrsync.yaml").write_text("connections:\n  memory: {}\n")
    (tmp_path / "okrs" / "q.yaml").write_text(
        "cycle: 2026-Q4\nkpis:\n  - id: k\n    title: K\n    start: 0\n    target: 10\n    value: {memory: now}\n"
        "    tests:\n"
        "      - {given: {value: 5}, at: 2026-11-15, expect: {progress: 51%, status: achieved, value: 6, hold: true}}\n"
        "      - {given: {now: 5}, at: 2026-11-15, expect: {progress: 50%}}\n"
        "      - {given: {value: 5}, at: soon, expect: {progress: 50%}}\n"
        "      - {given: {value: null}, at: 2026-11-15, expect: {progress: 50%}}\n"
    )

    wrong = [result.wrong for result in run_cases(load(tmp_path).bindings, UTC)]

    assert wrong[0] == (
        "there is no hold",
        "the value is 5, not 6",
        "the progress is 50.00%, not 51.00%",
        "the status is 'on track', not 'achieved'",
    )
    assert wrong[1] == ("given names now; write value",)
    assert "'soon' is not a day" in wrong[2][0]
    assert "there is no value" in wrong[3][0]
