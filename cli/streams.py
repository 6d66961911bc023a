"""Standard streams as they are: closed before we begin, left by their reader, on a full disk, in a character set of few
signs. None of it undoes what a command did, and none is a defect; what was not delivered is told by the exit code."""

from __future__ import annotations

import codecs
import os
import sys
from typing import Any, TextIO

_PLAIN = str.maketrans(
    {
        **dict(zip("→…·✓✗━─“”‘’–—", ("->", "...", "-", "+", "x", "=", "-", '"', '"', "'", "'", "-", "-"), strict=True)),
        **dict(zip("▁▂▃▄▅▆▇█", "12345678", strict=True)),
        **dict(zip("€₩£¥₹", ("EUR ", "KRW ", "GBP ", "JPY ", "INR "), strict=True)),
    }
)
"""Our own signs for character sets that lack them."""


class _Stream:
    """A text stream that takes any text, and goes on when nothing can be written any more. `trouble` says why that is,
    unless somebody just stopped reading, as in `okrsync show | head -1`."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.trouble: OSError | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def fits(self, text: str) -> bool:
        """Whether its character set has every sign of the text."""
        try:
            text.encode(self._stream.encoding)
        except UnicodeEncodeError:
            return False
        return True

    def write(self, text: str) -> int:
        try:
            self._stream.write(text if text.isascii() else self._fitted(text))
        except OSError as error:
            self._give_up(error)
        return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            self._give_up(error)

    def _fitted(self, text: str) -> str:
        charset = self._stream.encoding
        return text.encode(charset, "okrsync").decode(charset)

    def _give_up(self, error: OSError) -> None:
        """What is still in the stream's buffer, and all that follows, is written to the null device."""
        if not isinstance(error, BrokenPipeError):
            self.trouble = self.trouble or error
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)


def guard_streams() -> None:
    """To be called once, first of all."""
    codecs.register_error("okrsync", _without_what_is_lacking)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            _open_null_device(number, name)
    sys.stdout, sys.stderr = _Stream(sys.stdout), _Stream(sys.stderr)


def undelivered() -> OSError | None:
    """Why a part of standard output is lost, where it is."""
    sys.stdout.flush()
    return getattr(sys.stdout, "trouble", None)


def fits(text: str) -> bool:
    """Whether standard output can show every sign of the text."""
    return sys.stdout.fits(text) if isinstance(sys.stdout, _Stream) else True


def _open_null_device(number: int, name: str) -> None:
    """Else the next file that is opened, as the store, would get the number of the stream, and what is meant for
    people would be written into it."""
    mode = os.O_RDONLY if name == "stdin" else os.O_WRONLY
    opened = os.open(os.devnull, mode)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)
    setattr(sys, name, open(number, "r" if name == "stdin" else "w", encoding="utf-8", closefd=False))  # noqa: SIM115


def _without_what_is_lacking(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end].translate(_PLAIN)
    return "".join(char if char.isascii() else "?" for char in lacking), error.end
