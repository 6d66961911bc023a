"""JSON that means one thing: no doubled names, no numbers out of range, numbers exact, texts that are texts."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

LONGEST_NUMBER = 1000
MOST_EXPONENT = 400
BYTES_A_VALUE = 10
"""Real answers have more bytes for each value. What has less was made to fill memory: a value takes ten times that."""

DEEPEST = 100
"""Real answers are a dozen levels deep. Where the parser reaches Python's own limit, a finalizer that runs just then
fails for want of stack; so what is too deep is refused before it is parsed."""

_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_LONE = re.compile("[\ud800-\udfff]")


class NoJson(ValueError):
    """What stands there instead, in a few words."""


def parse(content: bytes, most_values: int) -> Any:
    """Fractions are Decimal; half characters become U+FFFD. Raises NoJson."""
    if values(content) > most_values:
        raise NoJson(f"more than {most_values:,} values")
    if _too_deep(content):
        raise NoJson("JSON that is nested too deeply")
    try:
        text = content.decode("utf-8-sig")
        found = json.loads(text, parse_float=_decimal, parse_constant=_no_constant, object_pairs_hook=_object)
        return _whole(found) if _HALF.search(text) else found
    except NoJson:
        raise
    except ValueError as error:
        if "digits" in str(error):
            raise NoJson("a number out of range") from None
        raise NoJson("incomplete JSON") from None


def values(content: bytes) -> int:
    """How many values there are at most."""
    return content.count(b",") + content.count(b"[") + content.count(b"{") + 1


def _too_deep(content: bytes) -> bool:
    if content.count(b"[") + content.count(b"{") <= DEEPEST:
        return False
    outside_texts = content.replace(rb"\\", b"").replace(rb"\"", b"").split(b'"')[::2]
    brackets = b"".join(outside_texts).translate(_ONE_KIND, delete=_NO_BRACKETS)
    brackets += b"]" * (brackets.count(b"[") - brackets.count(b"]"))
    for _ in range(DEEPEST):  # each round takes the innermost level away
        if b"[" not in brackets:
            return False
        brackets = brackets.replace(b"[]", b"")
    return b"[" in brackets


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text) if len(text) <= LONGEST_NUMBER else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value.adjusted()) > MOST_EXPONENT:
        raise NoJson("a number out of range")
    return value


def _no_constant(text: str) -> Any:
    raise NoJson(f"{text}, which is not a number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise NoJson("JSON that contains the same name twice")
    return made


def _whole(found: Any) -> Any:
    if isinstance(found, str):
        return _LONE.sub("\ufffd", found)
    if isinstance(found, dict):
        return {_LONE.sub("\ufffd", name): _whole(part) for name, part in found.items()}
    if isinstance(found, list):
        return [_whole(part) for part in found]
    return found
