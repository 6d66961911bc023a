"""Access tokens from Entra, by msal over our session.

msal's constructor already asks Entra, so it is made on first use; it signs in once for each thread, so one lock keeps
that to one; and it insists on https, which our session sends to a loopback address in the plain.
"""

from __future__ import annotations

import threading
from typing import Any

from msal import ConfidentialClientApplication
from msal.exceptions import MsalError

from connectors.errors import BadAnswer, BadCredentials, ConnectorError, Unreachable
from connectors.graph.errors import AADSTS_FIXES, sign_in_refusal
from connectors.graph.spec import GraphOptions
from connectors.wire import HttpSession


class SignIn:
    def __init__(self, connection: str, options: GraphOptions, http: HttpSession) -> None:
        self._connection = connection
        self._options = options
        self._http = http
        self._lock = threading.Lock()
        self._app: ConfidentialClientApplication | None = None
        self._scopes = [f"{options.url}/.default"]

    def token(self) -> str:
        """A token with minutes to live; msal keeps it. Raises ConnectorError with the scope of the connection."""
        with self._lock:
            try:
                app = self._app = self._app or self._made()
                answer = app.acquire_token_for_client(scopes=self._scopes)
            except ConnectorError as error:
                error.scope = "connection"
                raise
            except ValueError as error:
                raise self._no_tenant(error) from None
            except MsalError as error:
                raise Unreachable(f"Entra failed: {type(error).__name__}", connection=self._connection) from None
            if not isinstance(answer, dict) or "access_token" not in answer:
                raise sign_in_refusal(answer if isinstance(answer, dict) else {}, self._connection)
            token = str(answer["access_token"])
            self._http.redact.protect(token)
            return token

    def forget(self, token: str) -> None:
        """Drop a token that Graph no longer takes, unless another thread has done so already."""
        with self._lock:
            if self._app is not None:
                answer = self._app.acquire_token_for_client(scopes=self._scopes)
                if answer.get("access_token") == token:
                    self._app.remove_tokens_for_client()

    def _made(self) -> ConfidentialClientApplication:
        login = self._options.login_url.replace("http://", "https://", 1)
        return ConfidentialClientApplication(
            self._options.client_id,
            client_credential=self._options.client_secret.get_secret_value(),
            authority=f"{login}/{self._options.tenant}",
            instance_discovery=False,
            http_client=_EntraTransport(self._http, self._connection),
        )

    def _no_tenant(self, error: ValueError) -> ConnectorError:
        """msal says so where discovery is answered with a 4xx."""
        said = self._http.redact(str(error)).splitlines()[0][:200]
        if "JSON" in said or "Expecting" in said:
            return BadAnswer(
                "Entra answered with something that is not JSON", connection=self._connection, scope="connection"
            )
        return BadCredentials(
            f"Entra does not know the tenant {self._options.tenant!r} ({said})",
            connection=self._connection,
            fix=AADSTS_FIXES[90002],
        )


class _EntraTransport:
    """What msal calls for HTTP. Answers that are no word of Entra's become our errors before msal reads them."""

    def __init__(self, http: HttpSession, connection: str) -> None:
        self._http = http
        self._connection = connection

    def get(self, url: str, **more: Any) -> Any:
        return self._checked(self._http.get(url, **more))

    def post(self, url: str, **more: Any) -> Any:
        return self._checked(self._http.post(url, **more))

    def close(self) -> None:
        """The session is closed by its owner."""

    def _checked(self, answer: Any) -> Any:
        if answer.status_code in (408, 429) or answer.status_code >= 500:
            raise self._http.error(answer, "Entra is not available", scope="connection")
        if answer.ok:
            body = self._http.json(answer)
            if not isinstance(body, dict) or not ({"access_token", "token_endpoint"} & set(body)):
                raise BadAnswer("Entra answered in an unknown form", connection=self._connection)
        elif answer.status_code != 400 and not _names_error(answer):
            raise self._http.error(answer, "Entra refused", scope="connection")
        return answer


def _names_error(answer: Any) -> bool:
    try:
        body = answer.json()
    except ValueError:
        return False
    return isinstance(body, dict) and "error" in body
