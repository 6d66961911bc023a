"""How much a caller may use: bytes, time, calls. The same for every address, so that limits reveal nothing."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from fastapi import Request

MOST_BYTES = 2_000_000
"""Of one body. Real ones have some ten thousand."""
MOST_BYTES_TOGETHER = 64_000_000
MOST_HEADER_BYTES = 16_384
BODY_SECONDS = 10.0
CALLS, SECONDS = 10_000, 10.0
"""Calls that one address may make in so many seconds."""
MOST_ADDRESSES = 4096


class Refused(Exception):
    """With the status that says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Bounds:
    """Of one process, inside one event loop. `now` gives monotonic seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._held = 0
        self._calls: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def count(self, address: str) -> None:
        """Raises Refused where an address calls too often."""
        now = self._now()
        began, calls = self._calls.pop(address, (now, 0))
        if now - began >= SECONDS:
            began, calls = now, 0
        self._calls[address] = (began, calls + 1)
        while len(self._calls) > MOST_ADDRESSES:
            self._calls.popitem(last=False)
        if calls >= CALLS:
            raise Refused(429)

    async def body(self, request: Request) -> bytes:
        """The whole body, byte for byte. Raises Refused."""
        if sum(len(name) + len(value) for name, value in request.headers.raw) > MOST_HEADER_BYTES:
            raise Refused(431)
        told = request.headers.get("content-length", "0")
        if not told.isdecimal() or len(told) > 12 or int(told) > MOST_BYTES:
            raise Refused(413)
        read: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(BODY_SECONDS):
                async for part in request.stream():
                    size += len(part)
                    self._held += len(part)
                    read.append(part)
                    if size > MOST_BYTES:
                        raise Refused(413)
                    if self._held > MOST_BYTES_TOGETHER:
                        raise Refused(429)
        except TimeoutError:
            raise Refused(408) from None
        finally:
            self._held -= size
        return b"".join(read)
