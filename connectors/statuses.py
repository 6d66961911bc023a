"""What an HTTP status means where a tool says nothing else; each tool lays its own table over this one."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.errors import (
    AccessDenied,
    BadCredentials,
    BadQuery,
    Conflict,
    ConnectorError,
    NotFound,
    Throttled,
    Unreachable,
)

STATUS_ERRORS: Mapping[int, type[ConnectorError]] = {
    400: BadQuery,
    401: BadCredentials,
    403: AccessDenied,
    404: NotFound,
    408: Unreachable,
    409: Conflict,
    410: NotFound,
    412: Conflict,
    414: BadQuery,
    420: Throttled,
    422: BadQuery,
    423: Conflict,
    429: Throttled,
    500: Unreachable,
    502: Unreachable,
    503: Unreachable,
    504: Unreachable,
}

NOT_TAKEN_UP = frozenset({429, 503})
"""Statuses by which a service says that it did not begin: safe to repeat whatever the method."""
