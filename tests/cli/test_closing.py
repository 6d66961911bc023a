"""A cycle's end on the command line: scores, looking back, what is carried over, what is opened again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.main import run
from config.load import load
from mapping.model import Key
from sync.store.store import Store
from tests.cli.test_commands import Ran

AT = datetime(2026, 12, 31, 9, tzinfo=UTC)
OKRS = """
cycle: 2026-Q4
status: {behind: 10, at_risk: 30}
guards: {leap: false, definition: false}
metrics:
  won: {memory: sales}
objectives:
  - id: company
    title: A company that people like
    level: company
    key_results: []
  - id: grow
    title: "Grow: \\"and\\" keep"
    owner: ada@contoso.com
    parent: company
    kind: aspirational
    weight: 2
    key_results:
      - {id: sales, title: Sales from $1M to $2M, start: $1M, target: $2M, value: won, weight: 3, owner: bea,
         guards: {zero: false}, tests: [{given: {won: 1500000}, at: 2026-11-15, expect: {value: $1.5M, progress: 50%}}]}
      - {id: rate, title: Rate, start: 80, target: 90, unit: "%", value: {memory: rate, unit: ratio}, phases: {2026-11-15: 20%}}
      - {id: euros, title: Euros, start: EUR 10, target: EUR 20, value: {memory: euros}}
      - {id: time, title: Time, start: 3, target: 1, unit: hours, value: {memory: time, unit: seconds}}
      - {id: work, title: Work, percent_complete: true, value: {memory: work}}
      - {id: holds, title: It holds, stay_above: 99.5%, value: {memory: holds}}
    initiatives:
      - {id: tool, title: Build a tool, value: {memory: tool}}
      - Talk to people
