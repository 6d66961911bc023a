"""What Graph's refusals mean for the operator.

Sources: Microsoft Graph "error responses" and workbook "error codes".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.errors import (
    BadAnswer,
    BadQuery,
    ConnectorError,
    NotFound,
    Throttled,
    Unreachable,
)
from connectors.wire import STATUS_ERRORS

STATUSES: Mapping[int, type[ConnectorError]] = {
    **STATUS_ERRORS,
    405: BadQuery,
    409: Unreachable,
    423: Unreachable,
    424: Unreachable,
}
"""409 and 423 are a workbook that somebody holds locked for a moment, 424 what was to follow one that failed."""
CODES: Mapping[str, type[ConnectorError]] = {
    "itemnotfound": NotFound,
    "invalidargument": BadQuery,
    "editmodecannotacquirelocktoomanyrequests": Throttled,
    "unsupportedworkbook": BadQuery,
}
ACCESS_FIX = "Grant the app {permission} (application permission, admin consent), or a Sites.Selected grant here."


def refusal(status: int, body: Any, connection: str, *, permission: str, retry_after: float | None) -> ConnectorError:
    """The error that a Graph answer means. The second-level code of workbooks tells more than the first."""
    error = body.get("error") if isinstance(body, dict) else None
    error = error if isinstance(error, dict) else {}
    inner = error.get("innerError") or error.get("innererror") or {}
    codes = [str(inner.get("code") or ""), str(error.get("code") or "")]
    kind = next((CODES[code.lower()] for code in codes if code.lower() in CODES), STATUSES.get(status, BadAnswer))
    said = " ".join(part for part in (next((c for c in codes if c), ""), str(error.get("message") or "")) if part)
    request = f", request {inner['request-id']}" if inner.get("request-id") else ""
    fix = ACCESS_FIX.format(permission=permission) if status == 403 else ""
    message = f"Graph says {said} (HTTP {status}{request})" if said else f"Graph answered with HTTP {status}{request}"
    return kind(message, connection=connection, fix=fix, retry_after=retry_after)
