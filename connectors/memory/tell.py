"""Keeps messages in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from connectors.base import Message, Receipt, Teller
from connectors.errors import ConnectorError, Unreachable
from connectors.memory.spec import MemoryChannel

Said = Message[MemoryChannel]


class MemoryTeller(Teller[MemoryChannel]):
    """`messages` is what arrived, by its id; an id that is replaced holds the newer one. `muted` is how many of the
    next messages arrive without an answer."""

    name: str

    def __init__(self) -> None:
        self.messages: dict[str, Said] = {}
        self.muted = 0

    def tell(self, messages: Collection[Said]) -> Iterator[tuple[Said, Receipt | ConnectorError]]:
        for message in messages:
            yield message, self._told(message)

    def _told(self, message: Said) -> Receipt | ConnectorError:
        at = message.replaces if message.replaces in self.messages else f"{len(self.messages) + 1}"
        self.messages[at or ""] = message
        if self.muted:
            self.muted -= 1
            return Unreachable("the answer to a message was lost", connection=self.name, scope="query", uncertain=True)
        return Receipt(remote_id=at)