"""
VALUES = "{sales: 1700000, rate: 0.833333, euros: 12.5, time: 4523.5, work: 0.4, holds: 0.99, tool: 0.5}"
ALL = ("sales", "rate", "euros", "time", "work", "holds")


@pytest.fixture
def okrsync(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okrsync.yaml").write_text(f"connections:\n  memory: {{values: {VALUES}}}\n")
    write(tmp_path, OKRS.replace("      - Talk to people\n", "      - {title: Talk to people}\n"))

    def call(*arguments: str) -> Ran:
        capsys.readouterr()
        code = run(["-c", str(tmp_path), *arguments], clock=lambda: AT)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    assert call("sync").code == 0
    return call


def write(folder: Path, text: str) -> None:
    (folder / "okrs" / "q4.yaml").write_text(text)


def closings(folder: Path) -> dict[str, str]:
    workspace = load(folder)
    return {key.id: one.outcome for key, one in Store.read(workspace.store).people.closings().items()}


def postponed(*keys: str) -> list[str]:
    return [word for key in keys for word in ("--postpone", key)]


def test_what_is_carried_over_is_read_by_ourselves_with_all_that_it_had(
    okrsync: Callable[..., Ran], tmp_path: Path
) -> None:
    folder = tmp_path / "okrs" / "2027" / "first"

    assert okrsync("close", "2026-Q4", *postponed(*ALL), "--next", str(folder)).code == 0
    following = load(tmp_path)
    made = {key: one.key_result for key, one in following.bindings.items() if key.endswith("-2027-Q1")}
    objectives = {one.id: one for one in following.objectives}

    assert set(made) == {f"{key}-2027-Q1" for key in (*ALL, "tool")}
    assert {one.period.name for one in made.values()} == {"2027-Q1"}
    ends = {key: (one.measure.start, one.measure.target) for key, one in made.items() if hasattr(one.measure, "start")}
    old = following.bindings
    for key in ("sales", "rate", "euros", "time"):
        assert made[f"{key}-2027-Q1"].unit == old[key].key_result.unit
        assert ends[f"{key}-2027-Q1"][1] == old[key].key_result.measure.target  # type: ignore[union-attr]
    assert made["sales-2027-Q1"].measure.start.amount == 1_700_000  # type: ignore[union-attr]
    assert made["rate-2027-Q1"].measure.start.amount.quantize(made["rate-2027-Q1"].measure.start.amount) > 0.83  # type: ignore[union-attr]
    assert made["work-2027-Q1"].measure.start.amount == 0  # type: ignore[union-attr]
    sales = made["sales-2027-Q1"]
    assert (sales.weight, sales.owner, sales.guards.zero, sales.guards.leap) == (3, "bea", False, None)
    assert sales.ranges == old["sales"].key_result.ranges
    assert made["rate-2027-Q1"].phases[0][0].isoformat() == "2027-02-14"
    grown = objectives["grow-2027-Q1"]
    assert (grown.parent, grown.owner, grown.kind.value, grown.weight) == (
        "company-2027-Q1",
        "ada@contoso.com",
        "aspirational",
        2,
    )
    assert grown.initiatives == ("Build a tool", "Talk to people")
    assert okrsync("test").code == 0
    assert "Look at its title: Sales from $1M to $2M" in (folder / "2027-Q1.yaml").read_text()
    assert list(folder.iterdir()) == [folder / "2027-Q1.yaml"]


def test_a_file_that_cant_be_written_closes_nothing(okrsync: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    ran = okrsync("close", "2026-Q4", "--postpone", "sales", "--next", str(tmp_path / "taken" / "q1.yaml"))

    assert ran.code == 2
    assert "can't be written" in ran.err
    assert closings(tmp_path) == {}


def test_run_again_it_completes_what_is_missing(okrsync: Callable[..., Ran], tmp_path: Path) -> None:
    assert okrsync("close", "2026-Q4", "--postpone", "sales").code == 0
    file = tmp_path / "okrs" / "q1.yaml"

    again = okrsync("close", "2026-Q4", "--postpone", "sales", "--next", str(file))
    assert again.code == 0
    assert "sales-2027-Q1" in file.read_text()
    before = file.read_text()
    once_more = okrsync("close", "2026-Q4", "--next", str(tmp_path / "okrs" / "other.yaml"))
    assert once_more.code == 0
    assert file.read_text() == before
    assert not (tmp_path / "okrs" / "other.yaml").exists()


def test_a_dry_run_shows_all_of_it(okrsync: Callable[..., Ran], tmp_path: Path) -> None:
    ran = okrsync("close", "2026-Q4", "--postpone", "sales", "--next", str(tmp_path / "new" / "q1.yaml"), "--dry-run")

    assert ran.code == 0
    assert "sales-2027-Q1" in ran.out
    assert not (tmp_path / "new").exists()
    assert closings(tmp_path) == {}


def test_what_is_put_off_counts_at_its_score(okrsync: Callable[..., Ran]) -> None:
    scores = [
        word
        for key, score in zip(ALL, ("0.9", "0.5", "0.0", "none", "none", "none"), strict=True)
        for word in ("--score", f"{key}={score}")
    ]
    asked = ("close", "2026-Q4", "--postpone", "euros", *scores, "--dry-run", "--json")

    (report,) = okrsync(*asked).json

    assert report["score"] == "0.64"  # (3 x 0.9 + 0.5 + 0.0) / 5
    assert report["verdict"] == "missed"


def test_a_score_and_a_look_back(okrsync: Callable[..., Ran], tmp_path: Path) -> None:
    assert okrsync("score", "sales", "0.8", "--note", "two slipped", "--by", "ada").code == 0
    assert okrsync("score", "work", "none").code == 0
    assert okrsync("score", "sales", "2").code == 2

    (report,) = okrsync("close", "2026-Q4", "--note", "grow=We began too late", "--by", "ada", "--json").json
    told = {one["id"]: one for one in report["key_results"]}

    assert (told["sales"]["score"], told["sales"]["note"], told["work"]["score"]) == ("0.8", "two slipped", None)
    assert report["notes"] == ["We began too late"]
    assert "We began too late" in okrsync("close", "2026-Q4").out
    assert "We began too late" in okrsync("history", "grow").out
    assert "scored it: score 0.8" in okrsync("history", "sales").out
    events = okrsync("history", "sales", "--json").json
    assert "@" in events[-1]["details"]["system"]
    assert okrsync("score", "sales", "0.7").code == 2


def test_what_is_closed_is_opened_again(okrsync: Callable[..., Ran], tmp_path: Path) -> None:
    okrsync("close", "2026-Q4")
    assert okrsync("check-in", "sales", "--value", "$1.8M").code == 2

    ran = okrsync("close", "2026-Q4", "--reopen", "sales", "--note", "sales=a deal was late", "--by", "ada")

    assert ran.code == 0
    assert "sales" not in closings(tmp_path)
    assert okrsync("check-in", "sales", "--value", "$1.8M").code == 0
    assert "ada opened it again: a deal was late" in okrsync("history", "sales").out
    assert okrsync("close", "2026-Q4", "--reopen", "sales").code == 2
    assert okrsync("close", "2026-Q4", "--score", "sales=0.8").code == 0
    outcomes = [one["event"] for one in okrsync("history", "sales", "--json").json]
    assert (
        outcomes == ["check-in", "closed", "reopened", "checked in", "check-in", "closed"]
        or outcomes.count("closed") == 2
    )
    assert Key("sales", "2026-Q4") in Store.read(load(tmp_path).store).people.closings()


def test_a_terminal_is_asked_first(
    okrsync: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.confirm", _abort)

    assert okrsync("close", "2026-Q4").code == 3
    assert closings(tmp_path) == {}
    assert okrsync("close", "2026-Q4", "--yes").code == 0
    assert len(closings(tmp_path)) == len(ALL)


def _abort(*_: object, **__: object) -> None:
    import click

    raise click.Abort


MORE = """
cycle: {name: "Spring, early", start: 2026-11-01, end: 2026-12-30}
guards: {leap: 50%}
objectives:
  - id: sprint
    title: Sprint
    key_results:
      - {id: bugs, title: Bugs, start: 50, target: 0, value: {memory: work, unit: number}}
      - {id: half, title: Half, start: 0, target: 10, cycle: 2026-H2, value: {memory: work, unit: number}}
      - {id: calls, title: Calls, start: 0, target: 10, cycle: 2026-Q4, value: {memory: work, unit: number}}
