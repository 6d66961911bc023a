"""The contract of tools that ring. A webhook is a doorbell: it says that something changed, and never gives a value.

A bell is pure: it is given its connection's options and what is remembered of it, and opens no connection.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.hook_bodies import EVERYTHING, words_of

__all__ = ["EVERYTHING", "Answer", "Bell", "Call", "Delivery", "Forged", "Subscriber", "Watch"]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One HTTP request to the connection's address. `rest` is what follows the address in the path; names of headers
    are in lower case; `body` holds the raw bytes, as they were signed. `certificate` is what a proxy that the operator
    trusts says of the caller's, "" where none does."""

    body: bytes
    method: str = "POST"
    rest: str = ""
    certificate: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer to the caller. An answer alone is a handshake: nothing was touched."""

    status: int = 200
    content: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A call that is what it claims to be. `id` is the same when the same call comes again, and so are the `others`:
    it is known again by each of them. `touched` says in the connector's own words what changed (`project:SUP`),
    EVERYTHING where it can't be told, nothing where the event means nothing to us. `repeats` is true where another
    change may look the same to the last byte, so that the same call counts again. `renew` names subscriptions that the
    tool wants renewed, or has ended."""

    id: str
    touched: frozenset[str]
    others: tuple[str, ...] = ()
    repeats: bool = False
    renew: frozenset[str] = frozenset()
    answer: Answer = Answer()


class Forged(Exception):
    """A call that is not signed, wrongly signed, or too old. The text is for our log alone."""


class Bell(ABC):
    """Judges the calls of one connection. `spec.bell` says where the class is."""

    reads_memory: bool = False
    """Whether it reads the memory, which may take a moment."""

    def __init__(self, options: Any, *, memory: Any) -> None:
        """`memory` is the connection's (`connectors.base.Memory`), as it knows its subscriptions by. No I/O here."""
        self.options = options
        self.memory = memory

    @abstractmethod
    def ring(self, call: Call, now: datetime) -> Delivery | Answer:
        """Judge a call by its raw bytes, in constant time where a secret is compared. Raises Forged, and nothing
        else, whatever the body holds."""

    def concerns(self, query: Any, touched: frozenset[str]) -> bool:  # noqa: ARG002 - for those that can tell
        """Whether what was touched may change the answer to a query. True if nobody can know."""
        return bool(touched)

    def said(self, event: dict[str, Any]) -> frozenset[str]:
        """What the JSON of a call says was touched that was not made by the tool itself."""
        return words_of(event)

    @property
    def asks_again(self) -> timedelta | None:
        """How long to wait before asking again, if the tool may not find at once what was touched."""
        return None


@dataclass(frozen=True, kw_only=True)
class Watch:
    """A subscription as the tool has it: it calls `address` when something of `resource` changes, until it expires."""

    remote_id: str
    resource: str
    address: str
    expires_at: datetime


class Subscriber(ABC):
    """The part of a connector whose tool rings only where it was asked to, for some time. All but `resource_of` and
    the properties raise ConnectorError, NotFound for a subscription that is no more."""

    @property
    @abstractmethod
    def wants_calls(self) -> bool:
        """Whether the operator wants the tool to be asked."""

    @property
    @abstractmethod
    def changes_secret(self) -> bool:
        """Whether existing subscriptions may carry the previous secret and must be made again."""

    @abstractmethod
    def resource_of(self, query: Any) -> str | None:
        """The resource to watch for a query; None if the tool can't report its changes. No I/O."""

    @abstractmethod
    def watches(self) -> list[Watch]:
        """All existing subscriptions, whatever their address."""

    @abstractmethod
    def watch(self, resource: str, address: str) -> Watch:
        """For as long as the tool allows. The tool may call the address before this returns."""

    @abstractmethod
    def renew(self, watch: Watch) -> Watch:
        """For as long as the tool allows from now."""

    @abstractmethod
    def unwatch(self, remote_id: str) -> None:
        """Afterwards it does not exist, whether it existed before or not."""
