"""The contract that every connector keeps. This module is public: other packages build connectors on it.

A tool has one or more of four capabilities, and its spec declares which: it is *read* (`Reader`), *published to*
(`Publisher`), *told* (`Teller`), or *rings* (`Bell`). Making a connector does no I/O. It knows readings, but nothing
about OKRs, schedules or the store. What is exported here changes only with `API_VERSION`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from typing import Any, ClassVar, Generic, Literal, TypeVar

from pydantic import ConfigDict, Field, SecretStr, field_validator

from connectors.errors import ConnectorError
from connectors.finding import Finder, Found, Kind
from connectors.memories import Forgetful, Memory
from connectors.publishing import Content, Destination, Publisher, Receipt, State, Update
from connectors.readings import reading
from connectors.redaction import redact
from connectors.ringing import EVERYTHING, Answer, Bell, Call, Delivery, Forged, Subscriber, Watch
from connectors.signatures import key_of
from connectors.telling import Channel, Line, Message, Teller
from connectors.written import Written, forms_by_key
from mapping.day import UTC, Zone
from mapping.reading import Reading

API_VERSION = 1
"""Grows when connectors of other packages must change to keep working. The CHANGELOG says how."""

__all__ = [
    "API_VERSION",
    "EVERYTHING",
    "Account",
    "Answer",
    "Bell",
    "Call",
    "Channel",
    "Clock",
    "Connector",
    "Content",
    "Delivery",
    "Destination",
    "Finder",
    "Forged",
    "Found",
    "Kind",
    "Line",
    "Memory",
    "Message",
    "Moment",
    "Options",
    "Outcome",
    "Publisher",
    "Query",
    "Reader",
    "Receipt",
    "Spec",
    "State",
    "Subscriber",
    "Teller",
    "Update",
    "Verbatim",
    "Watch",
    "query_forms",
    "reading",
]

Clock = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A date that a query names, to be written in the tool's own unambiguous form.

    `day` is a day of the workspace, `at` an instant, in UTC: a cycle's start is the first moment of its first day,
    its end the last microsecond of its last one, so that `<=` means the whole day in tools that compare instants.
    `form` is "date" or "time" if the operator said which one is meant (`{cycle.start:date}`), and None if the tool's
    own way decides.
    """

    day: date
    at: datetime
    form: Literal["date", "time"] | None = None

    @property
    def iso(self) -> str:
        """The instant in ISO 8601, to the millisecond where it is no whole second: the last one of a day counts."""
        return self.at.isoformat(timespec="milliseconds" if self.at.microsecond else "seconds").replace("+00:00", "Z")


class Verbatim(str):
    """A text of a query in which braces have their own meaning. No date is filled in."""

    __slots__ = ()


class Query(Written, ABC):
    """One question to one connection, as the operator wrote it. Frozen and hashable: equal queries are one."""

    @abstractmethod
    def text(self) -> str:
        """The question in one line, as evidence for people. It is complete and has no secrets."""

    @property
    def meaning(self) -> str:
        """The part that decides what its values mean: everything except values that stand in it."""
        return self.text()

    @property
    def bare_number(self) -> Decimal | None:
        """A value that a person wrote into the query without its unit, where values stand in it."""
        return None


