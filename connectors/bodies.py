"""Bodies of answers within bounds: of one answer and of all its pages together, and of all that is read at once.

Answers are small; a large one is read only while few others are, in the whole process. So memory stays bounded
however many connections and queries there are, and whatever they are answered with.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests

from connectors.errors import BadAnswer
from connectors.network import NoRoom, host_of
from connectors.strict_json import BYTES_A_VALUE, NoJson, parse, values

LARGE = 1_000_000
"""Bytes from which on an answer, or all pages of one, need a room of their own."""
ROOMS = 2
CHUNK = 65_536
_rooms = threading.BoundedSemaphore(ROOMS)


@dataclass
class _Spent:
    """What this thread has been answered with for one question."""

    size: int = 0
    values: int = 0
    has_room: bool = False

    def need_room(self, seconds: float | None) -> None:
        """Wait for one, and keep it. Raises NoRoom."""
        if not self.has_room:
            if not _rooms.acquire(timeout=seconds):
                raise NoRoom
            self.has_room = True

    def leave(self) -> None:
        if self.has_room:
            self.has_room = False
            _rooms.release()


class Bodies:
    def __init__(self, connection: str, most_bytes: int) -> None:
        self._connection = connection
        self._most = most_bytes
        self._here = threading.local()

    @contextlib.contextmanager
    def one_answer(self) -> Iterator[None]:
        """What this thread is answered inside, all pages together, counts as one answer."""
        if getattr(self._here, "spent", None) is not None:
            yield
            return
        spent = self._here.spent = _Spent()
        try:
            yield
        finally:
            self._here.spent = None
            spent.leave()

    def make_room(self, seconds: float) -> None:
        """Before a further page of an answer that is large already. Raises NoRoom."""
        spent: _Spent | None = getattr(self._here, "spent", None)
        if spent is not None and spent.size > LARGE:
            spent.need_room(seconds)

    def whole(self, answer: requests.Response, most: int | None, seconds: float) -> bytes:
        """Raises BadAnswer and NoRoom."""
        most = most or self._most
        with self.one_answer():
            spent: _Spent = self._here.spent
            body = bytearray()
            try:
                for chunk in answer.iter_content(CHUNK):
                    spent.size += len(chunk)
                    if spent.size > most:
                        body.clear()
                        raise BadAnswer(
                            f"{host_of(answer.url)} answered with more than {most:,} bytes",
                            connection=self._connection,
                            fix="Ask for less, or raise max_bytes.",
                        )
                    if spent.size > LARGE:
                        spent.need_room(seconds)
                    body += chunk
            finally:
                answer.close()
            return bytes(body)

    def parsed(self, response: requests.Response) -> Any:
        """The body as JSON with Decimal for fractions. Raises BadAnswer where it is something else."""
        content: bytes = response.content
        with self.one_answer():
            spent: _Spent = self._here.spent
            if len(content) > LARGE:
                spent.need_room(None)
            try:
                found = parse(content, self._most // BYTES_A_VALUE - spent.values)
            except NoJson as error:
                raise self._no_json(response, content, str(error)) from None
            spent.values += values(content)
            return found

    def said(self, response: requests.Response) -> Any:
        """What a refusal says, as JSON or else the beginning of its text. Never raises."""
        content: bytes = response.content
        try:
            return parse(content, LARGE // BYTES_A_VALUE)
        except NoJson:
            return content[:2000].decode(errors="replace")

    def _no_json(self, response: requests.Response, content: bytes, what: str) -> BadAnswer:
        host = host_of(response.url)
        if content[:200].decode(errors="replace").lstrip().lower().startswith("<"):
            what = f"{host} answered with a web page instead of data (HTTP {response.status_code})"
            fix = "Open the address in a browser. A login page or a proxy may be in the way."
        elif what == "incomplete JSON":
            what = f"{host} answered with {len(content)} bytes that are not complete JSON"
            fix = "Run this again. If it happens again, check what is between okrsync and the tool, such as a proxy."
        else:
            what, fix = f"{host} answered with {what}", "Check what answers at this address, or ask for less."
        return BadAnswer(what, connection=self._connection, fix=fix)
