"""A server that means harm, on loopback: it answers, but never as one should. Raw sockets, since no web server can be
told to behave so badly."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Self

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
MEGABYTE = 1024 * 1024


def _silent(_: str) -> Iterator[bytes]:
    while True:
        yield b""


def _drip_header(_: str) -> Iterator[bytes]:
    yield OK + b"X-Slow: "
    while True:
        yield b"a"


def _drip_body(_: str) -> Iterator[bytes]:
    yield OK + b"Content-Length: 1000000\r\n\r\n"
    while True:
        yield b" "


def _endless_header(_: str) -> Iterator[bytes]:
    yield OK
    while True:
        yield b"X-More: " + b"a" * 60_000 + b"\r\n"


def _endless_body(_: str) -> Iterator[bytes]:
    yield OK + b"Transfer-Encoding: chunked\r\n\r\n"
    while True:
        yield b"100000\r\n" + b" " * MEGABYTE + b"\r\n"


def _endless_pages(path: str) -> Iterator[bytes]:
    """Two megabytes a page, and always another one."""
    page = int(path.partition("page=")[2] or 0)
    body = b'{"value": 1, "next": "/?page=%d", "fat": "%s"}' % (page + 1, b"a" * 2 * MEGABYTE)
    yield OK + b"Content-Length: %d\r\n\r\n" % len(body) + body


def _gzip_bomb(_: str) -> Iterator[bytes]:
    """Two gigabytes, packed twice over: each piece inflates to a megabyte."""
    packed = gzip.compress(b" " * MEGABYTE)
    yield OK + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    for _ in range(2048):
        yield b"%x\r\n" % len(packed) + packed + b"\r\n"
    yield b"0\r\n\r\n"


KINDS: dict[str, Callable[[str], Iterator[bytes]]] = {
    "silent": _silent,
    "dripping header": _drip_header,
    "dripping body": _drip_body,
    "endless header": _endless_header,
    "endless body": _endless_body,
    "endless pages": _endless_pages,
    "gzip bomb": _gzip_bomb,
}
DRIPS = {"silent": 0.3, "dripping header": 0.1, "dripping body": 0.1}
"""Seconds between two drops."""


class Hostile:
    """Answers every request in the way that its kind says. `first_asked` is when the first request came (monotonic);
    `let_go` is set once a caller has closed its end."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._answer, self._pause = KINDS[kind], DRIPS.get(kind, 0)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._over = threading.Event()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.first_asked: float | None = None
        self.let_go = threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._over.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while not self._over.is_set():
                taken, _ = self._socket.accept()
                threading.Thread(target=self._serve, args=(taken,), daemon=True).start()

    def _serve(self, taken: socket.socket) -> None:
        with taken, suppress(OSError):
            while head := self._head(taken):
                self.first_asked = self.first_asked or time.monotonic()
                for piece in self._answer(head.split()[1].decode()):
                    self._send(taken, piece)
                    if self._over.wait(self._pause):
                        return

    def _send(self, taken: socket.socket, piece: bytes) -> None:
        try:
            taken.sendall(piece)
        except OSError:
            self.let_go.set()
            raise

    def _head(self, taken: socket.socket) -> bytes:
        head = b""
        while b"\r\n\r\n" not in head:
            more = taken.recv(65_536)
            if not more:
                return b""
            head += more
        return head
