"""Which projects' issues a JQL can be about. Errs on the side of "any": a webhook that concerns nobody is lost until
the next pass by schedule. Pure.

Sources: Jira's JQL reference on fields, operators and functions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.jira.jql import Token, split, tokens, unquoted

Projects = frozenset[str] | None
"""Names, keys or ids in lower case, as they are written; None where it may be any project."""

_KEY = re.compile(r"([a-z][a-z0-9_]*)-[0-9]+")
_KEYS = frozenset({"key", "issuekey", "issue", "id"})
_HARMLESS = re.compile(
    r"(start|end)of(day|week|month|year)|now|currentuser|membersof|currentlogin|lastlogin|(open|closed|future)sprints"
    r"|(un)?releasedversions|(latest|earliestun)releasedversion|(standard|subtask)issuetypes"
)
"""Functions whose answer depends on no issue."""
MOST_DEPTH = 50


def projects_of(jql: str) -> Projects:
    condition, _ = split(jql)
    parser = _Parser(list(tokens(condition)))
    try:
        found = parser.any_of(0)
    except _Unknown:
        return None
    return found if parser.is_done else None


class _Unknown(Exception):
    """A condition of a form that is not known here."""


@dataclass
class _Parser:
    left: Sequence[Token]
    at: int = 0

    @property
    def is_done(self) -> bool:
        return self.at == len(self.left)

    def any_of(self, depth: int) -> Projects:
        if depth > MOST_DEPTH:
            raise _Unknown
        found = self._all_of(depth)
        while self._takes("or", "||", "|"):
            while self._takes("|"):
                pass
            other = self._all_of(depth)
            found = None if found is None or other is None else found | other
        return found

    def _all_of(self, depth: int) -> Projects:
        """One condition that names projects is enough, for the others only narrow it; which of several stands for the
        same project under another name can't be told here."""
        found = self._one(depth)
        while self._takes("and", "&&", "&"):
            while self._takes("&"):
                pass
            other = self._one(depth)
            found = other if found is None else found
        return found

    def _one(self, depth: int) -> Projects:
        if self._takes("not", "!"):
            if depth > MOST_DEPTH:
                raise _Unknown
            self._one(depth + 1)
            return None
        if self._takes("("):
            found = self.any_of(depth + 1)
            if not self._takes(")"):
                raise _Unknown
            return found
        return self._compared()

    def _compared(self) -> Projects:
        field = self._field()
        operator = self._operator()
        values = None if operator == "changed" else self._values()
        self._history()
        if operator not in ("=", "in") or values is None:
            return None
        if field == "project":
            return frozenset(values)
        if field in _KEYS:
            keys = [_KEY.fullmatch(value) for value in values]
            return frozenset(key[1] for key in keys if key) if all(keys) else None
        return None

    def _field(self) -> str:
        token = self._next()
        if token.kind not in ("word", "quoted"):
            raise _Unknown
        name = unquoted(token).lower()
        if self._takes("["):
            while not self._takes("]"):
                self._next()
            name += "[]"
        return name

    def _operator(self) -> str:
        token = self._next()
        word = token.text.lower()
        if token.kind == "op":
            return word
        if word == "not" and self._takes("in"):
            return "not in"
        if word == "is":
            return "is not" if self._takes("not") else "is"
        if word == "was":
            no, some = self._takes("not"), self._takes("in")
            return f"was{' not' if no else ''}{' in' if some else ''}"
        if word in ("in", "changed"):
            return word
        raise _Unknown

    def _values(self) -> list[str] | None:
        """None where a function stands among them. Raises _Unknown for a function that may look at other issues."""
        if not self._takes("("):
            one = self._value()
            return None if one is None else [one]
        found = [self._value()]
        while self._takes(","):
            found.append(self._value())
        if not self._takes(")"):
            raise _Unknown
        return None if None in found else [value for value in found if value is not None]

    def _value(self) -> str | None:
        token = self._next()
        if token.kind not in ("word", "quoted"):
            raise _Unknown
        if not self._takes("("):
            return unquoted(token).lower()
        if not _HARMLESS.fullmatch(unquoted(token).lower()):
            raise _Unknown
        depth = 1
        while depth:
            text = self._next().text
            depth += (text == "(") - (text == ")")
        return None

    def _history(self) -> None:
        """`FROM "Open" TO "Done" BY ada DURING (a, b)`, which narrows further."""
        while self._takes("from", "to", "by", "after", "before", "on", "during"):
            self._values()

    def _takes(self, *words: str) -> bool:
        if self.is_done or self.left[self.at].kind == "quoted" or self.left[self.at].text.lower() not in words:
            return False
        self.at += 1
        return True

    def _next(self) -> Token:
        if self.at >= len(self.left):
            raise _Unknown
        self.at += 1
        return self.left[self.at - 1]
