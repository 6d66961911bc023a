"""The contract of connectors that can be published to: they write a check-in's facts where people look.

Like reading, publishing takes a list, so that the connector alone decides how to batch. What stands there is read
first (`current`), shown as a plan, and given back as `expect`: a person's edit is never overwritten unseen.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Generic, TypeVar

from connectors.errors import ConnectorError
from connectors.written import Written
from mapping.published import Content, Fields, agree

__all__ = ["Content", "Destination", "Publisher", "Receipt", "State", "Update"]


class Destination(Written, ABC):
    """Where check-ins are published, as the operator wrote it: `{jira: {issue: OKR-12, fields: {...}}}`. Frozen and
    hashable. `dated` where the tool keeps a value for each day, so that past ones can be published too."""

    dated: ClassVar[bool] = False

    @property
    def readable(self) -> bool:
        """Whether what stands there can be read. If not, the receiver recognizes a repetition by an update's `key`."""
        return True

    @abstractmethod
    def text(self) -> str:
        """The place in one line, for people, without secrets. Two destinations of the same place have the same."""

    @abstractmethod
    def facts(self) -> tuple[tuple[str, str], ...]:
        """The tool's field and the fact that goes into it: `(("customfield_10042", "value"),)`."""


D = TypeVar("D", bound=Destination)


@dataclass(frozen=True, kw_only=True)
class State(Generic[D]):
    """What stands at a destination now. `version` is the tool's own mark of it, where it has one (an ETag). `key` is
    that of our last update, where the tool keeps it. An empty `fields` is a place where nothing stands yet."""

    fields: Fields = ()
    version: str | None = None
    key: str | None = None


@dataclass(frozen=True, kw_only=True)
class Update(Generic[D]):
    """What must stand at a destination: all of its fields, or some.

    `key` is of the check-in and the destination, the same at each try: a tool that keeps it can recognize a
    repetition. `day` is the check-in's, for tools that keep a value for each day; `subject` the id of what it is
    about, for the receivers. `expect` is what was read when the plan was made; None writes whatever stands there.
    """

    destination: D
    fields: Fields
    key: str
    day: date
    subject: str = ""
    expect: State[D] | None = None

    def stands_in(self, found: State[D]) -> bool:
        """Whether nothing is left to write."""
        return agree(self.fields, found.fields)

    def is_unexpected(self, found: State[D]) -> bool:
        """Whether somebody else has written there since then."""
        if self.expect is None:
            return False
        if not self.expect.fields:
            return any(given is not None for _, given in found.fields)
        return not agree(self.expect.fields, found.fields)


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """That it was written, or stood there already (`changed` is false). `remote_id` and `link` are the tool's own, kept
    for the next time and for people."""

    changed: bool = True
    remote_id: str | None = None
    link: str | None = None


class Publisher(ABC, Generic[D]):
    """A connector whose spec has a `destination`. Raises no ConnectorError, but yields it for the update that it
    concerns."""

    def kept(self, updates: Collection[Update[D]]) -> list[Update[D]]:
        """Each as the tool will keep it, in the same order: with as many decimals as a field has. Raises nothing."""
        return list(updates)

    @abstractmethod
    def current(self, updates: Collection[Update[D]]) -> Iterator[tuple[Update[D], State[D] | ConnectorError]]:
        """What stands where each update would go. Writes nothing."""

    @abstractmethod
    def publish(self, updates: Collection[Update[D]]) -> Iterator[tuple[Update[D], Receipt | ConnectorError]]:
        """Write each update's fields and nothing else. If something else than `expect` stands there, write nothing
        and yield Conflict. An error with `uncertain` may have been written: `current` shows it."""

    def check_destinations(self, destinations: Collection[D]) -> Iterator[tuple[D, ConnectorError | None]]:
        """Let the tool judge whether each could be written (it exists, is editable, of the right type), writing
        nothing."""
        for destination in dict.fromkeys(destinations):
            yield destination, None
