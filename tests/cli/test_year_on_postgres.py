"""What people do in a cycle, on PostgreSQL as on SQLite: renamed, void, closed and opened again, dropped from a file."""

from __future__ import annotations

import pytest

from tests.cli.test_in_the_year import OKRS, Place, okrsync
from tests.sync.conftest import empty

__all__ = ["okrsync"]


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, okrsync: Place) -> Place:
    if request.param == "postgres":
        url = request.getfixturevalue("postgres")
        empty(url)
        with (okrsync.folder / "okrsync.yaml").open("a") as file:
            file.write(f'store: "{url}"\n')
    return okrsync


def test_a_key_result_through_all_that_people_do(place: Place) -> None:
    assert place("sync").code == 0
    place("check-in", "sales", "--value", "18", "--note", "Digits?", "--confidence", "3", "--by", "bea", days=1)
    place("check-in", "sales", "--note", "It goes well", "--confidence", "8", "--by", "ada", days=2)
    place("void", "sales", "--at", "2026-11-25", "--by", "ada", days=3)
    place.write(OKRS.replace("id: sales,", "id: revenue, was: sales, check_in: weekly,"))
    assert place("sync", days=4).code == 0

    shown = place("show", "revenue", "--json", days=4).json["objectives"][0]["key_results"][0]
    assert (shown["check_in"]["value"], shown["note"]["note"]) == ("80", "It goes well")
    assert (shown["confidence"]["confidence"], shown["confidence"]["by"]) == (8, "ada")
    assert place("due", "--json", days=4).json["due"] == []
    assert [one["due"] for one in place("due", "--json", days=10).json["due"]] == ["2026-12-03"]

    assert place("close", "2026-Q4", "--by", "ada", days=11).code == 0
    assert place("close", "2026-Q4", "--reopen", "revenue", "--note", "revenue=a deal", days=12).code == 0
    assert place("close", "2026-Q4", "--score", "revenue=0.9", days=13).code == 0
    events = [one["event"] for one in place("history", "revenue", "--json").json]
    assert [events.count(one) for one in ("void", "voided", "renamed", "closed", "reopened")] == [1, 1, 1, 2, 1]
    place.write(OKRS.replace("2026-Q4", "2027-Q1"))
    board = place("show", "--cycle", "2026-Q4", "--json", days=60).json["objectives"][0]["key_results"]
    assert [(one["id"], one["status"]) for one in board] == [("revenue", "closed"), ("stores", "postponed")]


def test_what_leaves_its_file_is_told_once(place: Place) -> None:
    place("sync")
    place.write("\n".join(line for line in OKRS.splitlines() if "stores" not in line))

    assert place("sync", "--json", days=1).json["left"] == [{"key_result": "stores", "cycle": "2026-Q4"}]
    assert place("sync", "--json", days=2).json["left"] == []
