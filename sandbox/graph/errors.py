"""Refusals in Graph's words."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any


class Refused(Exception):
    """`inner` is the second-level code, by which workbooks tell more."""

    def __init__(
        self, status: int, code: str, message: str, *, inner: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.inner = inner
        self.headers = headers or {}

    def body(self, clock: Callable[[], datetime]) -> dict[str, Any]:
        inner: dict[str, Any] = {
            **({"code": self.inner} if self.inner else {}),
            "date": clock().strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": str(uuid.uuid4()),
            "client-request-id": str(uuid.uuid4()),
        }
        return {"error": {"code": self.code, "message": str(self), "innerError": inner}}


def not_found(what: str = "The resource could not be found.") -> Refused:
    return Refused(404, "itemNotFound", what)


def bad_request(message: str) -> Refused:
    return Refused(400, "invalidRequest", message)
