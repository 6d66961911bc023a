"""Requests that write. If nobody knows whether one took effect, the error says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

from connectors.errors import BadAnswer, ConnectorError, Unreachable
from connectors.network import host_of
from connectors.statuses import STATUS_ERRORS
from connectors.wire import HttpSession

PERHAPS = frozenset({408, 500, 502, 504})
"""Statuses that don't show whether the write took effect."""


def write(http: HttpSession, method: str, url: str, **more: Any) -> requests.Response:
    """Raises ConnectorError, uncertain unless nothing can have arrived. A web page says nothing of what was done."""
    try:
        answer = http.request(method, url, **more)
        refuse_pages(answer, http.connection)
        return answer
    except Unreachable as error:
        error.uncertain = not error.never_left
        raise
    except BadAnswer as error:
        error.uncertain = True
        raise


def refuse_pages(answer: requests.Response, connection: str) -> None:
    """Raises BadAnswer if a login page or a proxy answered with a success status."""
    if answer.ok and answer.headers.get("Content-Type", "").startswith("text/html"):
        raise BadAnswer(f"{host_of(answer.url)} answered with a web page", connection=connection)


def refused(
    http: HttpSession,
    answer: requests.Response,
    message: str,
    *,
    table: Mapping[int, type[ConnectorError]] = STATUS_ERRORS,
    **more: Any,
) -> ConnectorError:
    """The error that a write's status means."""
    return http.error(answer, message, table=table, uncertain=answer.status_code in PERHAPS, **more)
