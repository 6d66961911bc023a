"""SOQL taken apart into words, signs, texts and numbers, in one pass whose cost grows with the length alone. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Kind = Literal["word", "text", "number", "sign"]
_TOKEN = re.compile(r"(\s*)(?:([A-Za-z_]\w*)|('(?:[^'\\]|\\.)*')|([-+]?\d[\w:.+-]*)|(<=|>=|!=|<>|\S))", re.DOTALL)
_KINDS: Mapping[int, Kind] = {2: "word", 3: "text", 4: "number", 5: "sign"}


@dataclass(frozen=True, slots=True)
class Token:
    """A number may be a date or a time, too. `spaced` is true where white space stands before it."""

    kind: Kind
    text: str
    spaced: bool

    @property
    def lower(self) -> str:
        """What it is where case does not count: in words, not in texts."""
        return self.text.lower() if self.kind == "word" else self.text


@lru_cache(maxsize=4096)
def scan(soql: str) -> tuple[Token, ...] | None:
    """None where a text is not closed."""
    found: list[Token] = []
    at = 0
    while True:
        match = _TOKEN.match(soql, at)
        if match is None:
            return tuple(found)
        if match[5] == "'":
            return None
        found.append(Token(_KINDS[match.lastindex or 0], match[match.lastindex or 0], bool(match[1])))
        at = match.end()


def joined(tokens: Sequence[Token]) -> str:
    """The text again, with single spaces where there were any."""
    return "".join(f" {one.text}" if one.spaced and index else one.text for index, one in enumerate(tokens))


def flat(soql: str) -> str:
    """Single spaces, but for what stands in quotes, which is part of the question."""
    tokens = scan(soql)
    return " ".join(soql.split()) if tokens is None else joined(tokens)


def levels(tokens: Sequence[Token]) -> Iterator[tuple[int, Token, int]]:
    """Each token with its place and how many parentheses are open around it; -1 and less where too many close."""
    depth = 0
    for index, token in enumerate(tokens):
        if token.text == ")":
            depth -= 1
        yield index, token, depth
        if token.text == "(":
            depth += 1


def parts(tokens: Sequence[Token], separators: Collection[str]) -> list[Sequence[Token]]:
    """What stands between the separators, those in parentheses left aside."""
    found, start = [], 0
    for index, token, depth in levels(tokens):
        if depth == 0 and token.lower in separators:
            found.append(tokens[start:index])
            start = index + 1
    return [*found, tokens[start:]]


def path_at(tokens: Sequence[Token], start: int) -> tuple[str, int]:
    """The field name (Account.Owner.Name) that begins at a word, and where it ends."""
    end = start + 1
    while end + 1 < len(tokens) and tokens[end].text == "." and tokens[end + 1].kind == "word":
        end += 2
    return "".join(one.text for one in tokens[start:end]), end
