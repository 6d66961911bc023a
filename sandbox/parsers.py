"""Parsers that are made once, though several threads want them first: making one takes half a second."""

from __future__ import annotations

import threading
from functools import cache

from lark import Lark

_making = threading.Lock()


def parser(grammar: str) -> Lark:
    with _making:
        return _made(grammar)


@cache
def _made(grammar: str) -> Lark:
    return Lark(grammar, parser="lalr", maybe_placeholders=True)
