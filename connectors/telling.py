"""The contract of connectors that can be told: they deliver messages to people, each at most once.

A message comes with its words chosen; the connector gives it the tool's form and keeps to the tool's bounds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from connectors.errors import ConnectorError
from connectors.publishing import Receipt
from connectors.written import Written


class Channel(Written, ABC):
    """Where messages go, as the operator wrote it: `{slack: "#okrs"}`. Frozen and hashable."""

    @abstractmethod
    def text(self) -> str:
        """The place in one line, for people, without secrets."""


C = TypeVar("C", bound=Channel)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a message; `strong` begins a section."""

    text: str
    link: str | None = None
    strong: bool = False


@dataclass(frozen=True, kw_only=True)
class Message(Generic[C]):
    """One message to one channel.

    `key` is the same at each try, for tools that tell a repetition by it. `mentions` are e-mail addresses; whoever
    can't be found by one is not mentioned. `replaces` is the `remote_id` of an earlier message that this one takes the
    place of, where the tool can do that; elsewhere it is a new one.
    """

    channel: C
    key: str
    title: str
    lines: tuple[Line, ...] = ()
    link: str | None = None
    mentions: tuple[str, ...] = ()
    replaces: str | None = None


class Teller(ABC, Generic[C]):
    """A connector whose spec has a `channel`."""

    @abstractmethod
    def tell(self, messages: Collection[Message[C]]) -> Iterator[tuple[Message[C], Receipt | ConnectorError]]:
        """Deliver each once; yield one outcome for each. Nothing that may have arrived is sent again: its error is
        `uncertain`. Raises no ConnectorError."""

    def check_channels(self, channels: Collection[C]) -> Iterator[tuple[C, ConnectorError | None]]:
        """Let the tool check whether it could deliver to each, if it can. This sends no message."""
        for channel in dict.fromkeys(channels):
            yield channel, None
