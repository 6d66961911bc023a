"""The org's token endpoint: client credentials and JWT bearer."""

from __future__ import annotations

import base64
import binascii
import secrets
import threading
from collections.abc import Callable
from datetime import datetime

import jwt

from sandbox.server import Request, Response

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class SignIn:
    """`tokens` are the sessions that are open now; `count` is how often somebody signed in."""

    def __init__(
        self, client_id: str, client_secret: str, username: str, public_key: str | None, clock: Callable[[], datetime]
    ) -> None:
        self._client = (client_id, client_secret)
        self._username = username
        self._public_key = public_key
        self._clock = clock
        self._lock = threading.Lock()
        self.tokens: set[str] = set()
        self.count = 0

    def answer(self, request: Request, host: str) -> Response:
        form = request.form()
        match form.get("grant_type"):
            case "client_credentials":
                refused = self._client_credentials(request, form)
            case grant if grant == JWT_BEARER:
                refused = self._jwt(form.get("assertion", ""))
            case _:
                refused = ("unsupported_grant_type", "grant type not supported")
        if refused:
            return Response.of({"error": refused[0], "error_description": refused[1]}, status=400)
        token = f"00D000000000001!{secrets.token_urlsafe(32)}"
        with self._lock:
            self.tokens.add(token)
            self.count += 1
        return Response.of(
            {
                "access_token": token,
                "instance_url": f"https://{host}",
                "id": f"https://{host}/id/00D000000000001AAA/005000000000001AAA",
                "token_type": "Bearer",
                "issued_at": str(int(self._clock().timestamp() * 1000)),
                "signature": "c2FuZGJveA==",
            }
        )

    def knows(self, request: Request) -> bool:
        return request.headers.get("authorization", "").removeprefix("Bearer ") in self.tokens

    def _client_credentials(self, request: Request, form: dict[str, str]) -> tuple[str, str] | None:
        given = (form.get("client_id", ""), form.get("client_secret", ""))
        header = request.headers.get("authorization", "")
        if header.startswith("Basic "):
            try:
                name, _, secret = base64.b64decode(header[6:]).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                name, secret = "", ""
            given = (name, secret)
        if given[0] != self._client[0]:
            return "invalid_client_id", "client identifier invalid"
        if given[1] != self._client[1]:
            return "invalid_client", "invalid client credentials"
        return None

    def _jwt(self, assertion: str) -> tuple[str, str] | None:
        if self._public_key is None:
            return "invalid_client", "no certificate is set up for this app"
        try:
            claims = jwt.decode(
                assertion, self._public_key, algorithms=["RS256"], options={"verify_aud": False, "require": ["exp"]}
            )
        except jwt.ExpiredSignatureError:
            return "invalid_grant", "expired authorization code"
        except jwt.InvalidTokenError:
            return "invalid_grant", "invalid assertion"
        if claims.get("iss") != self._client[0]:
            return "invalid_client_id", "client identifier invalid"
        if claims.get("sub") != self._username:
            return "invalid_grant", "user hasn't approved this consumer"
        if not str(claims.get("aud", "")).startswith("https://"):
            return "invalid_grant", "audience is invalid"
        return None
