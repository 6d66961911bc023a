"""The searches of text fields: words by their stems, phrases, words with a wildcard at the end, OR and NOT.

https://support.atlassian.com/jira-software-cloud/docs/search-syntax-for-text-fields/
"""

from __future__ import annotations

import re

from sandbox.jira.jql import JqlError

_PART = re.compile(r'(?P<not>-|\+|\bNOT\s+)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')
_IGNORED = (
    "a and are as at be but by for if in into is it no not of on or s such t that the their then there these they this "
    "to was will with"
)
IGNORED = frozenset(_IGNORED.split())


def match(text: str, field: str) -> str | None:
    """The query in SQLite's words (FTS5), None where only words are asked for that are not looked for. Raises JqlError
    for what Jira refuses."""
    if not text.strip():
        raise JqlError(f"The field '{field}' does not support searching for an empty string.")
    wanted: list[str] = []
    refused: list[str] = []
    joins: list[str] = []
    either = False
    for part in _PART.finditer(text):
        if part["word"] in ("AND", "OR"):
            either = part["word"] == "OR"
            continue
        found = _one(part["phrase"], part["word"] or "", text, field)
        if found is None:
            continue
        if part["not"] and part["not"] != "+":
            refused.append(found)
        else:
            joins.append("OR" if either else "AND")
            wanted.append(found)
        either = False
    if not wanted:
        return None
    made = wanted[0] + "".join(f" {join} {one}" for join, one in zip(joins[1:], wanted[1:], strict=True))
    return f"({made})" + "".join(f" NOT {one}" for one in refused)


def _one(phrase: str | None, word: str, text: str, field: str) -> str | None:
    if phrase is not None:
        return f'"{phrase}"' if re.search(r"\w", phrase) else None
    if word[0] in "*?":
        raise JqlError(f"The text query '{text}' for field '{field}' is not allowed to start with '{word[0]}'.")
    stem = re.match(r"\w[\w'.-]*", word)
    if not stem or stem[0].lower() in IGNORED:
        return None
    return f'"{stem[0]}"{"*" if word[stem.end() :].startswith("*") else ""}'