class Options(Written):
    """The options of every connection, whatever the tool. Secrets are `SecretStr`."""

    # What is refused may be a secret in the wrong place.
    model_config = ConfigDict(hide_input_in_errors=True)

    concurrency: int = Field(default=10, ge=1, le=32, description="How many requests may run at the same time.")
    requests_per_second: float | None = Field(
        default=None, gt=0, le=1000, description="Most requests a second. Without it, okrsync sets no limit of its own."
    )
    timeout: float = Field(
        default=60, gt=0, le=600, description="Seconds that one request may take, all tries included."
    )
    max_bytes: int = Field(
        default=20_000_000,
        ge=1000,
        le=1_000_000_000,
        description="Most bytes of the answer to one query, unpacked, all pages together.",
    )
    hook_secret: SecretStr | None = Field(
        default=None, min_length=16, description="The secret with which the tool signs webhooks to this connection."
    )
    hook_secret_before: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="The previous secret, which stays valid. Remove it when every sender has the new one.",
    )

    @field_validator("hook_secret", "hook_secret_before")
    @classmethod
    def _is_key(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            key_of(secret.get_secret_value())
        return secret

    def hook_secrets(self) -> tuple[str, ...]:
        """Those that are valid now."""
        given = (self.hook_secret, self.hook_secret_before)
        return tuple(secret.get_secret_value() for secret in given if secret is not None)


@dataclass(frozen=True, kw_only=True)
class Account:
    """The account that is signed in. `name` is for people, `details` in reading order.

    `quota` is (calls used, calls allowed) in 24 hours, if the tool counts them.
    """

    name: str
    details: tuple[tuple[str, str], ...] = ()
    quota: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What a connector is, readable before any connection exists.

    `name` is the word used in YAML, the folder and the registry key. `connector` is where the class is
    ("package.module:Class"); only a tool that does nothing but ring has none. What a tool can do is told by

    * `queries`: it is read. The pydantic type that a query in YAML is validated against (a `Query` subclass or a union
      made by `query_forms`), with `write_moment`, which puts a date into a query in the tool's own form;
    * `destination`: it is published to. The type of a destination in YAML, a `Destination` subclass or a union;
    * `channel`: it is told. The type of a channel in YAML, likewise;
    * `bell`: it rings. Where the class is.

    `remote` is false where no network lies between us and the answer. `any_shape` is true where any JSON may be a right
    answer, since the tool is not known. `needs_connection` is false where a query can be written without a connection
    in okrsync.yaml. `short_form` is true where a query may be written as a text alone. `quotes` are the marks
    between which the tool reads a text, so that a date there would be another thing. `publishing_needs` is the least
    permission for what is published, for people.
    """

    name: str
    title: str
    options: type[Options]
    connector: str | None = None
    queries: Any = None
    write_moment: Callable[[Moment], str] | None = None
    destination: Any = None
    channel: Any = None
    bell: str | None = None
    remote: bool = True
    short_form: bool = False
    needs_connection: bool = True
    any_shape: bool = False
    quotes: str = ""
    publishing_needs: str = ""

    def __post_init__(self) -> None:
        if not self.capabilities:
            raise TypeError(f"the connector {self.name} declares nothing that it can do")
        if self.connector is None and self.capabilities != ("rings",):
            raise TypeError(f"the connector {self.name} names no class")
        if (self.queries is None) != (self.write_moment is None):
            raise TypeError(f"the connector {self.name} declares only one of queries and write_moment")

    @property
    def capabilities(self) -> tuple[str, ...]:
        declared = {
            "is read": self.queries,
            "is published to": self.destination,
            "is told": self.channel,
            "rings": self.bell,
        }
        return tuple(what for what, how in declared.items() if how is not None)

    @property
    def package(self) -> str:
        """The folder of its code and README."""
        return (self.connector or self.bell or "").partition(":")[0].rpartition(".")[0]

    def load(self) -> type[Connector]:
        """The connector class, imported now: client libraries are heavy and most commands need none."""
        made: type[Connector] = _imported(self.connector or "")
        return made

    def load_bell(self) -> type[Bell]:
        made: type[Bell] = _imported(self.bell or "")
        return made


def _imported(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


Q = TypeVar("Q", bound=Query)
Outcome = Reading | ConnectorError


class Connector:
    """One connection to one tool, signed in on first use. Safe to close twice and after an interruption."""

    spec: ClassVar[Spec]

    def __init__(
        self, name: str, options: Any, *, clock: Clock, zone: Zone = UTC, memory: Memory | None = None
    ) -> None:
        """`name` is the connection's name in the operator's file, used in evidence and errors; `zone` that of the
        workspace's days. `memory` keeps small facts from run to run. No I/O here."""
        self.name = name
        self.options = options
        self.clock = clock
        self.zone = zone
        self.memory: Memory = Forgetful(clock) if memory is None else memory
        redact.protect_options(options)

    def check(self) -> Account | None:
        """Sign in and return the account; None if the tool does not name one. Raises ConnectorError. Writes nothing."""
        return None

    @property
    def sent(self) -> int | None:
        """How many calls were sent so far, including sign-in and repeats; None if they are not counted."""
        return None

    @property
    def usage(self) -> tuple[int, int] | None:
        """Calls used and allowed in 24 hours, if the tool's last answer named them. No I/O."""
        return None

    def stop(self) -> None:
        """Stop asking. Another thread than the one that reads calls this. The queries that are left fail as
        Unreachable."""

    def close(self) -> None:
        """Close the sockets. It may be called twice."""


class Reader(Connector, ABC, Generic[Q]):
    """A connector that is asked with a list of queries and gives a reading or an error for each, so that it alone
    decides how to deduplicate, merge, batch and page.

    `read` may be called from one thread at a time; inside it a connector runs up to `options.concurrency` requests at
    once.
    """

    @abstractmethod
    def read(self, queries: Collection[Q]) -> Iterator[tuple[Q, Outcome]]:
        """Ask each query once; yield exactly one outcome for each distinct one, in any order, as they come.

        Never raises ConnectorError: a failure of the connection is the outcome of every query it concerns. No
        queries, no call. Reads write nothing.
        """

    def validate(self, queries: Collection[Q]) -> Iterator[tuple[Q, ConnectorError | None]]:
        """Let the tool check each query without running it, if it can. This has no side effects."""
        for query in dict.fromkeys(queries):
            yield query, None

    def calls(self, queries: Collection[Q]) -> int:
        """About how many calls a read of these costs, without sign-in and retries. Asks nothing."""
        return len(dict.fromkeys(queries))


def query_forms(*forms: type[Query], text: type[Query] | None = None) -> Any:
    """The union of a tool's query forms, told apart by the name of each form's first field.

    `{count: "project = A"}` is the form whose first field is `count`, so that errors speak of that form alone. A bare
    text is the form `text`, whose validator takes one.
    """
    return forms_by_key(forms, "a query", text=text)
