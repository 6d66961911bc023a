"""What can go wrong with a tool, named by what the operator does next.

ConnectorError
|-- Unreachable      nothing: the next run asks again        (connection)
|-- Throttled        nothing: the next run asks again        (connection)
|-- BadCredentials   renews the credential; the connection stops until then (connection)
|-- AccessDenied     grants the permission that is named     (query, or connection)
|-- BadQuery         corrects the query in the OKR file      (query)
|-- NotFound         finds what was renamed, moved, deleted  (query)
|-- BadAnswer        looks at what answers instead of the tool (query, or connection)
`-- Conflict         reads again: somebody else wrote meanwhile (query)
"""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from connectors.redaction import redact
from mapping.foreign import MOST, clean

Scope = Literal["connection", "query"]


def safe_text(text: object, most: int = MOST) -> str:
    """What others wrote, as it may stand in a message: without secrets, cleaned, in one line of a bounded length."""
    return redact(clean(redact(str(text)[: 16 * most]), most))


class ConnectorError(Exception):
    """A tool could not give a trustworthy answer.

    `scope` tells whether the whole connection is concerned or this one query. `message` and `fix` are for the
    operator: cleaned, of a bounded length, and without secrets, whoever wrote them. `retry_after` is in seconds, where
    the tool asked for a pause. `uncertain` is true where something was being written and may have been.
    """

    default_scope: ClassVar[Scope] = "query"
    temporary: ClassVar[bool] = False
    default_fix: ClassVar[str] = ""

    def __init__(
        self,
        message: str,
        *,
        connection: str,
        fix: str = "",
        scope: Scope | None = None,
        retry_after: float | None = None,
        uncertain: bool = False,
    ) -> None:
        self.message = safe_text(message)
        super().__init__(self.message)
        self.connection = connection
        self.fix = safe_text(fix or self.default_fix)
        self.scope: Scope = scope or self.default_scope
        self.retry_after = retry_after
        self.uncertain = uncertain

    def alone(self) -> Self:
        """Without the way that led to it, whose frames hold on to all that was read there."""
        self.__traceback__ = self.__context__ = self.__cause__ = None
        return self

    @property
    def kind(self) -> str:
        return type(self).__name__


class Unreachable(ConnectorError):
    """No connection, no answer in time, or the tool itself is down. `timed_out` where it was reached, and what it was
    asked took too long; `never_left` where nothing can have arrived there."""

    timed_out: bool = False
    never_left: bool = False

    default_scope = "connection"
    temporary = True
    default_fix = "Wait for the next run. If it happens again, check the address and the network."


class Throttled(ConnectorError):
    """The tool asks us to slow down, or a quota is used up."""

    default_scope = "connection"
    temporary = True
    default_fix = "You need not do anything: the next run asks again."


class BadCredentials(ConnectorError):
    """The tool does not accept who we say we are."""

    default_scope = "connection"
    default_fix = "Renew the credential of this connection, then run `okrsync check --connect`."


class AccessDenied(ConnectorError):
    """We are who we say, but may not see this. The fix names the permission."""

    default_fix = "Grant the connection's account read access to what the query names."


class BadQuery(ConnectorError):
    """The tool refuses the query as it stands."""

    default_fix = "Correct the query in the OKR file."


class NotFound(ConnectorError):
    """What the query names was renamed, moved or deleted, or is hidden from us."""

    default_fix = "Check whether it was renamed, moved or deleted, and whether the account may see it."


class BadAnswer(ConnectorError):
    """Something answered, but not as the tool would: HTML, cut-off JSON, an unknown shape, text for a number."""

    default_fix = "Check what answers at this address: it may be a proxy, a login page or a changed API."


class Conflict(ConnectorError):
    """Somebody else changed it since it was read."""

    default_fix = "Run this again. It reads the new state first."
