"""Work that is done once in a pass for all queries that want something of it, and kept no longer than that."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, TypeVar

from connectors.errors import BadAnswer, ConnectorError
from connectors.graph.batch import Answer
from connectors.graph.client import GraphClient
from connectors.graph.schedule import Request
from connectors.graph.tallies import Tally

T = TypeVar("T")


class Shared(Generic[T]):
    """What a piece of work gives to each that wants of it. Threads that want the same wait for the one that does it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks: dict[Hashable, threading.Lock] = {}
        self._found: dict[Hashable, Mapping[Hashable, T | ConnectorError] | ConnectorError] = {}

    def get(self, work: Hashable, wanted: Hashable, do: Callable[[], Mapping[Hashable, T | ConnectorError]]) -> T:
        """Raises ConnectorError."""
        with self._lock:
            own = self._locks.setdefault(work, threading.Lock())
        with own:
            if work not in self._found:
                try:
                    self._found[work] = do()
                except ConnectorError as error:
                    self._found[work] = error
            found = self._found[work]
        one = found if isinstance(found, ConnectorError) else found[wanted]
        if isinstance(one, ConnectorError):
            raise one
        return one


def count_all(client: GraphClient, connection: str, request: Request, first: Answer, tallies: Iterable[Tally]) -> None:
    """Let tallies hear each item of a collection. One that stands on two pages, since others were added meanwhile,
    counts once. Raises ConnectorError."""
    if isinstance(first, ConnectorError):
        raise first
    heard = list(tallies)
    seen: set[str] = set()
    with client.http.one_answer():
        for page in client.pages(request, first):
            for item in page:
                ident = item.get("id") if isinstance(item, dict) else None
                if not isinstance(ident, str) or len(ident) > 500:
                    raise BadAnswer("Graph sent an item without its id", connection=connection)
                if ident not in seen:
                    seen.add(ident)
                    for tally in heard:
                        tally.add(item)
