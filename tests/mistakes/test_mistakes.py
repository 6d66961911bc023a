"""Each mistake gets the message that messages.txt has: place, cause and fix, in the words of the files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.mistakes.corpus import MISTAKES, Mistake, said
from tests.mistakes.workspace import SECRETS

EXPECTED = {
    part.splitlines()[0].removeprefix("## "): part.strip()
    for part in (Path(__file__).parent / "messages.txt").read_text().split("\n\n")
}
RIGHT = {"won before the number", "0원", "1억", "m for millions", "a year as a number", "SOQL without an aggregate"}
"""No mistakes: these are read as they are meant. What a SOQL gives is for Salesforce to say: `check --connect`."""
FOREIGN = re.compile(
    r"\b(input should|instance of|valid (string|dictionary|list|integer|decimal|boolean)|should match pattern|pydantic|"
    r"validation error|NoneType|[A-Z][a-z]+Form|scanning|block mapping|flow (mapping|sequence)|plain scalar|"
    r"Traceback|KeyError|TypeError|dict\b|str:|\[key\])"
)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake(tmp_path: Path, mistake: Mistake) -> None:
    made = said(tmp_path, mistake)

    assert made == EXPECTED[mistake.name], "python -m tests.mistakes.corpus > tests/mistakes/messages.txt, and read it"
    assert not FOREIGN.search(made)
    assert ("(nothing is said)" in made) == (mistake.name in RIGHT)


def test_every_message_is_of_a_mistake() -> None:
    assert set(EXPECTED) == {mistake.name for mistake in MISTAKES}


def test_every_message_has_a_place_and_a_fix() -> None:
    for name, text in EXPECTED.items():
        for line in text.splitlines()[1:]:
            if name not in RIGHT:
                place, _, rest = line.partition(": ")
                assert re.match(r"(okrs/\w+|okrsync)\.yaml(:\d+)?$", place), line
                assert re.search(r"[.?:] (Write|Did you mean|Indent|Use|Put|Save|Begin|Close|Remove|Correct|Set|Shorten|"
                                 r"write|The other one|Give|Add|Look|Break)|: write |: swap |: it has ", f": {rest}"), line  # fmt: skip
