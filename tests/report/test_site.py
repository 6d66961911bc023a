"""The site as files: every link leads somewhere, nothing is asked of others, and no text of others is obeyed."""

from __future__ import annotations

import re
import stat
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

from tests.cli.test_hostile_titles import UNSEEN
from tests.report.conftest import lived_through
from tests.report.lived import Lived
from tests.report.test_hostile import HTML, Tags

PAGES = ("index.html", "week.html", "people.html", "kpis.html", "objective/o.2026-Q4.html")


def site(lived: Lived, *arguments: str) -> Path:
    folder = lived.folder / "site"
    lived.okrsync("report", "--site", str(folder), *arguments, day=57)
    return folder


def test_every_link_leads_somewhere(lived: Lived) -> None:
    folder = site(lived)
    pages = list(folder.rglob("*.html"))

    assert {str(page.relative_to(folder)) for page in pages} >= {
        *PAGES, *(f"key-result/{key}.2026-Q4.html" for key in ("sales", "ratio", "gone", "zero", "work", "up")),
    }  # fmt: skip
    for page in pages:
        text = page.read_text()
        ids = set(re.findall(r'\bid="([^"]+)"', text))
        for link in re.findall(r'(?:href|src)="([^"]+)"', text):
            file, _, anchor = link.partition("#")
            target = (page.parent / file) if file else page
            assert target.is_file(), f"{page.name}: {link}"
            there = ids if target == page else set(re.findall(r'\bid="([^"]+)"', target.read_text()))
            assert not anchor or unquote(anchor) in {unquote(one) for one in there}, f"{page.name}: {link}"


def test_a_page_asks_nobody_and_carries_no_script_and_no_style_of_its_own(lived: Lived) -> None:
    for page in site(lived).rglob("*.html"):
        assert not re.search(r"<script|\son\w+=|style=|@import|https?://(?!www\.w3\.org)", page.read_text()), page.name


def test_it_is_private_until_somebody_gives_it_away(lived: Lived) -> None:
    for page in site(lived).rglob("*.html"):
        assert stat.S_IMODE(page.stat().st_mode) == 0o600


def test_pictures_have_a_title_a_description_and_a_table(lived: Lived) -> None:
    page = (site(lived) / "key-result" / "sales.2026-Q4.html").read_text()
    (course,) = re.findall(r'<figure>\s*<svg class="burnup" .*?</figure>', page, re.DOTALL)

    assert "<title>Course of Grow</title>" in course
    assert "<desc>The value went from $0 on 5 October to $700 on" in course
    assert course.count("<tr>") >= 8
    assert "If it goes on like this, it ends between" in course
    assert "Pace needed a week" in page
    assert "<title>Confidence</title>" in page
    now = (site(lived) / "index.html").read_text()
    assert "<title>Objectives by level</title>" in now
    assert "<title>Teams by status</title>" in now


def test_the_page_of_a_key_result_holds_its_evidence(lived: Lived) -> None:
    page = (site(lived) / "key-result" / "ratio.2026-Q4.html").read_text()

    assert "matched / contacts" in page
    assert page.count('<article class="card"') == 2
    assert "okrs/a.yaml:" in page


def test_what_others_wrote_is_only_text(empty: Lived) -> None:
    lived_through(empty, HTML, HTML)
    for page in site(empty).rglob("*.html"):
        text = page.read_text()
        tags = Tags()
        tags.feed(text)
        assert not tags.found & {"script", "img", "iframe", "form", "style"}, page.name
        assert not {name for name in tags.attributes if name.startswith("on")}, page.name
        assert not UNSEEN.search(text), page.name


def test_a_korean_site_has_no_english_word_of_ours(empty: Lived) -> None:
    lived_through(empty, "성장", "에이다", "language: ko\ntime_zone: Asia/Seoul\nworkspace: 회사\n")
    foreign = {
        "KST", "KPI", "OKR", "OKRs", "crm", "matched", "contacts", "okrs", "yaml", "it", "is", "not", "there", "look", "br",
        "okrsync", "accept", "reject", "zero", "value", "memory", "query", "Memory", "sync", "kpis",
    }  # fmt: skip
    for page in site(empty).rglob("*.html"):
        shown = re.sub(r'<svg class="sprite.*?</svg>|실행 번호\s+\S+', "", page.read_text(), flags=re.DOTALL)
        shown = re.sub(r"<(code|pre)\b.*?</\1>", " ", shown, flags=re.DOTALL)
        words = set(re.findall(r"[A-Za-z]{2,}", re.sub(r"&\w+;", " ", re.sub(r"<[^>]*>", " ", shown))))
        assert words <= foreign, page.name


def test_nothing_recorded_yet_is_a_site_too(empty: Lived) -> None:
    from tests.report.conftest import OKRS

    empty.write(OKRS.format(title="Grow", owner="ada", target=100))
    folder = empty.folder / "site"
    empty.okrsync("report", "--site", str(folder), day=10)

    assert "No value is recorded yet." in (folder / "key-result" / "sales.2026-Q4.html").read_text()
    assert "Nothing is known of 2026-Q4 yet." in (folder / "index.html").read_text()


def test_the_first_page_of_a_large_company_stays_small(empty: Lived) -> None:
    """What is left out of it is on the page of objectives and of people."""
    rows = [
        f"{{id: k{n}, title: Key result {n}, start: 0, target: 100, value: {{memory: m{n}, connection: crm}}}}"
        for n in range(600)
    ]
    text = ["cycle: 2026-Q4", "objectives:"]
    for n in range(0, 600, 4):
        text += [
            f"  - id: o{n}",
            f"    title: Objective {n}",
            "    key_results:",
            *(f"      - {one}" for one in rows[n : n + 4]),
        ]
    empty.write("\n".join(text) + "\n")
    empty.sync(50, **{f"m{n}": Decimal(n % 100) for n in range(600)})

    facts = empty.workspace
    with empty.store() as store:
        from datetime import timedelta

        from sync.site import site_facts
        from tests.report.lived import START
        from views.language import ENGLISH
        from views.pages.build import Pages
        from views.pages.links import FileLinks

        made = site_facts(facts, store, START + timedelta(days=50), ENGLISH)
        assert made is not None
        pages = Pages(made, ENGLISH)
        now, everything = pages.now(FileLinks()), pages.all_objectives(FileLinks())

    assert len(now.encode()) < 100_000
    assert "more, by person" in now
    assert all(f">Objective {n}<" in everything for n in range(0, 600, 4))
