"""What an Excel number format says of the number under it. Pure; for cells of the workbook API and of files alike.

Source: ECMA-376 part 1, 18.8.31 (numFmts), and Microsoft's "Number format codes".
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

MOST_LETTERS = 1000
"""Excel allows 255."""


class Kind(StrEnum):
    NUMBER = "number"
    PERCENT = "percent"
    POINTS = "points"
    """A percent sign as a text: the cell shows 75% and holds 75."""
    DURATION = "duration"
    MOMENT = "moment"
    """A date or a time of day: no measurement."""


_TOKEN = re.compile(
    r"""
      "[^"]*"? | \\.? | _.? | \*.?              # a text, a letter as it is, a space as wide as, filled up with
    | \[(?P<elapsed>h+|m+|s+)\]                 # hours, minutes or seconds beyond a day, an hour, a minute
    | \[(?P<test><=|>=|<>|<|>|=)\s*(?P<limit>-?\d+(?:\.\d+)?)\]
    | \[[^\]]*\]?                               # a currency, a locale, a colour
    | (?P<word>general|am/pm|a/p)
    | (?P<scientific>e[+-])
    | (?P<letters>(?P<letter>[ymdhsegb])(?P=letter)*)
    | (?P<percent>%)
    | .
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_TESTS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "<>": operator.ne,
}  # fmt: skip


def kind_of(form: str, value: Decimal) -> Kind:
    """What the format makes of this value: a format has up to four sections, chosen by the value."""
    if len(form) > MOST_LETTERS:
        return Kind.NUMBER
    sections = _sections(form)
    for test, limit, kind in sections:
        if test is not None and _TESTS[test](value, limit):
            return kind
    if any(test is not None for test, _, _ in sections):
        return next((kind for test, _, kind in sections if test is None), sections[-1][2])
    if value < 0 and len(sections) > 1:
        return sections[1][2]
    if value == 0 and len(sections) > 2:
        return sections[2][2]
    return sections[0][2]


@lru_cache(maxsize=4096)
def _sections(form: str) -> tuple[tuple[str | None, Decimal, Kind], ...]:
    """(condition, its limit, kind) of each section."""
    sections: list[list[re.Match[str]]] = [[]]
    for match in _TOKEN.finditer(form):
        if match[0] == ";":
            sections.append([])
        else:
            sections[-1].append(match)
    if len(sections) > 1 and any(match[0] == "@" for match in sections[-1]):
        sections.pop()  # It is for texts.
    return tuple(_section(tokens) for tokens in sections)


def _section(tokens: list[re.Match[str]]) -> tuple[str | None, Decimal, Kind]:
    condition = next((match for match in tokens if match["test"]), None)
    limit = Decimal(condition["limit"]) if condition else Decimal(0)
    return (condition["test"] if condition else None), limit, _kind(tokens)


def _kind(tokens: list[re.Match[str]]) -> Kind:
    if any(match["percent"] for match in tokens):
        return Kind.PERCENT
    words = {match["word"].lower() for match in tokens if match["word"]}
    number = Kind.POINTS if any(match[0][0] in '"\\' and "%" in match[0] for match in tokens) else Kind.NUMBER
    if "general" in words:
        return number
    signs = [match["letters"] or match["elapsed"] or (match[0] if match[0] in ".0#?" else "") for match in tokens]
    code = re.sub(r"s\.0+", "s", "".join(sign[:1].lower() for sign in signs))
    if re.search("[0#?]", code):
        return number
    letters = code.replace(".", "")
    if words or re.search("[ydegb]", letters):
        return Kind.MOMENT
    # m is minutes after hours or before seconds, else months.
    if re.sub("(?<=h)m|m(?=s)", "", letters).count("m") and not any(match["elapsed"] for match in tokens):
        return Kind.MOMENT
    return Kind.DURATION if letters else Kind.NUMBER
