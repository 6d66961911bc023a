"""Texts that others wrote: what a tool, a file or a person says, made fit to be stored, logged and shown."""

from __future__ import annotations

import re

MOST = 2000
"""Characters of one text from outside. What is longer is no message."""

_BREAKS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_BLANKS = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
UNSEEN = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls: NUL, ESC, C1
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # nothing to be seen
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"  # no width, right to left
    "\ufdd0-\ufdef\ufffe\uffff"  # no characters
    "\U000e0000-\U000e0fff"  # tags
    "]"
)
LONE = re.compile("[\ud800-\udfff]")


def clean(text: str, most: int | None = MOST, *, lines: bool = False) -> str:
    """The text without what can't be seen or turns others around: controls, marks of direction, characters without
    width. Half a character is shown as one that is unknown. At most `most` characters; what is cut ends in an
    ellipsis. Line breaks and tabs stay where `lines` says so, else they are blanks."""
    if most is not None and len(text) > 8 * most:
        text = text[: 8 * most] + "…"
    if not (text.isascii() and text.isprintable()):
        text = _BREAKS.sub("\n", text) if lines else _BLANKS.sub(" ", text)
        text = LONE.sub("\ufffd", UNSEEN.sub("", text))
    if most is not None and len(text) > most:
        text = text[: most - 1] + "…"
    return text