"""


def test_each_cycle_and_each_head_has_a_file_of_its_own(okrsync: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "okrs" / "sprint.yaml").write_text(MORE)
    assert okrsync("sync").code == 0
    folder = tmp_path / "okrs" / "next"
    asked = ("close", "2026-Q4", *postponed("sales", "calls"), "--next")

    refused = okrsync(*asked, str(folder / "one.yaml"))
    assert (refused.code, "Name a folder" in refused.err) == (2, True)
    assert closings(tmp_path) == {}
    assert okrsync(*asked, str(folder)).code == 0
    assert okrsync("close", "2026-H2", *postponed("half"), "--next", str(folder)).code == 0
    assert okrsync("close", "Spring, early", *postponed("bugs"), "--next", str(folder)).code == 0

    assert sorted(one.name for one in folder.iterdir()) == [
        "2027-H1.yaml",
        "2027-Q1-2.yaml",
        "2027-Q1.yaml",
        "after-Spring-early.yaml",
    ]
    made = {key: one.key_result for key, one in load(tmp_path).bindings.items()}
    assert made["calls-2027-Q1"].guards.leap == made["bugs"].guards.leap != made["sales-2027-Q1"].guards.leap
    assert made["half-2027-H1"].period.name == "2027-H1"
    bugs = made["bugs-after-Spring-early"]
    assert (bugs.period.start.isoformat(), bugs.period.end.isoformat()) == ("2026-12-31", "2027-02-28")
