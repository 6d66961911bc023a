"""Access tokens from Entra for any tool behind it, by msal over our session.

msal's constructor already asks Entra, so it is made on first use; it signs in once for each thread, so one lock keeps
that to one; and it insists on https, which our session sends to a loopback address in the plain.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from msal import (
    ConfidentialClientApplication,
    ManagedIdentityClient,
    SystemAssignedManagedIdentity,
    UserAssignedManagedIdentity,
)
from msal.exceptions import MsalError
from msal.managed_identity import ManagedIdentityError

from connectors.entra_options import EntraOptions
from connectors.errors import BadAnswer, BadCredentials, ConnectorError, Unreachable
from connectors.wire import HttpSession

IDENTITY_FIX = "Give this machine a managed identity, or sign in in another way."
SYSTEM = "system"
SECRET_FIX = "Make a new client secret for the app in Entra and put its value, not its id, into the secret."  # noqa: S105
AADSTS_FIXES = {
    7000215: SECRET_FIX,
    7000222: SECRET_FIX,
    700016: "Correct client_id, or tenant: the app is not in that tenant.",
    90002: "Correct tenant: write its id or its domain.",
    900021: "Correct tenant: write its id or its domain.",
}


class SignIn:
    """`resource` is the service that the tokens are for, as its address."""

    def __init__(self, connection: str, options: EntraOptions, http: HttpSession, *, resource: str) -> None:
        self._connection = connection
        self._options = options
        self._http = http
        self._lock = threading.Lock()
        self._app: ConfidentialClientApplication | ManagedIdentityClient | None = None
        self._resource = resource
        self._scopes = [f"{resource}/.default"]

    def token(self) -> str:
        """A token with minutes to live; msal keeps it. Raises ConnectorError with the scope of the connection."""
        with self._lock:
            try:
                app = self._app = self._app or self._made()
                answer = self._acquired(app)
            except ConnectorError as error:
                error.scope = "connection"
                raise
            except ManagedIdentityError as error:
                said = self._http.redact(str(error))[:200]
                raise BadCredentials(
                    f"no managed identity: {said}", connection=self._connection, fix=IDENTITY_FIX
                ) from None
            except ValueError as error:
                raise self._misled(error) from None
            except MsalError as error:
                raise Unreachable(f"Entra failed: {type(error).__name__}", connection=self._connection) from None
            if not isinstance(answer, dict) or "access_token" not in answer:
                raise refusal(answer if isinstance(answer, dict) else {}, self._connection)
            token = str(answer["access_token"])
            self._http.redact.protect(token)
            return token

    def forget(self, token: str) -> None:
        """Drop a token that Graph no longer takes, unless another thread has done so already."""
        with self._lock:
            if isinstance(self._app, ManagedIdentityClient):
                self._app = None
            elif self._app is not None:
                answer = self._app.acquire_token_for_client(scopes=self._scopes)
                if answer.get("access_token") == token:
                    self._app.remove_tokens_for_client()

    def _acquired(self, app: ConfidentialClientApplication | ManagedIdentityClient) -> Any:
        if isinstance(app, ManagedIdentityClient):
            return app.acquire_token_for_client(resource=self._resource)
        return app.acquire_token_for_client(scopes=self._scopes)

    def _made(self) -> ConfidentialClientApplication | ManagedIdentityClient:
        options = self._options
        transport = _EntraTransport(self._http, self._connection)
        if options.managed_identity is not None:
            identity = (
                SystemAssignedManagedIdentity()
                if options.managed_identity == SYSTEM
                else UserAssignedManagedIdentity(client_id=options.managed_identity)
            )
            return ManagedIdentityClient(identity, http_client=transport)
        login = options.login_url.replace("http://", "https://", 1)
        return ConfidentialClientApplication(
            options.client_id,
            client_credential=self._credential(),
            authority=f"{login}/{options.tenant}",
            instance_discovery=False,
            http_client=transport,
        )

    def _credential(self) -> Any:
        options = self._options
        if options.client_secret is not None:
            return options.client_secret.get_secret_value()
        if options.certificate is not None:
            pem = options.certificate.get_secret_value()
            return {"private_key": _part(pem, "PRIVATE KEY"), "public_certificate": _part(pem, "CERTIFICATE")}
        # Read at each sign-in, for the platform renews the file.
        return {"client_assertion": self._federated_token}

    def _federated_token(self) -> str:
        path = self._options.federated_token_file
        assert path is not None  # noqa: S101 - the only way in that is left
        try:
            token = path.read_text().strip()
        except OSError as error:
            raise BadCredentials(
                f"federated_token_file {path} can't be read ({error.strerror})",
                connection=self._connection,
                fix="Let the platform mount the token of the workload identity there.",
            ) from None
        self._http.redact.protect(token)
        return token

    def _misled(self, error: ValueError) -> ConnectorError:
        """msal says so where discovery is answered with a 4xx, or where a key is none."""
        said = (self._http.redact(str(error)).splitlines() or [""])[0][:200]
        if "JSON" in said or "Expecting" in said:
            return BadAnswer(
                "Entra answered with something that is not JSON", connection=self._connection, scope="connection"
            )
        if self._options.certificate is not None and "authority" not in said.lower():
            return BadCredentials(
                "certificate is no private key and certificate in PEM form",
                connection=self._connection,
                fix="Give both in one text, with their BEGIN and END lines.",
            )
        return BadCredentials(
            f"Entra does not know the tenant {self._options.tenant!r} ({said})",
            connection=self._connection,
            fix=AADSTS_FIXES[90002],
        )


def refusal(answer: Mapping[str, Any], connection: str) -> ConnectorError:
    """The error that msal's answer without a token means."""
    numbers = [int(code) for code in answer.get("error_codes") or [] if str(code).isdigit()]
    fix = next((AADSTS_FIXES[number] for number in numbers if number in AADSTS_FIXES), "")
    said = str(answer.get("error_description") or answer.get("error") or "no reason given").partition(" Trace ID")[0]
    error = str(answer.get("error") or "")
    if error in ("temporarily_unavailable", "server_error"):
        return Unreachable(f"Entra could not sign in: {said}", connection=connection)
    return BadCredentials(f"Entra refuses to sign in: {said}", connection=connection, fix=fix)


def _part(pem: str, kind: str) -> str:
    """The block of a PEM text whose label ends so. Raises ValueError."""
    lines = pem.splitlines()
    begins = [n for n, line in enumerate(lines) if line.startswith("-----BEGIN") and line.rstrip("-").endswith(kind)]
    if not begins:
        raise ValueError(f"no {kind}")
    end = next(n for n, line in enumerate(lines) if n > begins[0] and line.startswith("-----END"))
    return "\n".join(lines[begins[0] : end + 1]) + "\n"


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
