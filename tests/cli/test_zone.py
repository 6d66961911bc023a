"""The time zone as people see it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.main import run

NIGHT = datetime(2026, 9, 30, 15, 30, tzinfo=UTC)
"""Half past midnight of 1 October in Seoul."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okrsync.yaml").write_text(
        "workspace: Acme\ntime_zone: Asia/Seoul\nconnections: {memory: {values: {x: 40}}}\n"
    )
    (tmp_path / "okrs" / "a.yaml").write_text(
        "cycle: 2026-Q4\nobjectives:\n- id: o\n  title: O\n  key_results:\n"
        "  - {id: kr, title: K, start: 0, target: 100, value: {memory: x}}\n"
    )
    return tmp_path


def test_the_zone_is_seen_everywhere(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def told(*arguments: str, at: datetime = NIGHT, code: int = 0) -> str:
        assert run(["-c", str(folder), *arguments], clock=lambda: at) == code
        return capsys.readouterr().out

    assert "Acme: a day is a day of Asia/Seoul" in told("check")
    checked = json.loads(told("check", "--json"))
    assert (checked["workspace"], checked["time_zone"]) == ("Acme", "Asia/Seoul")

    assert "starts on 2026-10-01" in told("sync", at=NIGHT - timedelta(hours=1))
    told("sync")
    assert json.loads(told("show", "--json"))["objectives"][0]["key_results"][0]["status"] == "on track"

    assert "2026-10-01 00:30 KST" in told("history", "kr")
    assert "2026-10-01 00:30 KST" in told("explain", "kr")
    assert json.loads(told("history", "kr", "--json"))[0]["at"] == "2026-10-01T00:30:00+09:00"
    assert '"2026-10-01T00:30:00+09:00","check-in"' in told("export")
