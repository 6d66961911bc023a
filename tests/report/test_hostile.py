"""Titles, names and notes of others are harmless in every form of a report."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.cli.test_hostile_titles import HOSTILE, UNSEEN, in_a_file
from tests.report.conftest import lived_through
from tests.report.lived import Lived

MARKDOWN = "# no - [x](http://evil) ![i](http://evil) <b>b</b> `c` | d | @all #12 ~~s~~ **b** _e_ $x$ www.evil.com http://e.com"
HTML = "<script>alert(1)</script><img src=x onerror=a()>'\"><svg/onload=b()>&lt;{{ 7 * 7 }}{% raw %}</style></title>"
CELL = "=cmd|'/C calc'!A1"
RTL = "abc \u202e fdp.exe \u2066x\u2069"


@pytest.fixture(params=[MARKDOWN, HTML, CELL, RTL, "hostile"])
def said(request: pytest.FixtureRequest) -> str:
    if request.param == "hostile":
        return in_a_file(HOSTILE)
    return str(request.param)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src")}


def test_nothing_of_it_is_obeyed(empty: Lived, said: str) -> None:
    lived_through(empty, said, said)
    page = empty.okrsync("report", "--format", "html", day=57)
    tags = Tags()
    tags.feed(page)

    assert not tags.found & {"script", "img", "iframe", "form", "b\\"}
    assert not {name for name in tags.attributes if name.startswith("on")}
    assert tags.links <= {
        f"#m-{name}" for name in ("on", "behind", "risk", "held", "gone", "todo", "achieved", "doing")
    }
    assert "49" not in re.findall(r"&lt;(49)", page)

    for form in ("html", "markdown", "text", "json"):
        told = empty.okrsync("report", "--format", form, day=57)
        assert not UNSEEN.search(told), form
        for line in told.splitlines():
            assert not line.startswith("=cmd"), form
            assert form == "text" or not line.lstrip().startswith("# no"), form


def test_markdown_shows_it_and_does_nothing(empty: Lived) -> None:
    markdown_it = pytest.importorskip("markdown_it")
    lived_through(empty, MARKDOWN, MARKDOWN)
    told = empty.okrsync("report", "--format", "markdown", day=57)
    html = markdown_it.MarkdownIt("gfm-like", {"linkify": False}).render(told)

    assert not re.search(r"<(a|img|code|s|em)\b", html)
    assert html.count("<h1>") == 1
    assert "&lt;b&gt;b&lt;/b&gt;" in html
    assert not re.search(r"(?<!\\)@all|(?<!\\)#12", told)
