"""What the pages tell to type is typed, in the order of the page, and what they show is what comes out.

A page says in its second line where its `console` blocks are run: `<!-- tried in an empty folder -->` or
`<!-- tried in the workspace that make demo leaves -->`. The sandbox runs beside it. Of what a command prints, a page
shows all lines or some; `...` stands for what it leaves out.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.demo import make_workspace
from cli.main import run
from cli.sandbox import FIRST_PORT
from sandbox.company import sample_company
from sandbox.run import running
from tests.docs.pages import ROOT, Block, blocks, pages

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
EMPTY, DEMO = "<!-- tried in an empty folder -->", "<!-- tried in the workspace that make demo leaves -->"
TOLD = [page for page in pages() if any(one.language == "console" for one in blocks(page))]


@pytest.fixture(scope="module")
def stand_ins() -> Iterator[list[str]]:
    """Their addresses, in the order in which `okrsync sandbox` takes its ports."""
    with running(sample_company(NOW), clock=lambda: NOW) as environment:
        yield [environment[name] for name in ("SALESFORCE_URL", "JIRA_URL", "GRAPH_URL")]


def connect(folder: Path, addresses: list[str]) -> None:
    """Workspaces for the sandbox name its usual ports; here it has others."""
    for worker in folder.glob("**/okrsync.yaml"):
        text = worker.read_text()
        for offset, address in enumerate(addresses):
            text = text.replace(f"http://127.0.0.1:{FIRST_PORT + offset}", address)
        worker.write_text(text)


def steps(block: Block) -> Iterator[tuple[list[str], list[str]]]:
    """Each command, and the lines that the page shows of what it prints."""
    command, shown = "", list[str]()
    for line in block.text.splitlines():
        if line.startswith("$ "):
            if command:
                yield shlex.split(command, comments=True), shown
            command, shown = line[2:], []
        elif command.endswith("\\"):
            command = command[:-1] + line
        else:
            shown.append(line)
    yield shlex.split(command, comments=True), shown


def same(line: str) -> str:
    return re.sub(r"\s+|━+|─+", " ", line).strip()


@pytest.mark.parametrize("page", TOLD, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_tells(
    page: Path,
    tmp_path: Path,
    stand_ins: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("USER", "ada")
    monkeypatch.setenv("LOGNAME", "ada")
    where = page.read_text().splitlines()[1]
    assert where in (EMPTY, DEMO)
    clock = NOW
    if where == DEMO:
        make_workspace(tmp_path / "demo", NOW, FIRST_PORT)
        connect(tmp_path, stand_ins)
        assert run(["-c", "demo", "sync"], clock=lambda: NOW) == 0
    for block in blocks(page):
        if block.file:
            (tmp_path / block.file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / block.file).write_text(block.text)
        if block.language != "console" or block.not_tried:
            continue
        for words, shown in steps(block):
            assert words[0] == "okrsync", f"{block}: only okrsync is run here"
            clock += timedelta(minutes=1)
            capsys.readouterr()
            code = run(words[1:], clock=lambda: clock)  # noqa: B023 - called before the next turn
            said = capsys.readouterr()
            connect(tmp_path, stand_ins)
            assert code in (0, 4, 5), f"{block}: okrsync {shlex.join(words[1:])}: {code}\n{said.out}{said.err}"
            printed = [same(line) for line in (said.out + said.err).splitlines()]
            missing = [line for line in shown if same(line) not in ("", "...") and same(line) not in printed]
            assert missing == [], f"{block}: okrsync {shlex.join(words[1:])} prints\n{said.out}{said.err}"
