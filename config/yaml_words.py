"""What YAML's parser says, in words for people who write OKRs: what is wrong in the line, and how to write it."""

from __future__ import annotations

import re

import yaml

_KEY = r"^\s*(?:- +)*[\w.-]+:\s+"
_CLOSED_QUOTE = re.compile(_KEY + r"""(?:"[^"]*"|'[^']*')\s*[^\s,#}\]]""")
_TWO_COLONS = re.compile(_KEY + r"""[^"'\[{|>\s][^"]*?:(?:\s|$)""")
_MARK = re.compile(_KEY + r"([%@`&*!|>])")


def in_words(error: yaml.MarkedYAMLError, text: str) -> tuple[int, str, str]:
    """The line (0 where it is not known), what is wrong, and the fix."""
    lines = text.splitlines()
    number = error.problem_mark.line + 1 if error.problem_mark else 0
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    problem, context = error.problem or "", error.context or ""
    if "tab" in problem or line[: len(line) - len(line.lstrip())].count("\t"):
        return number, "there is a tab at the beginning of the line", "Use spaces instead"
    if "flow" in context and error.context_mark:
        begin = error.context_mark.line + 1
        bracket = "{" if "mapping" in context else "["
        fix = 'Close it, and put quotes around every text with a colon, a comma or a bracket in it: "..."'
        return begin, f"the {bracket} that opens in this line is not closed, or a text inside it needs quotes", fix
    if "quoted scalar" in context and error.context_mark:
        return error.context_mark.line + 1, "the quote that opens in this line is not closed", "Close it"
    return number, *_of_line(line, lines[number - 2] if number > 1 else "", problem)


def _of_line(line: str, before: str, problem: str) -> tuple[str, str]:
    for one in (line, before):
        if _CLOSED_QUOTE.match(one):
            return "a text continues after its closing quote", "Put quotes around the whole text: '\"Big\" growth'"
    if mark := _MARK.match(line):
        return f"a text can't begin with {mark[1]} without quotes", f"Write it in quotes: {_quoted(line)}"
    if _TWO_COLONS.match(line):
        return "a text with a colon needs quotes", f"Write {_quoted(line)}"
    if "mapping values" in problem or "expected" in problem:
        fix = "Indent all names that belong together by the same number of spaces"
        return "this line is indented more or less than the lines it belongs to", fix
    return f"YAML can't be read here ({problem})", "Look for a missing quote, bracket or space in this line"


def _quoted(line: str) -> str:
    name, _, value = line.strip().removeprefix("- ").partition(":")
    return f'{name}: "{value.strip()}"'


def encoding_of(raw: bytes) -> str:
    """What a file that is not UTF-8 seems to be, for people."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    try:
        text = raw.decode("cp949")
    except UnicodeDecodeError:
        return "another encoding"
    return "CP949, as Korean Windows writes it" if re.search("[가-힣]", text) else "another encoding"
