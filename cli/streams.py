"""Standard output that somebody stops reading. `okrsync show | head -1` is no mistake: the rest goes nowhere, and the
command ends with the code of what it did."""

from __future__ import annotations

import os
import sys
from typing import Any, TextIO


class _Forgiving:
    """A text stream that takes a closed pipe for an empty room."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            _to_nowhere(self._stream)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except BrokenPipeError:
            _to_nowhere(self._stream)


def _to_nowhere(stream: TextIO) -> None:
    """What is still in the stream's buffer, and all that follows, is written to the null device."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def forgive_closed_pipes() -> None:
    sys.stdout, sys.stderr = (stream if stream is None else _Forgiving(stream) for stream in (sys.stdout, sys.stderr))
