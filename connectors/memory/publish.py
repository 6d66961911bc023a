"""Publishes into memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from connectors.base import Content, Publisher, Receipt, State, Update
from connectors.errors import Conflict, ConnectorError, Unreachable
from connectors.memory.spec import MemoryPlace

Written = Update[MemoryPlace]


class MemoryPublisher(Publisher[MemoryPlace]):
    """`places` is what stands where, and may be changed as a person would. `writes` logs the names that were written.
    `losing` is how many of the next writes take effect without an answer."""

    name: str

    def __init__(self) -> None:
        self.places: dict[str, dict[str, Content]] = {}
        self.keys: dict[str, str] = {}
        self.writes: list[str] = []
        self.losing = 0

    def current(self, updates: Collection[Written]) -> Iterator[tuple[Written, State[MemoryPlace] | ConnectorError]]:
        for update in updates:
            yield update, self._state(update.destination)

    def publish(self, updates: Collection[Written]) -> Iterator[tuple[Written, Receipt | ConnectorError]]:
        for update in updates:
            yield update, self._written(update)

    def _state(self, place: MemoryPlace) -> State[MemoryPlace]:
        found = self.places.get(place.name, {})
        named = [field for field, _ in place.fields if field in found]
        return State(fields=tuple((field, found[field]) for field in named), key=self.keys.get(place.name))

    def _written(self, update: Written) -> Receipt | ConnectorError:
        place = update.destination
        state = self._state(place)
        if update.stands_in(state):
            return Receipt(changed=False, remote_id=place.name)
        if update.is_unexpected(state):
            return Conflict(f"{place.name} was changed since it was read", connection=self.name)
        self.places.setdefault(place.name, {}).update(update.fields)
        self.keys[place.name] = update.key
        self.writes.append(place.name)
        if self.losing:
            self.losing -= 1
            return Unreachable("the answer to a write was lost", connection=self.name, scope="query", uncertain=True)
        return Receipt(remote_id=place.name)
