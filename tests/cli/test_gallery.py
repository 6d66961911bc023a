"""The templates of the departments: each key result is bound to a source, and the sandbox answers every one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.main import run
from cli.sandbox import FIRST_PORT
from cli.templates import examples
from config.advice import advice
from config.load import load
from sandbox.company import sample_company
from sandbox.run import running
from tests.cli.ports import three_free_ports

DEPARTMENTS = {
    "sales", "marketing", "customer-success", "support", "product", "engineering", "operations", "finance", "people",
    "it", "security", "data",
}  # fmt: skip


@pytest.mark.parametrize("day", ["2026-11-24T09:00", "2027-02-15T12:00"])
def test_every_template_gives_values_on_the_sandbox(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], day: str
) -> None:
    now, port = datetime.fromisoformat(day).replace(tzinfo=UTC), three_free_ports()
    assert run(["init", str(tmp_path), "--sandbox"], clock=lambda: now) == 0
    worker = tmp_path / "okrsync.yaml"
    for offset in range(3):
        worker.write_text(worker.read_text().replace(f":{FIRST_PORT + offset}", f":{port + offset}"))

    with running(sample_company(now), port=port, clock=lambda: now):
        assert run(["-c", str(tmp_path), "check", "--connect"], clock=lambda: now) == 0
        capsys.readouterr()
        assert run(["-c", str(tmp_path), "sync", "--json"], clock=lambda: now) == 0

    outcomes = {one["key_result"]: one["outcome"] for one in json.loads(capsys.readouterr().out)["key_results"]}
    workspace = load(tmp_path)
    assert set(outcomes.values()) == {"changed"}
    assert set(outcomes) == set(workspace.bindings)
    assert len(workspace.objectives) >= 27
    assert [one.text for one in advice(workspace)] == []


def test_each_department_has_its_own() -> None:
    assert {file.stem for file in (examples() / "gallery").glob("*.yaml")} == {"company", *DEPARTMENTS}
