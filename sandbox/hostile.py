"""Ways in which a server keeps a client busy for ever, or fills its memory."""

from __future__ import annotations

import itertools
import time
import zlib
from collections.abc import Iterator
from typing import Literal

Hostile = Literal["drip", "drip-head", "continue", "endless", "endless-head", "bomb"]
HOSTILE: tuple[Hostile, ...] = ("drip", "drip-head", "continue", "endless", "endless-head", "bomb")

PACE = 0.02
"""Seconds between two bytes of a drip."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BLOCK = b"[" + b"1," * 32_000


def stream(kind: Hostile) -> Iterator[bytes]:
    """The bytes of such an answer, without end."""
    match kind:
        case "drip":
            yield HEAD + b"Content-Length: 1000000\r\n\r\n["
            yield from _slowly(b" ")
        case "drip-head":
            yield HEAD + b"X-Long: "
            yield from _slowly(b"a")
        case "continue":
            yield from _slowly(b"HTTP/1.1 100 Continue\r\n\r\n")
        case "endless":
            yield HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
            yield from itertools.repeat(b"%x\r\n%s\r\n" % (len(BLOCK), BLOCK))
        case "endless-head":
            yield HEAD
            yield from (b"X-%d: %s\r\n" % (number, b"a" * 1000) for number in itertools.count())
        case "bomb":
            yield HEAD + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
            yield from _bomb()


def _slowly(piece: bytes) -> Iterator[bytes]:
    for each in itertools.repeat(piece):
        time.sleep(PACE)
        yield each


def _bomb() -> Iterator[bytes]:
    """A gzip without end; each of its chunks, a thousandth of what it unpacks to, stands for a megabyte of blanks."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    first = packer.compress(b"[") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    for packed in itertools.chain([first], itertools.repeat(block)):
        yield b"%x\r\n%s\r\n" % (len(packed), packed)
