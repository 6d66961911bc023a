"""The contract that every connector keeps. This module is public: other packages build connectors on it.

A connector is asked with a list of queries and gives a reading or an error for each, so that it alone decides
how to deduplicate, merge, batch and page. Making one does no I/O. It knows readings, nothing of OKRs, schedules
or the store.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar, Union

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from connectors.errors import ConnectorError
from mapping.day import UTC, Zone
from mapping.reading import Reading

Clock = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A date that a query names, to be written in the tool's own unambiguous form.

    `day` is a day of the workspace, `at` an instant, in UTC: a cycle's start is the first moment of its first day, its
    end the last microsecond of its last one, so that `<=` means the whole day in tools that compare instants. `form` is
    "date" or "time" where the operator said which of them is meant (`{cycle.start:date}`), None where the tool's own
    way decides.
    """

    day: date
    at: datetime
    form: Literal["date", "time"] | None = None


class Query(BaseModel, ABC):
    """One question to one connection, as the operator wrote it. Frozen and hashable: equal queries are one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @abstractmethod
    def text(self) -> str:
        """The question in one line, as evidence: for people, complete, without secrets."""


class Options(BaseModel):
    """What every connection can be told, whatever the tool. Secrets are `SecretStr`."""

    # What is refused may be a secret in the wrong place.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    concurrency: int = Field(default=10, ge=1, le=32, description="Requests in flight at once.")
    requests_per_second: float | None = Field(
        default=None, gt=0, le=1000, description="Requests a second at most; no bound of our own where it is left out."
    )
    timeout: float = Field(default=60, gt=0, le=600, description="Seconds to wait for an answer to one request.")


@dataclass(frozen=True, kw_only=True)
class Account:
    """Who we are signed in as. `name` is for people, `details` in reading order.

    `quota` is (calls used, calls allowed) in 24 hours, where the tool counts them.
    """

    name: str
    details: tuple[tuple[str, str], ...] = ()
    quota: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What a connector is, readable before any connection exists.

    `name` is the word used in YAML, the folder and the registry key. `queries` is the pydantic type that a
    query in YAML is validated against (a `Query` subclass or a union made by `query_forms`).
    `write_moment` puts a date into a query in the tool's own form. `connector` is where the class is
    ("package.module:Class"). `remote` is false where no network lies between us and the answer.
    `any_shape` is true where any JSON may be a right answer, since the tool is not known.
    `needs_connection` is false where a query can be written without a connection in okrsync.yaml.
    `short_form` is true where a query may be written as a text alone.
    """

    name: str
    title: str
    options: type[Options]
    queries: Any
    write_moment: Callable[[Moment], str]
    connector: str
    remote: bool = True
    short_form: bool = False
    needs_connection: bool = True
    any_shape: bool = False
    destination: type[BaseModel] | None = None

    def load(self) -> type[Connector[Any]]:
        """The connector class, imported now: client libraries are heavy and most commands need none."""
        module, _, name = self.connector.partition(":")
        made: type[Connector[Any]] = getattr(import_module(module), name)
        return made


Q = TypeVar("Q", bound=Query)
Outcome = Reading | ConnectorError


class Connector(ABC, Generic[Q]):
    """One connection to one tool, signed in on first use.

    Safe to close twice and after an interruption. `read` may be called from one thread at a time; inside it a
    connector runs up to `options.concurrency` requests at once.
    """

    spec: ClassVar[Spec]

    def __init__(self, name: str, options: Any, *, clock: Clock, zone: Zone = UTC) -> None:
        """`name` is the connection's name in the operator's file, used in evidence and errors; `zone` that of the
        workspace's days. No I/O here."""
        self.name = name
        self.options = options
        self.clock = clock
        self.zone = zone

    @abstractmethod
    def check(self) -> Account:
        """Sign in and say who we are. Raises ConnectorError. Writes nothing."""

    @abstractmethod
    def read(self, queries: Collection[Q]) -> Iterator[tuple[Q, Outcome]]:
        """Ask each query once; yield exactly one outcome for each distinct one, in any order, as they come.

        Never raises ConnectorError: a failure of the connection is the outcome of every query it concerns. No
        queries, no call. Reads write nothing.
        """

    def validate(self, queries: Collection[Q]) -> Iterator[tuple[Q, ConnectorError | None]]:
        """Let the tool judge each query without running it, where it can; without side effects."""
        for query in dict.fromkeys(queries):
            yield query, None

    def calls(self, queries: Collection[Q]) -> int:
        """About how many calls a read of these costs, without sign-in and retries. Asks nothing."""
        return len(dict.fromkeys(queries))

    def stop(self) -> None:
        """Ask nothing more, from another thread than the one that reads: what is left fails as Unreachable."""

    def close(self) -> None:
        """Let go of sockets. May be called twice."""


def query_forms(*forms: type[Query], text: type[Query] | None = None) -> Any:
    """The union of a tool's query forms, told apart by the name of each form's first field.

    `{count: "project = A"}` is the form whose first field is `count`, so that errors speak of that form alone. A bare
    text is the form `text`, whose validator takes one.
    """
    by_key = {next(iter(form.model_fields)): form for form in forms}

    def tag(value: Any) -> str | None:
        if isinstance(value, str) and text is not None:
            return next(key for key, form in by_key.items() if form is text)
        if isinstance(value, Query):
            return next((key for key, form in by_key.items() if type(value) is form), None)
        if isinstance(value, dict):
            return next((key for key in by_key if key in value), None)
        return None

    tagged = tuple(Annotated[form, Tag(key)] for key, form in by_key.items())
    return Annotated[
        Union[tagged],  # noqa: UP007 - built from a tuple
        Discriminator(
            tag,
            custom_error_type="query_form",
            custom_error_message=f"a query has one of the keys {', '.join(by_key)}",
        ),
    ]
