"""`okrsync init`: templates of this quarter, and what other products leave behind."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.main import run
from config.load import load

NOW = datetime(2027, 5, 3, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SALESFORCE_URL", "JIRA_URL"):
        monkeypatch.setenv(name, "https://acme.example.com")
    for name in ("SALESFORCE_CLIENT_SECRET", "JIRA_TOKEN", "GRAPH_CLIENT_SECRET"):
        monkeypatch.setenv(name, "x")


def init(*arguments: str) -> int:
    return run(["init", *arguments], clock=lambda: NOW)


def test_templates_are_of_this_quarter_and_right(tmp_path: Path) -> None:
    assert init(str(tmp_path / "acme")) == 0

    workspace = load(tmp_path / "acme")
    assert {one.period.name for one in workspace.objectives} == {"2027-Q2"}
    assert len(workspace.bindings) >= 50
    assert workspace.connections["graph"].options.url == "https://graph.microsoft.com"


def test_one_department_comes_with_the_company_that_it_serves(tmp_path: Path) -> None:
    assert init(str(tmp_path), "--department", "sales") == 0

    assert sorted(file.name for file in (tmp_path / "okrs").iterdir()) == ["company.yaml", "sales.yaml"]
    assert load(tmp_path).objectives


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "okrsync.yaml").write_text("mine")

    assert init(str(tmp_path)) == 2
    assert "is there already" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["okrsync.yaml"]
    assert (tmp_path / "okrsync.yaml").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--department", "salez"), "Did you mean 'sales'"),
        (("--columns", "x.yaml"), "does not exist"),
        (("--from-csv", "/nowhere.csv"), "does not exist"),
    ],
)
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert init(str(tmp_path / "new"), *arguments) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_a_csv_moves_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "okrs.csv"
    table.write_text(
        "id,type,title,parent,cycle,owner,start,target,current,unit\n"
        "o1,objective,Grow,,2027-Q2,ada@acme.com,,,,\n"
        "k1,key result,Sales from 10 to 20,o1,2027-Q2,ada@acme.com,10,20,12,USD\n"
        "k2,key result,No way to go,o1,2027-Q2,ada@acme.com,10,10,12,USD\n"
    )

    assert init(str(tmp_path / "acme"), "--from-csv", str(table)) == 4

    told = capsys.readouterr().out
    assert "1 objective, 1 key result," in told
    assert "left out" in told
    workspace = load(tmp_path / "acme")
    (key_result,) = workspace.objectives[0].key_results
    assert key_result.title == "Sales from 10 to 20"
    assert run(["-c", str(tmp_path / "acme"), "sync"], clock=lambda: NOW) == 0
    assert run(["-c", str(tmp_path / "acme"), "show"], clock=lambda: NOW) == 0
    assert "$12" in capsys.readouterr().out
