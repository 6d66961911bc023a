"""Every page can be found, every link leads somewhere, and the page of commands is what the command line says."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from tests.docs.pages import FENCE, LANGUAGES, ROOT, Block, blocks, every_block, pages

LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]

    assert broken == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_each_block_says_how_it_is_tried(page: Path) -> None:
    assert [(str(one), one.language) for one in blocks(page) if one.language not in LANGUAGES] == []


WRITTEN = [page for page in pages() if page.name != "commands.md"]  # which is made of the help texts


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_code_stands_in_fences_that_are_tried(page: Path) -> None:
    prose = FENCE.sub("", page.read_text())

    assert re.findall(r"(?m)^$\n {4,}\S.*", prose) == []


@pytest.mark.parametrize("block", every_block("python"), ids=str)
def test_python_is_python(block: Block) -> None:
    compile(block.text, str(block), "exec")


def test_the_index_names_every_page() -> None:
    index = ROOT / "docs" / "README.md"
    named = {(index.parent / link).resolve() for link in LINK.findall(index.read_text())}

    assert {page for page in (ROOT / "docs").glob("**/*.md") if page != index} - named == set()


def test_the_page_of_commands_is_what_the_command_line_says() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "commands.py"))["page"]()

    assert (ROOT / "docs" / "commands.md").read_text() == made, "run `make docs`"
