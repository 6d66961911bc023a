"""The report of a whole cycle."""

from __future__ import annotations

import pytest

from tests.report.conftest import lived_through
from tests.report.lived import Lived
from tests.report.test_hostile import HTML, Tags

LAST = 95


@pytest.fixture
def closed(lived: Lived) -> Lived:
    lived.okrsync(
        "close", "2026-Q4", "--yes", "--by", "ada", "--score", "sales=0.9", "--note", "sales=Two big deals came late.",
        "--note", "o=We learned to ask earlier.", "--postpone", "gone", day=LAST,
    )  # fmt: skip
    return lived


def test_scores_verdicts_notes_and_what_goes_on(closed: Lived) -> None:
    made = closed.json("report", "--final", "2026-Q4", "--format", "json", day=LAST + 1)

    assert (made["kind"], made["provisional"], made["cycle"]["name"]) == ("cycle", False, "2026-Q4")
    (objective,) = made["objectives"]
    assert objective["verdict"] == "missed"
    lines = {line["key_result"]: line for line in objective["lines"]}
    assert (lines["sales"]["score"], lines["sales"]["suggested"], lines["sales"]["by"]) == ("0.9", "0.7", "ada")
    assert (made["carried"], made["learned"]) == (["Grow"], ["Grow: We learned to ask earlier."])
    text = closed.okrsync("report", "--final", "2026-Q4", day=LAST + 1)
    assert "Two big deals came late." in text
    assert "0.9" in text


def test_it_stays_as_it_is(closed: Lived) -> None:
    for form in ("html", "markdown", "text", "json"):
        first = closed.okrsync("report", "--final", "2026-Q4", "--format", form, day=LAST + 1)
        assert closed.okrsync("report", "--final", "2026-Q4", "--format", form, day=LAST + 60) == first


def test_before_the_closing_it_is_provisional(lived: Lived) -> None:
    text = lived.okrsync("report", "--final", "2026-Q4", day=60)

    assert "Provisional: 4 key results are not closed yet" in text
    assert "임시 보고입니다" in lived.okrsync("report", "--final", "2026-Q4", "--lang", "ko", day=60)


def test_texts_of_others_are_only_text(empty: Lived) -> None:
    lived_through(empty, HTML, HTML)
    tags = Tags()
    tags.feed(empty.okrsync("report", "--final", "2026-Q4", "--format", "html", day=60))

    assert not tags.found & {"script", "img", "iframe", "form"}


def test_a_cycle_that_is_not_there(lived: Lived) -> None:
    assert "no key result in the cycle '2020-Q1'" in lived.okrsync("report", "--final", "2020-Q1", day=60, code=2)
    assert "leave out" in lived.okrsync("report", "--final", "2026-Q4", "--week", "now", day=60, code=2)
