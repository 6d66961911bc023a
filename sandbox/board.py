"""A board of numbers over HTTP, and a receiver of events: what it is told it keeps, each event once by its id."""

from __future__ import annotations

import json
import threading
from typing import Any

from sandbox.server import Request, Response


class Board:
    """`numbers` is what stands at each path, `events` what arrived (by `webhook-id`, with its headers and bytes), and
    `writes` the path of each change in order."""

    def __init__(self, token: str | None = None) -> None:
        """Without a token, whoever is let in before it is let in here."""
        self._token = token
        self._lock = threading.Lock()
        self.numbers: dict[str, dict[str, Any]] = {}
        self.events: dict[str, tuple[dict[str, str], bytes]] = {}
        self.writes: list[str] = []
        self.repeated = 0

    def answer(self, request: Request) -> Response:
        if self._token is not None and request.headers.get("authorization") != f"Bearer {self._token}":
            return Response.of({"error": "unauthorized"}, status=401)
        with self._lock:
            if request.path.startswith("/v1/hooks/") and request.method == "POST":
                return self._event(request)
            if request.path.startswith("/v1/kpis/"):
                return self._number(request)
        return Response.of({"error": "not found"}, status=404)

    def _event(self, request: Request) -> Response:
        identity = request.headers.get("webhook-id")
        if not identity or "webhook-signature" not in request.headers:
            return Response.of({"error": "unsigned"}, status=400)
        if identity in self.events:
            self.repeated += 1
            return Response(status=200)
        self.events[identity] = (request.headers, request.body)
        self.writes.append(request.path)
        return Response(status=202)

    def _number(self, request: Request) -> Response:
        if request.method == "GET":
            return Response.of({"data": self.numbers.get(request.path, {})})
        try:
            given = json.loads(request.body)
        except ValueError:
            given = None
        if not isinstance(given, dict):
            return Response.of({"error": "no object"}, status=422)
        before = self.numbers.get(request.path, {}) if request.method == "PATCH" else {}
        self.numbers[request.path] = {**before, **given}
        self.writes.append(request.path)
        return Response(status=204)
