"""api.atlassian.com and auth.atlassian.com before a site: a service account's access tokens, tokens with scopes."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from urllib.parse import parse_qs

from sandbox.jira.site import JiraSite
from sandbox.server import Request, Response


class Gateway:
    """The site's own address knows neither kind of token; `/ex/jira/<cloud_id>` before its paths knows both.

    `signed_in` counts the access tokens given; `end_tokens` ends all of them.
    """

    def __init__(
        self,
        site: JiraSite,
        *,
        cloud_id: str,
        client_id: str,
        client_secret: str,
        expires_in: int = 3600,
    ) -> None:
        self.site = site
        self._prefix = f"/ex/jira/{cloud_id}"
        self._client = (client_id, client_secret)
        self._expires_in = expires_in
        self._good: set[str] = set()
        self.signed_in = 0

    def end_tokens(self) -> None:
        self._good.clear()

    def answer(self, request: Request) -> Response:
        if request.path == "/oauth/token" and request.method == "POST":
            return self._token(request)
        if not request.path.startswith(f"{self._prefix}/"):
            return Response.of({"code": 401, "message": "Unauthorized"}, status=401)
        header = request.headers.get("authorization", "")
        headers = dict(request.headers)
        if header.startswith("Bearer "):
            if header.removeprefix("Bearer ") not in self._good:
                return Response.of({"code": 401, "message": "Unauthorized"}, status=401)
            headers["authorization"] = f"Basic {base64.b64encode(self.site.basic.encode()).decode()}"
        return self.site.answer(replace(request, path=request.path.removeprefix(self._prefix), headers=headers))

    def _token(self, request: Request) -> Response:
        asked = _form(request)
        if asked.get("grant_type") != "client_credentials":
            return Response.of({"error": "unsupported_grant_type"}, status=400)
        if (asked.get("client_id"), asked.get("client_secret")) != self._client:
            return Response.of({"error": "access_denied", "error_description": "Unauthorized"}, status=401)
        self.signed_in += 1
        token = f"sandbox-access-{self.signed_in}"
        self._good.add(token)
        answer = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self._expires_in,
            "scope": "read:jira-work",
        }
        return Response.of(answer)


def _form(request: Request) -> dict[str, str]:
    """It takes a form and JSON alike."""
    text = request.body.decode()
    if text.startswith("{"):
        return {key: str(value) for key, value in json.loads(text).items()}
    return {key: values[-1] for key, values in parse_qs(text).items()}
