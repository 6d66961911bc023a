"""What others wrote (titles, names, notes, files, the words of tools) reaches no terminal as a command, breaks no output,
and is not printed without end."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from tests.sync.conftest import AT

# Closing and opening markup, colours, a window title, C1, right-to-left, no width, NUL, and a link that hides another.
HOSTILE = (
    "a [/] [bold red]x[/bold] \\[ {value} %s \x1b[31mred\x1b]0;owned\x07 \x9b31m \u202etxt.exe \u2066x\u2069 z\u200bw\ufeff"
    "\u061c\u00ad \x1b]8;;http://evil\x1b\\here\x1b]8;;\x1b\\ \x7f\x08\x08 \U000e0041 한글 end"
)
LONG = "ä" * 250_000
MOST = 200_000
"""Characters of a line: a few texts, each of which is cut."""
UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]"
)


def in_a_file(text: str) -> str:
    """Without what the files refuse; names and notes of the command line may hold it."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text)


def in_yaml(text: str) -> str:
    text = in_a_file(text)
    plain = "".join(char if char.isalnum() or char in " /[]{}%.,:;()" else f"\\U{ord(char):08x}" for char in text)
    return f'"{plain}"'


@pytest.fixture(params=[HOSTILE, LONG], ids=["hostile", "long"])
def said(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def workspace(tmp_path: Path, said: str) -> Path:
    folder = tmp_path / "a\x1b[31m\u202ework"
    (folder / "okrs").mkdir(parents=True)
    text = in_yaml(said)
    (folder / "okrsync.yaml").write_text("connections:\n  memory: {values: {a: 5, zero: 5}}\n")
    (folder / "okrs" / "a\u202e.yaml").write_text(
        f"cycle: 2026-Q4\nobjectives:\n  - id: grow\n    title: {text}\n    owner: {text}\n    key_results:\n"
        f"      - {{id: sales, title: {text}, owner: {text}, start: 1, target: 9, value: {{memory: a}}}}\n"
        f"      - {{id: held, title: {text}, start: 1, target: 9, value: {{memory: zero}}}}\n"
        f"      - {{id: lost, title: {text}, start: 1, target: 9, value: {{memory: none}}}}\n"
        f"    initiatives:\n      - {{id: work, title: {text}, value: {{memory: a}}}}\n"
        f"kpis:\n  - {{id: up, title: {text}, stay_above: 1, value: {{memory: a}}}}\n"
    )
    return folder


LIVED = (
    ["check"],
    ["check", "--connect"],
    ["lint"],
    ["lint", "--sentences"],
    ["test"],
    ["plan"],
    ["sync"],
    ["check-in", "sales", "--value", "6", "--by", "{said}", "--note", "{said}"],
    ["pin", "work", "--value", "50%", "--by", "{said}", "--note", "{said}"],
    ["sync"],
    ["accept", "held", "--by", "{said}"],
    ["show"],
    ["show", "--lang", "ko"],
    ["show", "--owner", "{said}"],
    ["explain", "sales"],
    ["report", "--week", "now"],
    ["report", "--week", "now", "--format", "json"],
    ["explain", "grow", "--lang", "ko"],
    ["history", "grow"],
    ["history", "sales", "--lang", "ko"],
    ["export"],
    ["resume", "work", "--by", "{said}"],
    ["backfill", "--all", "--since", "2026-11-20"],
    ["close", "2026-Q4", "--note", "sales={said}", "--by", "{said}", "--postpone", "sales", "--dry-run"],
    ["close", "2026-Q4", "--note", "sales={said}", "--by", "{said}"],
    ["show"],
    ["history", "grow"],
    ["connectors", "memory"],
)
REFUSED = (
    ["explain", "{said}"],
    ["show", "--cycle", "{said}"],
    ["show", "--objective", "{said}"],
    ["close", "{said}"],
    ["check-in", "sales", "--value", "{said}"],
    ["{said}"],
    ["-c", "{short}", "check"],
)
JSON = (
    ["check"], ["lint"], ["lint", "--sentences"], ["test"], ["plan"], ["show"], ["explain", "sales"], ["history", "sales"],
    ["close", "2026-Q4", "--dry-run"], ["sync"],
)  # fmt: skip


def test_no_text_obeys_a_title(workspace: Path, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    for hours, command in enumerate([*LIVED, *REFUSED]):
        if command[0] == "check-in":
            # What is read from now on is held.
            worker = workspace / "okrsync.yaml"
            worker.write_text(worker.read_text().replace("zero: 5", "zero: 0"))
        words = said.replace("\x00", "")
        given = [part.replace("{said}", words[:100_000]).replace("{short}", words[:60]) for part in command]
        code = run(["-c", str(workspace), *given], clock=lambda hours=hours: AT + timedelta(hours=hours))
        out, err = capsys.readouterr()
        assert code in ((2,) if command in REFUSED else (0, 4)), (command, err[-300:])
        for text in (out, err):
            found = UNSEEN.search(text)
            assert found is None, (command, text[max(0, found.start() - 60) : found.end() + 60])
            assert max(map(len, text.splitlines()), default=0) < MOST, command


@pytest.mark.parametrize("said", [HOSTILE], indirect=True, ids=["hostile"])
def test_data_is_whole_and_shows_nothing_unseen(workspace: Path, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(["-c", str(workspace), "sync"], clock=lambda: AT)
    run(["-c", str(workspace), "check-in", "sales", "--value", "6", "--by", said.replace("\x00", "")], clock=lambda: AT)
    capsys.readouterr()
    made: dict[str, Any] = {}
    for command in JSON:
        assert run(["-c", str(workspace), *command, "--json"], clock=lambda: AT) in (0, 4)
        out = capsys.readouterr().out
        assert not UNSEEN.search(out), command
        made[" ".join(command)] = json.loads(out)
    run(["-c", str(workspace), "export", "--format", "jsonl"], clock=lambda: AT)
    lines = capsys.readouterr().out
    assert not UNSEEN.search(lines)
    assert [json.loads(line) for line in lines.splitlines()]

    assert made["show"]["objectives"][0]["title"] == in_a_file(said)
