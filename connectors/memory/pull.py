"""The memory connector: it reads here, and has every other capability."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from connectors.base import Account, Clock, Memory, Outcome, Reader, reading
from connectors.errors import ConnectorError, NotFound
from connectors.memory.publish import MemoryPublisher
from connectors.memory.spec import SPEC, MemoryQuery
from connectors.memory.tell import MemoryTeller
from mapping.day import UTC, Zone


class MemoryConnector(Reader[MemoryQuery], MemoryPublisher, MemoryTeller):
    """`values` may be changed between reads; an error put there is what that query gives. `asked` logs the names
    that were asked for, one list a read."""

    spec = SPEC

    def __init__(
        self, name: str, options: Any, *, clock: Clock, zone: Zone = UTC, memory: Memory | None = None
    ) -> None:
        super().__init__(name, options, clock=clock, zone=zone, memory=memory)
        MemoryPublisher.__init__(self)
        MemoryTeller.__init__(self)
        self.values: dict[str, Any] = dict(options.values)
        self.asked: list[list[str]] = []

    def check(self) -> Account:
        return Account(name="memory", details=(("values", str(len(self.values))),))

    def read(self, queries: Collection[MemoryQuery]) -> Iterator[tuple[MemoryQuery, Outcome]]:
        distinct = list(dict.fromkeys(queries))
        if distinct:
            self.asked.append([query.name for query in distinct])
        for query in distinct:
            yield query, self._answer(query)

    def _answer(self, query: MemoryQuery) -> Outcome:
        if query.name not in self.values:
            return NotFound(f"there is no value named {query.name!r}", connection=self.name)
        value = self.values[query.name]
        if isinstance(value, ConnectorError):
            return value
        try:
            return reading(value, connection=self.name, query=query.text(), asked_at=self.clock(), rows=1)
        except ConnectorError as error:
            return error
