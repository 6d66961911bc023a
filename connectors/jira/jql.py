"""What we must know of a JQL's text: where its order begins, and which numbers it compares with. One pass, left to
right, by Jira's own lexical rules (Jql.g); what it means is Jira's to say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?s)(?P<space>\s+)|(?P<quoted>"(?:\\.|[^"\\])*+"|'(?:\\.|[^'\\])*+')|(?P<op><=|>=|!=|!~|[=<>~])"""
    r"""|(?P<word>(?:\\.|[^\s"'=!<>()~,\[\]|&\\])++)|(?P<other>.)"""
)


_DATE = re.compile(r"-?[0-9]{1,400}|[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}")


class Token(NamedTuple):
    """`kind` is quoted, op, word or other; `at` is where it begins."""

    kind: str
    text: str
    at: int


@dataclass(frozen=True)
class Compared:
    """A field compared with a whole number or a day, as `due >= 1790812800000` or `created <= "2026-12-31"`."""

    field: str
    op: str
    value: str
    is_quoted: bool

    @property
    def is_day(self) -> bool:
        return not self.value.lstrip("-").isdecimal()


def split(jql: str) -> tuple[str, str]:
    """The condition, and the ORDER BY clause or ""."""
    for first, second in pairwise(tokens(jql)):
        if first.kind == second.kind == "word" and (first.text.lower(), second.text.lower()) == ("order", "by"):
            return jql[: first.at].strip(), jql[first.at :]
    return jql.strip(), ""


def compared(jql: str) -> Iterator[Compared]:
    """The comparisons with whole numbers and days, quoted or not; of cf[10016] the field is "cf[10016]"."""
    found = list(tokens(jql))
    for index, token in enumerate(found[1:-1], 1):
        value = unquoted(found[index + 1])
        if token.kind == "op" and token.text[-1] != "~" and _DATE.fullmatch(value):
            yield Compared(_field(found, index - 1), token.text, value, found[index + 1].kind == "quoted")


def _field(found: list[Token], last: int) -> str:
    if found[last].text == "]" and last >= 3:
        return "".join(token.text for token in found[last - 3 : last + 1])
    return unquoted(found[last])


def unquoted(token: Token) -> str:
    text = token.text[1:-1] if token.kind == "quoted" else token.text
    return re.sub(r"\\(.)", r"\1", text)


def tokens(jql: str) -> Iterator[Token]:
    at = 0
    while at < len(jql):
        match = _TOKEN.match(jql, at)
        if match is None:  # pragma: no cover - the last branch takes anything
            return
        kind = match.lastgroup or "other"
        if kind != "space":
            yield Token(kind, match[0], at)
        at = match.end()
