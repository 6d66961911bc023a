"""A small JSON API, and Marketo's, over a list of leads: signed in, paged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.board import Board
from sandbox.server import Request, Response

AMOUNTS = ["0.10", "0.20", "5", "7.75", "1"]


@dataclass(kw_only=True)
class JsonApi:
    """`way` is how clients sign in: bearer, key, basic (one header each) or oauth. `tokens` are the OAuth tokens that
    are open, `count` how many were given."""

    secret: str
    way: str = "bearer"
    tokens: set[str] = field(default_factory=set)
    count: int = 0
    board: Board = field(default_factory=Board)

    def answer(self, request: Request) -> Response:
        if request.path == "/oauth/token":
            return self._token(request)
        if not self._knows(request):
            return Response.of({"error": "unauthorized"}, status=401)
        if request.path.startswith(("/v1/kpis/", "/v1/hooks/")):
            return self.board.answer(request)
        return self._items(request)

    def _knows(self, request: Request) -> bool:
        headers = request.headers
        match self.way:
            case "key":
                return headers.get("x-api-key") == self.secret
            case "basic":
                import base64

                return headers.get("authorization") == f"Basic {base64.b64encode(f'u:{self.secret}'.encode()).decode()}"
            case "oauth":
                return headers.get("authorization", "").removeprefix("Bearer ") in self.tokens
        return headers.get("authorization") == f"Bearer {self.secret}"

    def _token(self, request: Request) -> Response:
        import base64

        form = {**request.query, **request.form()}
        header = request.headers.get("authorization", "")
        if header.startswith("Basic "):
            form["client_id"], _, form["client_secret"] = base64.b64decode(header[6:]).decode().partition(":")
        if (form.get("client_id"), form.get("client_secret")) != ("okrsync", self.secret):
            return Response.of({"error": "invalid_client"}, status=401)
        return self._given()

    def _given(self) -> Response:
        self.count += 1
        token = f"open-{self.count}"
        self.tokens.add(token)
        return Response.of({"access_token": token, "expires_in": 3600, "token_type": "bearer"})

    def _items(self, request: Request) -> Response:
        match request.path:
            case "/v1/items":
                start = int(request.query.get("start", 0))
                rows = [f'{{"amount": {amount}}}' for amount in AMOUNTS[start : start + 2]]
                following = str(start + 2) if start + 2 < len(AMOUNTS) else None
                link = f'"/v1/items?start={following}"' if following else "null"
                token = f'"{following}"' if following else "null"
                body = f'{{"total": 5, "items": [{", ".join(rows)}], "next": {link}, "token": {token}}}'
                return Response(body=body.encode(), headers={"Content-Type": "application/json"})
            case "/v1/stats":
                stats = {"users": 42, "share": "12.5", "none": None, "at": "2026-11-23T10:00:00+00:00"}
                return Response.of({**stats, "number": int(request.query.get("n", 0))})
            case "/v1/elsewhere":
                return Response.of({"items": [1], "next": "https://evil.example/v1/items"})
            case "/v1/away":
                return Response(status=302, headers={"Location": "http://localhost/v1/stats"})
            case "/v1/round":
                return Response.of({"items": [1], "next": "/v1/round"})
        return Response.of({"error": "not found"}, status=404)


@dataclass(kw_only=True)
class Marketo(JsonApi):
    """Marketo's identity endpoint and the leads of a list, by its documentation; `fail_with` is the code that the next
    calls fail with, status 200."""

    fail_with: list[str] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        if request.path == "/identity/oauth/token":
            asked = (request.method, request.query.get("grant_type"))
            client = (request.query.get("client_id"), request.query.get("client_secret"))
            if asked != ("GET", "client_credentials") or client != ("okrsync", self.secret):
                return Response.of({"error": "unauthorized", "error_description": "No client"}, status=401)
            return self._given()
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return self._failed("601", "Access token invalid")
        if self.fail_with:
            return self._failed(self.fail_with.pop(0), "said Marketo")
        if request.path != "/rest/v1/list/1042/leads.json":
            return self._failed("610", "Requested resource not found")
        start = int(request.query.get("nextPageToken", "T0")[1:])
        leads: list[dict[str, Any]] = [{"id": n} for n in range(start, min(start + 2, 5))]
        more = {"nextPageToken": f"T{start + 2}"} if start + 2 < 5 else {}
        return Response.of({"requestId": "r", "success": True, "result": leads, **more})

    def _failed(self, code: str, message: str) -> Response:
        return Response.of({"requestId": "r", "success": False, "errors": [{"code": code, "message": message}]})
