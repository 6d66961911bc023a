"""The weekly report: its order, its numbers, its forms."""

from __future__ import annotations

import re
import stat
from decimal import Decimal
from pathlib import Path

import pytest

from tests.report.conftest import lived_through
from tests.report.lived import Lived

LAST, NOW = 55, 51
"""A Sunday night is over on day 56; day 51 is in the week before."""


def test_the_last_week_that_is_over_is_told(lived: Lived) -> None:
    made = lived.json("report", "--format", "json", day=57)

    assert (made["week"]["name"], made["provisional"]) == ("2026-W48", False)
    assert made["at"] == "2026-11-29T23:59:59.999999Z"
    assert lived.json("report", "--format", "json", "--week", "2026-W47", day=57)["week"]["start"] == "2026-11-16"
    assert lived.json("report", "--format", "json", "--week", "2026-11-18", day=57)["week"]["name"] == "2026-W47"


def test_a_running_week_is_provisional(lived: Lived) -> None:
    made = lived.json("report", "--week", "now", "--format", "json", day=NOW)

    assert made["provisional"] is True
    assert "Provisional: this week still runs." in lived.okrsync("report", "--week", "now", day=NOW)
    assert "임시 보고입니다" in lived.okrsync("report", "--week", "now", "--lang", "ko", day=NOW)


def test_what_needs_a_person_comes_first_worst_first(lived: Lived) -> None:
    made = lived.json("report", "--format", "json", day=57)

    assert [(row["key_result"], row["why"]) for row in made["needs"]] == [
        ("zero", "held"),
        ("gone", "unavailable"),
        ("ratio", "behind"),
        ("sales", "confidence fell twice"),
        ("up", "no owner"),
    ]
    assert made["needs"][1]["text"].endswith("it is not there. Last known: 49.")
    assert made["needs"][1]["fix"] == "look"
    assert made["needs"][3]["text"] == "twice, from 7 to 6 to 4."
    text = lived.okrsync("report", day=57)
    order = ("Needs you", "Moved most", "Changed rules and targets", "By objective", "Could not be said", "Words from")
    assert [text.index(f"\n{one}") for one in order] == sorted(text.index(f"\n{one}") for one in order)


def test_what_moved_comes_with_its_causes_and_their_evidence(lived: Lived) -> None:
    lived.sync(52, matched=Decimal(99), contacts=Decimal(150))
    made = lived.json("report", "--format", "json", day=57)
    moves = {row["key_result"]: row for row in made["moves"]}

    assert moves["sales"]["points"] == "0.28"
    assert (moves["sales"]["before"]["text"], moves["sales"]["after"]["text"]) == ("$420", "$700")
    causes = moves["ratio"]["causes"]
    assert [one["source"]["connection"] for one in causes] == ["crm", "crm"]
    assert causes[0]["text"].startswith("matched went from 82 to 99: +")


def test_changes_of_files_come_with_old_new_and_place(lived: Lived) -> None:
    (change,) = lived.json("report", "--format", "json", day=57)["changes"]

    assert (change["what"], change["before"], change["after"]) == ("target", "100", "80")
    assert re.fullmatch(r"okrs/a.yaml:\d+", f"{change['file']}:{change['line']}")


def test_what_is_too_old_is_in_no_mean_and_said(lived: Lived) -> None:
    lived.sync(55)
    lived.sync(66)
    made = lived.json("report", "--format", "json", day=71)

    assert {row["key_result"] for row in made["unsaid"]} == {"gone", "zero"}
    assert (made["known"], made["total"]) == (2, 4)
    assert "2 of 4 key results have no value that is young enough" in made["unsaid_text"]


def test_words_from_people_with_confidence_before(lived: Lived) -> None:
    words = lived.json("report", "--format", "json", "--week", "2026-W47", day=57)["words"]

    assert [(row["by"], row["confidence"], row["confidence_before"]) for row in words] == [
        ("ada", 7, None), ("ada", 6, 7), ("ada", 4, 6),
    ]  # fmt: skip


def test_a_file_is_private_and_its_name_tells_the_form(lived: Lived, tmp_path: Path) -> None:
    for name, begins in (("a.html", "<!doctype html>"), ("a.md", "# acme"), ("a.json", "{"), ("a.txt", "acme: week")):
        lived.okrsync("report", "-o", str(tmp_path / name), day=57)
        file = tmp_path / name
        assert file.read_text().startswith(begins)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_html_is_one_file_that_asks_nobody(lived: Lived) -> None:
    page = lived.okrsync("report", "--format", "html", day=57)

    assert not re.search(r"<script|<link|<img|@import|url\((?!#)|style=", page)
    assert page.count('<svg class="bar"') == page.count('</title><rect class="track"')
    assert '<html lang="en">' in page


@pytest.mark.parametrize(
    "arguments",
    [("--week", "2027-W10"), ("--week", "soon"), ("--cycle", "2025-Q1"), ("--week", "2026-W60")],
)
def test_bad_input_is_told(lived: Lived, arguments: tuple[str, ...]) -> None:
    told = lived.okrsync("report", *arguments, day=57, code=2)

    assert "Error" in told


def test_nothing_recorded_is_a_report_too(empty: Lived) -> None:
    from tests.report.conftest import OKRS

    empty.write(OKRS.format(title="Grow", owner="ada", target=100))
    text = empty.okrsync("report", day=10)

    assert "Nothing is known of 2026-Q4 yet." in text
    assert "Nothing moved by a point or more." in text


def test_a_korean_report_is_korean(empty: Lived) -> None:
    """But for names of metrics and connections, dates and units there is no Latin word."""
    lived_through(empty, "성장", "에이다", "language: ko\ntime_zone: Asia/Seoul\nworkspace: 회사\n")
    for form in ("text", "markdown", "html"):
        told = empty.okrsync("report", "--format", form, day=57)
        shown = re.sub(
            r"<style>.*?</style>|<svg class=\"sprite.*?</svg>|<title>.*?</title>|실행 번호\s+\S+",
            "",
            told,
            flags=re.DOTALL,
        )
        shown = re.sub(r"<[^>]*>", " ", shown)
        words = set(re.findall(r"[A-Za-z]{2,}", shown))
        assert words <= {
            "KST", "KPI", "OKR", "crm", "matched", "contacts", "okrs", "yaml", "it", "is", "not", "there", "look", "br",
        }, form  # fmt: skip
