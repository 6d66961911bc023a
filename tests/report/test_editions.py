"""An edition stays as it was first made, whatever happens to files and store afterwards."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest

from tests.report.conftest import OKRS
from tests.report.lived import Lived

FORMS = ("html", "markdown", "text", "json")


@pytest.mark.parametrize("code", ["en", "ko"])
def test_the_same_week_a_month_apart_is_the_same_bytes(lived: Lived, code: str) -> None:
    week = ("--week", "2026-W47", "--lang", code)
    first = {form: lived.okrsync("report", *week, "--format", form, day=57) for form in FORMS}
    lived.write(OKRS.format(title="Shrink", owner="bob", target=60))
    for day in range(58, 86, 7):
        lived.sync(day, sales=Decimal(10 * day), gone=Decimal(90), zero=Decimal(10))
    lived.okrsync("void", "sales", "--at", "2026-11-23", "--by", "ada", day=86)

    assert {form: lived.okrsync("report", *week, "--format", form, day=87) for form in FORMS} == first


def test_what_nobody_asked_for_is_kept_by_the_first_pass_after_the_week(lived: Lived) -> None:
    from sync.editions import keep_last

    lived.sync(56)
    with lived.store() as store:
        keep_last(lived.workspace, store, lived.at, None)
        assert store.editions.names() == [("2026-W48", "")]
        kept = store.editions.get("2026-W48", "", "ko")
    assert kept is not None
    assert kept["language"] == "ko"
    lived.write(OKRS.format(title="Shrink", owner="bob", target=60))

    assert lived.json("report", "--format", "json", day=57)["objectives"][0]["title"] == "Grow"


def test_a_running_week_is_not_kept(lived: Lived) -> None:
    lived.okrsync("report", "--week", "now", day=51)

    with lived.store() as store:
        assert store.editions.names() == []


def test_editions_of_a_cycle_and_of_all_are_two(lived: Lived) -> None:
    lived.okrsync("report", day=57)
    lived.okrsync("report", "--cycle", "2026-Q4", day=57)

    with lived.store() as store:
        assert store.editions.names() == [("2026-W48", "2026-Q4"), ("2026-W48", "")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_store_that_can_not_be_written_is_reported_from(lived: Lived, tmp_path: Path) -> None:
    (lived.folder / "okrsync.sqlite").chmod(0o400)

    assert "Needs you" in lived.okrsync("report", day=57)
