"""What happens in the middle of a cycle: something is dropped, renamed, found wrong; and what a cycle's name means."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from config.load import load
from mapping.cycles import Calendar, days_of
from mapping.model import Rate, parse_cycle
from mapping.progress import end_of_rate
from sync.carrying import next_cycle
from tests.cli.test_commands import Ran

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
OKRS = """
cycle: 2026-Q4
objectives:
  - id: grow
    title: Grow
    key_results:
      - {id: sales, title: Sales, start: 0, target: 100, value: {memory: sales}}
      - {id: stores, title: Stores, start: 0, target: 10, value: {memory: stores}}
"""


class Place:
    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        (folder / "okrs").mkdir()
        self.write(OKRS)
        self.values(sales=80, stores=0)

    def values(self, **values: int) -> None:
        given = ", ".join(f"{name}: {value}" for name, value in values.items())
        (self.folder / "okrsync.yaml").write_text(f"connections:\n  memory: {{values: {{{given}}}}}\n")

    def write(self, text: str) -> None:
        (self.folder / "okrs" / "q4.yaml").write_text(text)

    def __call__(self, *arguments: str, days: int = 0) -> Ran:
        self.capsys.readouterr()
        code = run(["-c", str(self.folder), *arguments], clock=lambda: AT + timedelta(days=days))
        captured = self.capsys.readouterr()
        return Ran(code, captured.out, captured.err)


@pytest.fixture
def okrsync(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Place:
    return Place(tmp_path, capsys)


def test_what_is_cancelled_says_why_and_counts_no_more(okrsync: Place) -> None:
    okrsync("sync")
    assert okrsync("show", "--json").json["objectives"][0]["progress"] == "0.4"

    okrsync.write(OKRS.replace("title: Stores,", "title: Stores, cancelled: The landlord said no,"))
    assert okrsync("sync", days=1).code == 0
    (objective,) = okrsync("show", "--json", days=1).json["objectives"]
    told = okrsync("show", days=1).out

    assert objective["progress"] == "0.8"
    assert [(one["status"], one["cancelled"]) for one in objective["key_results"]][1] == (
        "cancelled",
        "The landlord said no",
    )
    assert "1 is cancelled and does not count" in told
    assert "cancelled: The landlord said no" in told
    (report,) = okrsync("close", "2026-Q4", "--json", days=1).json
    assert (report["score"], report["key_results"][1]["outcome"]) == ("0.8", "cancelled")
    assert "closed it as cancelled: The landlord said no" in okrsync("history", "stores").out


def test_an_objective_is_cancelled_with_what_belongs_to_it(okrsync: Place) -> None:
    okrsync("sync")
    okrsync.write(OKRS.replace("title: Grow", "title: Grow\n    cancelled: A merger"))

    steps = okrsync("sync", "--json", days=1).json["key_results"]

    assert {one["outcome"] for one in steps} == {"skipped"}
    assert okrsync("show", "--json", days=1).json["objectives"][0]["status"] == "cancelled"


def test_a_rename_keeps_the_history(okrsync: Place) -> None:
    okrsync("sync")
    okrsync("check-in", "sales", "--value", "81", "--by", "ada")
    okrsync.write(OKRS.replace("id: sales,", "id: revenue, was: sales,"))

    (step, _) = okrsync("sync", "--json", days=1).json["key_results"]
    told = okrsync("history", "revenue").out

    assert step["last"]["value"] == "81"
    assert "the OKR file gives it another id: it was sales" in told
    assert "ada checked in" in told
    assert okrsync("history", "sales").code == 2
    okrsync.write(OKRS.replace("id: stores,", "id: stores, was: sales,"))
    refused = okrsync("check")
    assert refused.code == 2
    assert "'sales' still exists as another key result" in refused.err


def test_a_wrong_check_in_stays_marked_and_counts_no_more(okrsync: Place) -> None:
    okrsync("sync")
    okrsync("check-in", "sales", "--value", "18", "--by", "bea", days=1)

    ran = okrsync("void", "sales", "--at", "2026-11-25 09:00", "--note", "digits swapped", "--by", "ada", days=2)

    assert ran.code == 0
    shown = okrsync("show", "sales", "--json", days=2).json["objectives"][0]["key_results"][0]
    assert shown["check_in"]["value"] == "80"
    told = okrsync("history", "sales").out
    assert "(void)" in told
    assert "ada says that a check-in was wrong: value 18, of 2026-11-25 09:00 UTC, note: digits swapped" in told
    assert [one["event"] for one in okrsync("history", "sales", "--json").json].count("void") == 1
    again = okrsync("void", "sales", "--at", "2026-11-25 09:00", days=2)
    assert again.code == 2
    assert "Write one of these: 2026-11-24T09:00:00+00:00" in again.err
    okrsync.values(sales=82, stores=0)
    assert okrsync("sync", "--json", days=3).json["key_results"][0]["last"]["value"] == "80"


def test_history_outlives_its_file_and_an_id_that_is_used_again(okrsync: Place) -> None:
    okrsync("sync")
    (okrsync.folder / "okrs" / "q4.yaml").unlink()
    (okrsync.folder / "okrs" / "q1.yaml").write_text(OKRS.replace("2026-Q4", "2027-Q1").replace("stores", "shops"))
    okrsync.values(sales=5, shops=1)
    okrsync("sync", days=60)

    both = okrsync("history", "sales", "--json").json
    assert [(one["cycle"], one["value"]) for one in both] == [("2027-Q1", "5"), ("2026-Q4", "80")]
    assert "sales (2026-Q4)" in okrsync("history", "sales").out
    assert [one["value"] for one in okrsync("history", "sales", "--cycle", "2026-Q4", "--json").json] == ["80"]
    assert okrsync("history", "stores").code == 0
    assert '"stores","2026-Q4"' in okrsync("export").out
    assert okrsync("history", "nothing").code == 2


@pytest.mark.parametrize(
    ("calendar", "name", "start", "end"),
    [
        (Calendar(), "2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        (Calendar(first_month=4), "2026-Q4", date(2027, 1, 1), date(2027, 3, 31)),
        (Calendar(first_month=4), "2026-H2", date(2026, 10, 1), date(2027, 3, 31)),
        (Calendar(first_month=7, named_by="end"), "2027", date(2026, 7, 1), date(2027, 6, 30)),
        (Calendar(first_month=7, named_by="end"), "2027-Q1", date(2026, 7, 1), date(2026, 9, 30)),
        (Calendar(first_month=2), "2027-Q4", date(2027, 11, 1), date(2028, 1, 31)),
        (Calendar(first_month=3), "2027-Q4", date(2027, 12, 1), date(2028, 2, 29)),
    ],
)
def test_a_fiscal_year(calendar: Calendar, name: str, start: date, end: date) -> None:
    assert days_of(name, calendar) == (start, end)
    following = next_cycle(parse_cycle(name, calendar), calendar)
    assert following.start == end + timedelta(days=1)


def test_weeks_and_quarters_of_a_company() -> None:
    day = date(2026, 11, 24)  # a Tuesday

    assert end_of_rate(Rate.WEEK, day) == date(2026, 11, 29)
    assert end_of_rate(Rate.WEEK, day, Calendar(weeks="sunday")) == date(2026, 11, 28)
    assert end_of_rate(Rate.WEEK, date(2026, 11, 29), Calendar(weeks="sunday")) == date(2026, 12, 5)
    assert end_of_rate(Rate.QUARTER, day, Calendar(first_month=2)) == date(2027, 1, 31)
    assert end_of_rate(Rate.QUARTER, day) == date(2026, 12, 31)


def test_a_workspace_says_its_fiscal_year(okrsync: Place) -> None:
    with (okrsync.folder / "okrsync.yaml").open("a") as file:
        file.write("fiscal_year_start: 4\nweeks: sunday\n")

    sales = load(okrsync.folder).bindings["sales"].key_result

    assert sales.period.start == date(2027, 1, 1)
    assert sales.pace.calendar.weeks == "sunday"


def test_several_owners_are_read_and_the_first_one_leads(okrsync: Place) -> None:
    okrsync.write(OKRS.replace("title: Sales,", "title: Sales, owner: [ada, bea], teams: [EMEA], tags: [growth],"))

    sales = load(okrsync.folder).bindings["sales"].key_result

    assert (sales.owner, sales.about.owners) == ("ada", ("ada", "bea"))
    assert (sales.about.teams, sales.about.tags) == (("EMEA",), ("growth",))


def test_the_last_note_and_confidence_are_seen(okrsync: Place) -> None:
    okrsync("sync")
    okrsync("check-in", "sales", "--note", "Two deals slipped", "--by", "ada")
    okrsync("check-in", "sales", "--confidence", "4", "--by", "bea", days=1)
    okrsync(
        "check-in", "stores", "--value", "1", "--note", "Opened in Lyon", "--confidence", "7", "--by", "cem", days=1
    )

    told = okrsync("show", days=2).out
    (objective,) = okrsync("show", "--json", days=2).json["objectives"]
    sales = objective["key_results"][0]

    assert "sales: ada, 2026-11-24: Two deals slipped · bea, 2026-11-25: confidence 4 of 10" in told
    assert "stores: cem, 2026-11-25: Opened in Lyon · confidence 7 of 10" in told
    assert (sales["note"]["note"], sales["confidence"]["confidence"]) == ("Two deals slipped", 4)
    okrsync("void", "stores", "--at", "2026-11-25", days=3)
    assert "Opened in Lyon" not in okrsync("show", days=3).out
    assert "자신감 10점 중 4점" in okrsync("show", "--lang", "ko", days=3).out


def test_what_is_deleted_from_its_file_is_told_once(okrsync: Place) -> None:
    okrsync("sync")
    okrsync.write("\n".join(line for line in OKRS.splitlines() if "stores" not in line))

    assert okrsync("plan", "--json", days=1).json["left"] == [{"key_result": "stores", "cycle": "2026-Q4"}]
    told = okrsync("sync", days=1)
    assert "stores: in no OKR file any more. `okrsync history stores`" in told.out
    assert "no OKR file" not in okrsync("sync", days=2).out
    okrsync.write(OKRS)
    assert okrsync("sync", "--json", days=3).json["left"] == []
    events = okrsync("history", "stores").out
    assert "2026-11-25 09:00 UTC  the OKR file does not name it any more" in events
    assert "2026-11-27 09:00 UTC  the OKR file names it again" in events


def test_what_is_over_or_renamed_leaves_in_silence(okrsync: Place) -> None:
    okrsync("sync")
    okrsync.write(OKRS.replace("id: sales,", "id: revenue, was: sales,"))
    assert okrsync("sync", "--json", days=1).json["left"] == []
    okrsync("close", "2026-Q4", "--done", "stores", days=2)
    okrsync.write(OKRS.replace("2026-Q4", "2027-Q1"))
    assert okrsync("sync", "--json", days=3).json["left"] == []


def _lasting(shown: Any) -> Any:
    """Without how fresh it is."""
    if isinstance(shown, list):
        return [_lasting(one) for one in shown]
    if isinstance(shown, dict):
        return {name: _lasting(part) for name, part in shown.items() if name not in ("freshness", "in_files")}
    return shown


@pytest.mark.parametrize("cycle", ["2026-Q4", '{name: "the sprint", start: 2026-11-01, end: 2026-12-15}'])
def test_a_cycle_of_which_the_files_are_gone_is_the_board_that_it_was(okrsync: Place, cycle: str) -> None:
    kpi = "kpis:\n  - {id: up, title: Up, stay_above: 99.5%, owner: [ada, bea], value: {memory: up}}\n"
    okrsync.values(sales=80, stores=0, up=1)
    okrsync.write(OKRS.replace("2026-Q4", cycle) + kpi)
    okrsync("sync")
    before = okrsync("show", "--cycle", "all", "--json").json
    name = before["objectives"][0]["cycle"]
    okrsync.write(OKRS.replace("2026-Q4", "2027-Q1").replace("stores", "shops"))
    okrsync.values(sales=5, shops=1)
    okrsync("sync", days=60)

    after = okrsync("show", "--cycle", name, "--json").json

    assert {one.pop("in_files") for one in after["objectives"]} == {False}
    assert _lasting(after["objectives"]) == _lasting(before["objectives"])
    assert _lasting(after["kpis"]) == _lasting(before["kpis"])
    assert after["kpis"][0]["freshness"]["state"] == "ended"
    assert okrsync("show", "stores", "--cycle", name, "--json").json["objectives"][0]["id"] == "grow"
    assert "in no OKR file any more" in okrsync("show", "--cycle", name).out
    assert [one["cycle"] for one in okrsync("show", "--cycle", "all", "--json", days=60).json["objectives"]] == [
        "2027-Q1",
        name,
    ]
    assert okrsync("show", "--cycle", "2020-Q1").code == 2
    assert okrsync("show", "stores").code == 2


def test_an_initiative_is_cancelled_with_its_reason(okrsync: Place) -> None:
    fair = """    initiatives:
      - {id: fair, title: Go to the fair, value: {memory: fair}}
      - {title: Talk to people}
