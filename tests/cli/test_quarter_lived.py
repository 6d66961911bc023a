"""A quarter lived through the command line on the sandbox: from `init` over check-ins, a cancelled, a postponed and a
reopened key result to the close, and the first sync of the next one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.main import run
from cli.sandbox import FIRST_PORT
from config.load import load
from sandbox.company import sample_company
from sandbox.run import running
from tests.cli.ports import three_free_ports
from tests.cli.test_commands import Ran
from tests.connectors.contract import FakeTime

FIRST = datetime(2026, 10, 5, 9, tzinfo=UTC)
MONDAYS = [FIRST + timedelta(weeks=week) for week in (0, 2, 4, 8, 12)]
AFTER, NEXT = datetime(2027, 1, 4, 9, tzinfo=UTC), datetime(2027, 1, 11, 9, tzinfo=UTC)


class Company:
    """A workspace as `init --sandbox` writes it, and the tools as they are on each day."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys, self.port = folder, capsys, three_free_ports()

    def __call__(self, at: datetime, *arguments: str) -> Ran:
        self.capsys.readouterr()
        code = run(["-c", str(self.folder), *arguments], clock=lambda: at)
        captured = self.capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    def asked(self, at: datetime, *arguments: str) -> Ran:
        with running(sample_company(at), port=self.port, clock=lambda: at):
            return self(at, *arguments)

    def edit(self, old: str, new: str) -> None:
        (file,) = (one for one in (self.folder / "okrs").glob("*.yaml") if old in one.read_text())
        file.write_text(file.read_text().replace(old, new, 1))

    def shown(self, at: datetime, *arguments: str) -> dict[str, dict[str, object]]:
        found = self(at, "show", *arguments, "--json").json["objectives"]
        return {view["id"]: view for one in found for view in one["key_results"]}


@pytest.fixture
def okrsync(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Company:
    monkeypatch.setattr("connectors.wire.time", FakeTime())
    company = Company(tmp_path / "acme", capsys)
    assert company(FIRST, "init", str(company.folder), "--sandbox", "--department", "sales").code == 0
    worker = company.folder / "okrsync.yaml"
    for offset in range(3):
        worker.write_text(worker.read_text().replace(f":{FIRST_PORT + offset}", f":{company.port + offset}"))
    return company


def test_a_quarter(okrsync: Company) -> None:
    # The first week.
    assert okrsync.asked(FIRST, "check", "--connect").code == 0
    first = okrsync.asked(FIRST, "sync", "--json")
    assert first.code == 0, first.out
    assert {one["outcome"] for one in first.json["key_results"]} == {"changed"}

    # The Mondays after, with what people say in between.
    for day in MONDAYS[1:3]:
        assert okrsync.asked(day, "sync").code in (0, 4)
    okrsync(MONDAYS[2], "accept", "--all", "--by", "ada")
    said = ("--note", "Two large deals slipped", "--confidence", "4", "--by", "ada")
    assert okrsync(MONDAYS[2], "check-in", "win-rate", *said).code == 0
    okrsync.edit(
        "title: Every open deal is up to date", 'title: Every open deal is up to date\n    cancelled: "A new CRM"'
    )
    for day in MONDAYS[3:]:
        assert okrsync.asked(day, "sync").code in (0, 4)
    shown, told = okrsync.shown(MONDAYS[-1]), okrsync(MONDAYS[-1], "show").out
    assert "win-rate: ada, 2026-11-02: Two large deals slipped · confidence 4 of 10" in told
    assert "overdue-deals: cancelled: A new CRM" in told
    assert shown["overdue-deals"]["status"] == "cancelled"

    # It is over: nothing is asked any more, and the rest is scored and closed.
    over = okrsync.asked(AFTER, "sync", "--require-active", "--json")
    assert (over.code, {one["outcome"] for one in over.json["key_results"]}) == (7, {"skipped"})
    assert okrsync(AFTER, "score", "deal-size", "0.8", "--note", "One deal was a gift", "--by", "ada").code == 0
    said = ("--postpone", "win-rate", "--note", "sales-winning=We began too late", "--by", "ada")
    assert "win-rate-2027-Q1" in okrsync(AFTER, "close", "2026-Q4", *said, "--dry-run").out
    reports = okrsync(AFTER, "close", "2026-Q4", *said, "--next", str(okrsync.folder / "okrs"), "--json").json
    outcomes = {one["id"]: (one["outcome"], one["score"]) for made in reports for one in made["key_results"]}
    assert outcomes["win-rate"] == ("postponed", "0.3")
    assert outcomes["deal-size"] == ("closed", "0.8")
    assert outcomes["overdue-deals"] == ("cancelled", None)
    notes = {made["objective"]: made["notes"] for made in reports}
    assert notes["sales-winning"] == ["We began too late"]

    # One of them was closed too early.
    why = ("--note", "pipeline-created=Spain was missing", "--by", "ada")
    later = [AFTER + timedelta(hours=hour) for hour in range(4)]
    assert okrsync(later[1], "close", "2026-Q4", "--reopen", "pipeline-created", *why).code == 0
    assert okrsync(later[2], "check-in", "pipeline-created", "--value", "310", "--by", "ada").code == 0
    again = okrsync(later[3], "close", "2026-Q4", "--by", "ada", "--json").json
    closed = {one["id"]: (one["outcome"], one["score"]) for made in again for one in made["key_results"]}
    assert closed == outcomes
    events = [one["event"] for one in okrsync(AFTER, "history", "pipeline-created", "--json").json]
    assert events[-5:] == ["closed", "reopened", "check-in", "checked in", "closed"]

    # The next quarter's first sync.
    assert okrsync(NEXT, "check").code == 0
    synced = okrsync.asked(NEXT, "sync", "--json")
    told = {one["key_result"]: one["outcome"] for one in synced.json["key_results"]}
    assert {key for key, outcome in told.items() if outcome != "skipped"} == {"win-rate-2027-Q1"}
    assert told["win-rate-2027-Q1"] == "changed"
    shown = okrsync.shown(NEXT)
    assert shown.keys() == {"win-rate-2027-Q1"}
    started = load(okrsync.folder).bindings["win-rate-2027-Q1"].key_result
    assert (started.period.name, started.about.owners) == ("2027-Q1", ())

    # What was is still there: the board, also without its file, and every value.
    before = okrsync.shown(NEXT, "--cycle", "2026-Q4")
    (okrsync.folder / "okrs" / "sales.yaml").unlink()
    assert okrsync.shown(NEXT, "--cycle", "2026-Q4") == before
    lines = [json.loads(line) for line in okrsync(NEXT, "export", "--format", "jsonl").out.splitlines()]
    assert {line["key_result"] for line in lines} >= {*before, "win-rate-2027-Q1"}
    assert [line["event"] for line in lines if line["key_result"] == "overdue-deals"][-1] == "cancelled"
