"""The commands by which people speak, look back and close, on the sample company."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from sandbox.company import TODAY as THE_DAY
from tests.cli.test_commands import Ran, company, edit
from views.words import sparkline

__all__ = ["company"]


@pytest.fixture
def okrsync(company: Any, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: str, days: int = 0) -> Ran:
        capsys.readouterr()
        code = run(["-c", str(company.folder), *arguments], clock=lambda: THE_DAY + timedelta(days=days))
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return call


def test_a_person_speaks_and_is_heard(okrsync: Any) -> None:
    okrsync("sync")

    assert okrsync("check-in", "tickets", "--value", "70", "--note", "counted twice", "--by", "ada").code == 0
    shown = okrsync("explain", "tickets").out
    assert "70, recorded 2026-11-24 09:00 UTC by ada" in shown
    assert "ada checked in: value 70" in shown

    okrsync("pin", "tickets", "--value", "65", "--by", "ada")
    okrsync("sync", days=1)
    assert "pinned" in okrsync("show", "tickets").out
    assert "not counted since" in okrsync("explain", "tickets").out

    okrsync("resume", "tickets", "--by", "ada")
    okrsync("sync", days=2)
    assert "pinned" not in okrsync("show", "tickets").out

    told = okrsync("history", "tickets").out
    assert [word in told for word in ("checked in", "pinned", "let its sources count again")] == [True] * 3
    events = okrsync("history", "tickets", "--json").json
    assert [event["event"] for event in events if event["by"] == "ada" and event["event"] != "check-in"] == [
        "checked in",
        "pinned",
        "resumed",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check-in", "tickets"), "Say something"),
        (("check-in", "tickets", "--value", "a lot"), "tickets: "),
        (("check-in", "tikets", "--value", "1"), "Did you mean 'tickets'"),
        (("accept", "tickets"), "No value of tickets is held."),
        (("resume", "tickets"), "not pinned"),
        (("check-in", "tickets", "--confidence", "11"), "0<=x<=10"),
        (("close", "2025-Q4"), "There is no key result in the cycle"),
        (("close", "2026-Q4", "--score", "tickets=2"), "0.0 to 1.0"),
        (("backfill", "--since", "2026-10-01"), "--all"),
    ],
)
def test_what_makes_no_sense_is_refused(okrsync: Any, arguments: tuple[str, ...], words: str) -> None:
    ran = okrsync(*arguments)

    assert ran.code == 2
    assert words in ran.err


def test_export_is_complete_and_safe_to_open(okrsync: Any) -> None:
    okrsync("sync")
    okrsync("check-in", "tickets", "--value", "70", "--note", "=cmd()", "--by", "ada")

    rows = list(csv.DictReader(io.StringIO(okrsync("export").out)))
    lines = [json.loads(line) for line in okrsync("export", "tickets", "--format", "jsonl").out.splitlines()]

    assert len({row["key_result"] for row in rows}) == 24
    assert [row["note"] for row in rows if row["by"] == "ada" and row["event"] == "check-in"] == ["'=cmd()"]
    assert [line["value"] for line in lines if line["event"] == "check-in"][-1] == "70"


def test_past_values_are_rebuilt_once_and_marked(okrsync: Any) -> None:
    okrsync("sync")

    first = okrsync("backfill", "--all", "--since", "2026-10-01", "--every", "week", "--json")
    again = okrsync("backfill", "--all", "--since", "2026-10-01", "--every", "week", "--json")

    assert first.json["written"] > 0
    assert again.json["written"] == 0
    assert first.json["refused"]
    key = next(iter(first.json["values"]))
    told = okrsync("history", key).out
    assert "rebuilt from what the source says today" in told
    assert len(okrsync("history", key, "--json").json) == len(first.json["values"][key]) + 1


def test_a_cycle_is_closed_scored_and_carried_over(okrsync: Any, company: Any) -> None:
    okrsync("sync")
    following = company.folder / "okrs" / "2027-q1.yaml"

    dry = okrsync("close", "2026-Q4", "--dry-run")
    assert "would be closed" in dry.out
    made = okrsync(
        "close", "2026-Q4", "--score", "tickets=0.9", "--note", "tickets=well done", "--postpone", "unified-data",
        "--next", str(following), "--by", "ada", "--json",
    )  # fmt: skip
    assert made.code == 0
    closings = {one["id"]: one for report in made.json for one in report["key_results"]}
    assert (closings["tickets"]["score"], closings["tickets"]["note"]) == ("0.9", "well done")
    assert closings["unified-data"]["outcome"] == "postponed"
    assert "unified-data-2027-Q1" in following.read_text()
    assert "cycle: 2027-Q1" in following.read_text()

    assert "okrsync close 2026-Q4 --reopen tickets" in okrsync("close", "2026-Q4", "--score", "tickets=0.1").err
    again = okrsync("close", "2026-Q4", "--score", "tickets=0.9")
    assert again.code == 0
    assert "0 key results are closed" in again.out
    assert "0.9" in again.out

    assert okrsync("check").code == 0
    after = okrsync("sync", "--json").json
    outcomes = {one["key_result"]: one["outcome"] for one in after["key_results"]}
    assert outcomes["tickets"] == outcomes["unified-data"] == outcomes["unified-data-2027-Q1"] == "skipped"
    assert "closed" in okrsync("show", "tickets").out
    assert okrsync("check-in", "tickets", "--value", "1").code == 2


def test_advice_is_no_error(okrsync: Any) -> None:
    ran = okrsync("lint")

    assert ran.code == 0
    assert "pieces of advice" in ran.out
    assert "as measured by" in okrsync("lint", "--sentences").out
    assert okrsync("lint", "--sentences", "--json").json["revenue"].startswith("I want to")


def test_the_plan_tells_what_it_costs(okrsync: Any) -> None:
    ran = okrsync("plan")

    assert "Asked in" in ran.out
    assert set(okrsync("plan", "--json").json["calls"]) >= {"salesforce", "jira", "graph"}


def test_the_examples_carry_tests_that_pass(okrsync: Any) -> None:
    ran = okrsync("test")

    assert ran.code == 0, ran.out
    assert "tests of" in ran.out


def test_a_sparkline() -> None:
    assert sparkline([1, 5, 8]) == "▁▅█"  # type: ignore[list-item]
    assert sparkline([2, 2]) == "▄▄"  # type: ignore[list-item]
    assert sparkline([]) == ""


def test_a_key_result_that_is_measured_in_another_way_can_be_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okrsync.yaml").write_text("connections:\n  memory: {values: {a: 5}}\n")
    file = tmp_path / "okrs" / "a.yaml"
    ways = [
        "stay_above: 3",
        "start: first, target: {memory: none}",
        "within: [1, 9]",
        "milestone: true",
        "start: $1, target: $9",
    ]

    for way in ways:
        file.write_text(f"cycle: 2026-Q4\nkpis:\n  - {{id: m, title: M, {way}, value: {{memory: a}}}}\n")
        for command in (["show"], ["explain", "m"], ["history", "m"], ["sync"], ["show"], ["explain", "m"], ["export"]):
            assert run(["-c", str(tmp_path), *command], clock=lambda: THE_DAY) in (0, 4), (way, command)
    assert "defect" not in capsys.readouterr().err


def test_holds_are_answered_all_at_once_or_by_pattern(okrsync: Any, company: Any) -> None:
    okrsync("sync")
    edit(company, "sales.yaml", "IsWon = true", "IsClosed = true")
    edit(company, "business-operations.yaml", "value: matched / contacts", "value: matched / contacts * 0.99")
    held = {one["key_result"] for one in okrsync("sync", "--json").json["key_results"] if one["outcome"] == "held"}
    assert {"enterprise-deals", "unified-data"} < held

    some = okrsync("accept", "enter*", "unified-data", "--by", "ada")
    assert some.code == 0
    assert some.out.count("is accepted") == 2
    none = okrsync("accept", "enter*", "--by", "ada")
    assert none.code == 2
    assert "No key result that matches 'enter*' holds a value." in none.err
    rest = okrsync("reject", "--all", "--by", "ada")
    assert rest.out.count("is rejected") == len(held) - 2
    assert okrsync("accept").code == okrsync("accept", "--all", "unified-data").code == 2