"""
    okrsync.values(sales=80, stores=0, fair=0)
    okrsync.write(OKRS + fair)
    okrsync("sync")
    okrsync.write(
        OKRS
        + fair.replace("fair, value", "fair, cancelled: It was called off, value").replace(
            "people}", "people, cancelled: They are gone}"
        )
    )

    steps = {one["key_result"]: one["outcome"] for one in okrsync("sync", "--json", days=1).json["key_results"]}
    (objective,) = okrsync("show", "--json", days=1).json["objectives"]
    carried = okrsync("close", "2026-Q4", "--postpone", "sales", "--dry-run", days=1).out

    assert steps["fair"] == "skipped"
    assert (objective["initiatives"][0]["status"], objective["progress"]) == ("cancelled", "0.4")
    assert "fair: cancelled: It was called off" in okrsync("show", days=1).out
    assert "sales-2027-Q1" in carried
    assert "the fair" not in carried
    assert "Talk to people" not in okrsync("lint", "--sentences", days=1).out


def test_a_pass_that_nobody_looks_at_logs_what_left(okrsync: Place, caplog: pytest.LogCaptureFixture) -> None:
    okrsync("sync")
    okrsync.write("\n".join(line for line in OKRS.splitlines() if "stores" not in line))

    said = okrsync("sync", days=1).err

    assert "in no OKR file any more" in said + caplog.text
