"""Access tokens from Entra for any tool behind it, by msal over our session.

msal's constructor already asks Entra, so it is made on first use; it signs in once for each thread, so one lock keeps
that to one; and it insists on https, which our session sends to a loopback address in the plain.
"""

from __future__ import annotations

import base64
import re
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

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
from connectors.strict_json import parse
from connectors.wire import HttpSession

IDENTITY_FIX = "Give this machine a managed identity, or use another way to sign in."
KEY_FIX = "Give the RSA private key and its certificate: as PEM with the BEGIN and END lines, or as PFX."
SYSTEM = "system"
ENTRA_PAUSE = 60
"""Seconds until Entra is asked again, after it failed while the last token lives."""
_TOKEN = re.compile(r"[\x21-\x7e]{1,20000}")
_SECONDS = re.compile(r"[0-9]{1,12}")
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
        self._token = ""
        self._valid_until = self._ask_again_at = 0.0

    def token(self) -> str:
        """A token with minutes to live; msal keeps it. While Entra is down, the last one as long as it lives. Raises
        ConnectorError with the scope of the connection."""
        with self._lock:
            now = time.time()
            if now < min(self._ask_again_at, self._valid_until):
                return self._token
            try:
                return self._acquired(None)
            except ConnectorError as error:
                if not error.temporary or time.time() >= self._valid_until:
                    raise
                self._ask_again_at = time.time() + ENTRA_PAUSE
                return self._token

    def renew(self, refused: str, claims: str | None = None) -> str:
        """A token in place of one that the service no longer takes, with the claims that it asked for; what another
        thread has got meanwhile, if it has. Raises ConnectorError with the scope of the connection."""
        with self._lock:
            if self._token not in ("", refused):
                return self._token
            self._valid_until = 0.0
            if isinstance(self._app, ConfidentialClientApplication):
                self._app.remove_tokens_for_client()
            elif claims is None:
                self._app = None
            return self._acquired(claims)

    def _acquired(self, claims: str | None) -> str:
        answer = self._asked(claims)
        if not isinstance(answer, dict) or not _gives_token(answer):
            raise refusal(answer if isinstance(answer, dict) else {}, self._connection)
        self._token = str(answer["access_token"])
        self._valid_until = time.time() + float(answer.get("expires_in") or 0)
        self._http.redact.protect(self._token)
        return self._token

    def _asked(self, claims: str | None) -> Any:
        try:
            app = self._app = self._app or self._made()
            if isinstance(app, ManagedIdentityClient):
                return app.acquire_token_for_client(resource=self._resource, claims_challenge=claims)
            return app.acquire_token_for_client(scopes=self._scopes, claims_challenge=claims)
        except ConnectorError as error:
            error.scope = "connection"
            raise
        except ManagedIdentityError as error:
            said = self._http.redact(str(error))[:200]
            raise BadCredentials(
                f"there is no managed identity: {said}", connection=self._connection, fix=IDENTITY_FIX
            ) from None
        except MsalError as error:
            raise Unreachable(f"Entra failed: {type(error).__name__}", connection=self._connection) from None
        except ValueError as error:
            raise self._misled(error) from None
        except Exception as error:  # msal reads an answer without looking at its types.
            raise BadAnswer(
                f"Entra answered in a form that msal can't read ({type(error).__name__})",
                connection=self._connection,
                scope="connection",
            ) from None

    def _made(self) -> ConfidentialClientApplication | ManagedIdentityClient:
        options = self._options
        transport = _EntraTransport(self._http, self._connection, urlsplit(options.login_url).netloc)
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
            client_capabilities=["CP1"],  # We answer claims, so tokens may live for a day.
        )

    def _credential(self) -> Any:
        options = self._options
        if options.client_secret is not None:
            return options.client_secret.get_secret_value()
        if options.certificate is not None or options.certificate_file is not None:
            return self._certificate()
        # Read at each sign-in, for the platform renews the file.
        return {"client_assertion": self._federated_token}

    def _certificate(self) -> dict[str, str]:
        """Raises BadCredentials."""
        from connectors.entra_keys import NoKey, key_and_certificates

        options = self._options
        option = "certificate" if options.certificate_file is None else f"certificate_file {options.certificate_file}"
        phrase = options.certificate_passphrase
        try:
            text = options.certificate.get_secret_value().encode() if options.certificate else b""
            content = text if options.certificate_file is None else options.certificate_file.read_bytes()
            credential = key_and_certificates(content, phrase.get_secret_value() if phrase else None)
        except (NoKey, OSError) as error:
            said = f"can't be read ({error.strerror})" if isinstance(error, OSError) else str(error)
            raise BadCredentials(f"{option} {said}", connection=self._connection, fix=KEY_FIX) from None
        self._http.redact.protect(credential["private_key"])
        return credential

    def _federated_token(self) -> str:
        path = self._options.federated_token_file
        assert path is not None  # noqa: S101 - the only way in that is left
        try:
            token = path.read_text().strip()
        except (OSError, ValueError) as error:
            raise BadCredentials(
                f"federated_token_file {path} can't be read ({getattr(error, 'strerror', None) or 'no text'})",
                connection=self._connection,
                fix="Make the platform mount the workload identity's token there.",
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
        return BadCredentials(
            f"Entra does not know the tenant {self._options.tenant!r} ({said})",
            connection=self._connection,
            fix=AADSTS_FIXES[90002],
        )


def refusal(answer: Mapping[str, Any], connection: str) -> ConnectorError:
    """The error that msal's answer without a token means."""
    codes = answer.get("error_codes")
    numbers = [code for code in codes if isinstance(code, int)] if isinstance(codes, list) else []
    fix = next((AADSTS_FIXES[number] for number in numbers if number in AADSTS_FIXES), "")
    said = str(answer.get("error_description") or answer.get("error") or "no reason given").partition(" Trace ID")[0]
    error = str(answer.get("error") or "")
    if error in ("temporarily_unavailable", "server_error"):
        return Unreachable(f"Entra could not sign in: {said}", connection=connection)
    return BadCredentials(f"Entra refuses the sign-in: {said}", connection=connection, fix=fix)


def claims_of(headers: Mapping[str, str]) -> str | None:
    """The claims that a refusal asks for, as JSON; None where it asks for none."""
    challenge = headers.get("WWW-Authenticate", "")[:20_000]
    match = re.search(r'claims="([A-Za-z0-9+/=_-]+)"', challenge)
    if match is None or "insufficient_claims" not in challenge:
        return None
    try:
        text = base64.b64decode(match[1].rstrip("=") + "=" * (-len(match[1].rstrip("=")) % 4), altchars=b"-_").decode()
        claims = parse(text.encode(), len(text))
        return text if isinstance(claims, dict) and isinstance(claims.get("access_token", {}), dict) else None
    except ValueError:
        return None


class _EntraTransport:
    """What msal calls for HTTP. Answers that are no word of Entra's become our errors before msal reads them."""

    def __init__(self, http: HttpSession, connection: str, host: str) -> None:
        self._http = http
        self._connection = connection
        self._host = host

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
            if not isinstance(body, dict) or not (_gives_token(body) or self._names_endpoint(body)):
                raise BadAnswer("Entra answered in an unexpected format", connection=self._connection)
        elif not _is_a_refusal(answer.status_code, self._http.said(answer)):
            raise self._http.error(answer, "Entra refused", scope="connection")
        return answer

    def _names_endpoint(self, body: Mapping[str, Any]) -> bool:
        """Our credential goes to the host that the operator named, whatever is answered."""
        endpoint = body.get("token_endpoint")
        return isinstance(endpoint, str) and endpoint.startswith(f"https://{self._host}/")


def _gives_token(body: Mapping[str, Any]) -> bool:
    token = body.get("access_token")
    times = (body[name] for name in ("expires_in", "ext_expires_in", "refresh_in", "expires_on") if name in body)
    return isinstance(token, str) and bool(_TOKEN.fullmatch(token)) and all(map(_is_seconds, times))


def _is_seconds(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | str) and bool(_SECONDS.fullmatch(str(value)))


def _is_a_refusal(status: int, body: Any) -> bool:
    """A managed identity's 400 names its error in several ways, and msal knows them."""
    return isinstance(body, dict) and (status == 400 or "error" in body)
