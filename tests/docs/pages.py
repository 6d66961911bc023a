"""The pages that people read, and the fenced blocks in them.

A block says by its language how it is tried: `yaml` is loaded as what it is, `console` is run with what it prints, each
line of `sh` that calls okrsync or make is parsed, `python` is run by the test of what it calls. A block that can't be tried says why, in the line above it:
`<!-- not tried: REASON -->`. A block that is a file for the following ones says so: `<!-- file: acme/okrs/a.yaml -->`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
LANGUAGES = {"yaml", "console", "sh", "csv", "text", "sql", "dotenv", "python"}
FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Block:
    page: Path
    line: int
    language: str
    text: str
    file: str | None
    not_tried: str | None

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    found = [ROOT / "CONTRIBUTING.md", *ROOT.glob("README*.md"), *ROOT.glob("docs/**/*.md")]
    return sorted([*found, *ROOT.glob("examples/**/*.md"), *ROOT.glob("connectors/*/README.md")])


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for match in FENCE.finditer(text):
        before = text[: match.start()].rstrip().rsplit("\n", 1)[-1].strip()
        indent = len(match["indent"])
        yield Block(
            page=page,
            line=text.count("\n", 0, match.start()) + 1,
            language=match["language"],
            text="".join(line[indent:] if line.strip() else line for line in match["text"].splitlines(keepends=True)),
            file=_told("file", before),
            not_tried=_told("not tried", before),
        )


def every_block(*languages: str) -> list[Block]:
    """Those that can be tried."""
    return [one for page in pages() for one in blocks(page) if one.language in languages and not one.not_tried]


def _told(word: str, line: str) -> str | None:
    found = re.fullmatch(rf"<!-- {word}: (.+) -->", line)
    return found[1] if found else None
