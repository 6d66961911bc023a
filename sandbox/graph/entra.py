"""Entra's discovery and token endpoints, for client secrets."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import jwt

from sandbox.server import Request, Response

LIFETIME = 3599
ROLES = ["Files.Read.All", "Sites.Read.All", "Reports.Read.All", "Tasks.Read.All", "User.Read.All"]


class Entra:
    """`tokens` are those valid now; `count` is how many were given. `public_key` (PEM) is the app's certificate's,
    `federated_token` the one of a workload that it trusts; `identities` maps the managed identities of this machine
    ("" is the system's) to the header that asks for them. `lifetime` is how many seconds a token lives. After
    `demand(claims)` only tokens that were asked for with these claims are taken."""

    def __init__(self, tenant: str, client_id: str, client_secret: str, clock: Callable[[], datetime]) -> None:
        self.public_key: str | None = None
        self.federated_token: str | None = None
        self.identities: dict[str, str] = {}
        self.lifetime = LIFETIME
        self.challenge: str | None = None
        self._tenant = tenant
        self._client_id = client_id
        self._client_secret = client_secret
        self._clock = clock
        self._lock = threading.Lock()
        self._claims: dict[str, Any] = {}
        self.tokens: set[str] = set()
        self.count = 0

    def demand(self, claims: str) -> None:
        self.challenge = base64.b64encode(claims.encode()).decode()
        self._claims = json.loads(claims)
        self.tokens.clear()

    def answer(self, request: Request) -> Response | None:
        """None where the request is not for Entra."""
        tenant, _, rest = request.path.strip("/").partition("/")
        if rest == "v2.0/.well-known/openid-configuration":
            return self._discovery(tenant, request.headers.get("host", ""))
        if request.path == "/msi/token":
            return self._managed(request)
        if rest == "oauth2/v2.0/token" and request.method == "POST":
            return self._token(tenant, request.form())
        return None

    def _discovery(self, tenant: str, host: str) -> Response:
        if tenant != self._tenant:
            return self._error(400, "invalid_tenant", 90002, f"Tenant '{tenant}' not found.")
        base = f"https://{host}/{tenant}"
        return Response.of(
            {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
            }
        )

    def _token(self, tenant: str, form: dict[str, str]) -> Response:
        if tenant != self._tenant:
            return self._error(400, "invalid_request", 90002, f"Tenant '{tenant}' not found.")
        if form.get("grant_type") != "client_credentials":
            return self._error(400, "unsupported_grant_type", 70003, "The grant type is not supported.")
        if form.get("client_id") != self._client_id:
            text = f"Application with identifier '{form.get('client_id')}' was not found in the directory."
            return self._error(400, "unauthorized_client", 700016, text)
        if "client_assertion" in form:
            refused = self._refused_assertion(form["client_assertion"])
            if refused:
                return self._error(401, "invalid_client", 700027, refused)
        elif form.get("client_secret") != self._client_secret:
            text = "Invalid client secret provided. Ensure the secret being sent is the client secret value."
            return self._error(401, "invalid_client", 7000215, text)
        if not form.get("scope", "").endswith("/.default"):
            return self._error(400, "invalid_scope", 70011, "The provided value for scope is not valid.")
        lives = {"expires_in": self.lifetime, "ext_expires_in": self.lifetime}
        asked = json.loads(form.get("claims", "{}")).get("access_token", {})
        enough = all(asked.get(name) == wanted for name, wanted in self._claims.get("access_token", {}).items())
        return Response.of({"token_type": "Bearer", **lives, "access_token": self._given(valid=enough)})

    def _refused_assertion(self, assertion: str) -> str:
        if self.federated_token is not None:
            return "" if assertion == self.federated_token else "No matching federated identity record found."
        try:
            jwt.decode(
                assertion,
                self.public_key or "",
                algorithms=["PS256"],
                options={"verify_aud": False, "require": ["exp"]},
            )
        except (jwt.InvalidTokenError, ValueError, TypeError):
            return "The certificate with identifier used to sign the client assertion is not registered."
        return ""

    def _managed(self, request: Request) -> Response:
        wanted = request.query.get("client_id", "")
        if self.identities.get(wanted) != request.headers.get("x-identity-header"):
            return Response.of({"statusCode": 400, "message": "No managed identity found."}, status=400)
        expires = int(self._clock().timestamp()) + self.lifetime
        body = {"access_token": self._given(), "expires_on": str(expires), "resource": request.query.get("resource")}
        return Response.of({**body, "token_type": "Bearer"})

    def _given(self, *, valid: bool = True) -> str:
        token = self._made()
        with self._lock:
            if valid:
                self.tokens.add(token)
            self.count += 1
        return token

    def _made(self) -> str:
        claims = {"appid": self._client_id, "tid": self._tenant, "roles": ROLES, "jti": secrets.token_hex(8)}
        parts = ({"typ": "JWT", "alg": "none"}, claims)
        return (
            ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."
        )

    def _error(self, status: int, error: str, code: int, text: str) -> Response:
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        body: dict[str, Any] = {
            "error": error,
            "error_description": f"AADSTS{code}: {text} Trace ID: {trace} Correlation ID: {correlation}",
            "error_codes": [code],
            "timestamp": self._clock().strftime("%Y-%m-%d %H:%M:%SZ"),
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={code}",
        }
        return Response.of(body, status=status)
