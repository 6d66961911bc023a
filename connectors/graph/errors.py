"""What Graph's refusals mean for the operator.

Sources: Microsoft Graph "error responses" and workbook "error codes".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.errors import BadAnswer, BadQuery, ConnectorError, NotFound, Throttled, Unreachable
from connectors.graph.schedule import Request, has_own_limit
from connectors.statuses import STATUS_ERRORS

STATUSES: Mapping[int, type[ConnectorError]] = {
    **STATUS_ERRORS,
    405: BadQuery,
    409: Unreachable,
    423: Unreachable,
    424: Unreachable,
}
"""409 and 423 are a workbook that somebody holds locked for a moment, 424 what was to follow one that failed."""
LOCKED = frozenset({409, 423, 424})
CODES: Mapping[str, type[ConnectorError]] = {
    "itemnotfound": NotFound,
    "invalidargument": BadQuery,
    "editmodecannotacquirelocktoomanyrequests": Throttled,
    "unsupportedworkbook": BadQuery,
}
SESSION = "invalidsession"
THROTTLED = 429
ACCESS_FIX = "Grant the app {permission} (application permission, admin consent), or a Sites.Selected grant here."
HINTS = (
    ("is not indexed", "Index the column in the list's settings."),
    ("list view threshold", "Index the column that the filter begins with, in the list's settings."),
    ("operand types 'Edm.Date' ", "The property is a day: write {cycle.start:date} in the filter, without quotes."),
    ("operand types 'Edm.DateTimeOffset' ", "The property is an instant: write {cycle.start:time}, without quotes."),
)
"""(what Graph says, what to do): the first that is found counts. The property's type stands before the literal's."""
MOST_DEPTH = 5


class LostSession(Unreachable):
    """The session of a workbook is no more. `recreatable` tells whether a new one can be made; without it reads go on
    without one. Never leaves this folder."""

    def __init__(self, error: ConnectorError, *, recreatable: bool) -> None:
        super().__init__(error.message, connection=error.connection, scope="query")
        self.recreatable = recreatable

    def plain(self) -> Unreachable:
        return Unreachable(self.message, connection=self.connection, scope="query")


def refusal(status: int, body: Any, connection: str, asked: Request, retry_after: float | None) -> ConnectorError:
    """The error that a Graph answer means. The deepest code of workbooks tells more than the first."""
    error = body.get("error") if isinstance(body, dict) else None
    error = error if isinstance(error, dict) else {}
    codes, request = _codes(error)
    kind = next((CODES[code.lower()] for code in codes if code.lower() in CODES), STATUSES.get(status, BadAnswer))
    said = " ".join(part for part in (codes[0] if codes else "", _as_text(error.get("message"))) if part)
    request = f", request {request}" if request else ""
    fix = ACCESS_FIX.format(permission=asked.permission) if status == 403 else ""
    fix = fix or next((hint for sign, hint in HINTS if sign in said), "")
    message = f"Graph says {said} (HTTP {status}{request})" if said else f"Graph answered with HTTP {status}{request}"
    made = kind(message, connection=connection, fix=fix, retry_after=retry_after)
    if made.temporary and (asked.workbook or status in LOCKED or (status == THROTTLED and has_own_limit(asked.path))):
        # One workbook's or report's trouble is no lost connection.
        made.scope = "query"
    if asked.workbook and any(code.lower().startswith(SESSION) for code in codes):
        return LostSession(made, recreatable=any("recreatable" in code.lower() for code in codes))
    return made


def _codes(error: Mapping[str, Any]) -> tuple[list[str], str]:
    """The codes from the innermost to the outer one, and the id of the request. Docs spell innererror, the wire
    innerError."""
    codes: list[str] = []
    request = ""
    level: Any = error
    for _ in range(MOST_DEPTH):
        if not isinstance(level, dict):
            break
        if code := _as_text(level.get("code")):
            codes.insert(0, code)
        request = request or _as_text(level.get("request-id"))
        level = level.get("innerError") or level.get("innererror")
    return codes, request


def _as_text(found: Any) -> str:
    return found[:1000] if isinstance(found, str) else ""
