"""JSON that is safe to look at: what a terminal would obey or could not show is an escape in it; nothing is lost."""

from __future__ import annotations

import json
import re
from typing import Any

from mapping.foreign import LONE, UNSEEN

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_ESCAPED = re.compile(f"{UNSEEN.pattern}|{LONE.pattern}|[\u2028\u2029]")


def json_text(data: Any, indent: int | None = None) -> str:
    text = json.dumps(data, indent=indent, ensure_ascii=False, default=str)
    return text if text.isascii() and "\x7f" not in text else _ESCAPED.sub(_escape, text)


def ascii_only(text: str) -> str:
    """The same JSON for readers of few signs."""
    return _NOT_ASCII.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{high:02x}{low:02x}" for high, low in zip(units[::2], units[1::2], strict=True))
