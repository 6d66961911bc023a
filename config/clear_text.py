"""Finds secrets that stand in the file, whole or in part, and keeps filled-in ones out of what is said of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from config.problems import Problem
from config.secrets import REFERENCE, has_reference
from connectors.redaction import Redactor

_IN_ADDRESS = re.compile(
    r"://[^/@:]*:(?P<user>[^@]*)@|(?:^|[?&\s])(?:password|passwd|pwd|sslpassword|token|secret)=(?P<query>[^&\s]*)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_SCHEME_BEFORE = re.compile(r"(?:[A-Za-z][A-Za-z_-]*[ =:]\s?)*[\"']?")
"""What may stand before a reference in a header: `Token `, `Bearer `, `Token token=`."""
_QUOTED = re.compile(r"(?<!\w)(['\"`])(.*?)\1(?!\w)")
_MARK = "\0"
_TOO_COMMON = frozenset({"http", "https", "host", "postgresql", "psycopg", "sqlite", "com", "www"})


def password_in_address(text: str) -> bool:
    """Whether an address holds a password that is not wholly a reference."""
    found = _IN_ADDRESS.finditer(_marked(text))
    return any((match["user"] or match["query"] or "").strip(_MARK) for match in found)


def stands_in_the_clear(text: str) -> bool:
    """Whether what is written for a secret holds any of it: a reference alone is fine, and with a scheme before it."""
    if _ADDRESS.match(text):
        return not has_reference(text) or password_in_address(text)
    before, mark, after = _marked(text).partition(_MARK)
    return not mark or not _SCHEME_BEFORE.fullmatch(before) or bool(after.strip(f"{_MARK}\"'"))


def _marked(text: str) -> str:
    return REFERENCE.sub(lambda match: _MARK if match[2] else "$", text)


def without_values(problems: Iterable[Problem], used: Mapping[str, str]) -> list[Problem]:
    """The problems without anything that was filled in: each value by the name that stands in the file."""
    return [replace(one, message=_hidden(one.message, used), fix=_hidden(one.fix, used)) for one in problems]


def _hidden(text: str, used: Mapping[str, str]) -> str:
    for name, value in used.items():
        for form in (value, repr(value)[1:-1], value.strip(), value.lower()):
            text = text.replace(form, f"${{{name}}}") if form else text
        text = Redactor([value])(text)
        parts = {part for part in re.split(r"\W+", value) if len(part) > 2} - _TOO_COMMON
        if any(_is_shown(part, text) for part in parts if part not in name):
            return f"the value of ${{{name}}} is not accepted here"
    return text


def _is_shown(part: str, text: str) -> bool:
    """An ordinary word may be one of the message itself, unless it stands in quotes, where what was read is shown."""
    if not (part.isalpha() and part.islower()):
        return part in text
    return any(part in quoted for _, quoted in _QUOTED.findall(text))
