"""How a session with an org is opened, and what it is: a token that goes with each call.

simple-salesforce signs in without a timeout, takes an outage of the token endpoint for bad credentials and signs in
once for each thread, so the OAuth grants are ours. SOAP login() is left to the library.
"""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import urlsplit
from xml.parsers.expat import ExpatError

import jwt
import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from connectors.errors import BadAnswer, BadCredentials, ConnectorError, Throttled, Unreachable
from connectors.salesforce.errors import sign_in_error
from connectors.salesforce.library import SalesforceAuthenticationFailed, SalesforceLogin
from connectors.salesforce.spec import SalesforceOptions
from connectors.wire import HttpSession

ASSERTION_SECONDS = 180
"""A JWT may live three minutes (OAuth 2.0 JWT Bearer Flow)."""
LAST_SOAP_VERSION = "64.0"
"""SOAP login() is not there in API versions 65 and later (Salesforce Help 005132110)."""
SOAP_ENDS = (
    "signs in by SOAP login(), which Salesforce ends with Summer '27: move to client credentials of an External "
    "Client App"
)

WHOLE_KEY = "Give the private key that belongs to it, with its BEGIN and END lines."
NO_KEYS = (
    ("ENCRYPTED", "a key that is encrypted", "Decrypt it: openssl pkey -in KEY -out PLAIN_KEY, and keep that secret."),
    ("BEGIN PUBLIC KEY", "a public key", WHOLE_KEY),
    ("BEGIN RSA PUBLIC KEY", "a public key", WHOLE_KEY),
    ("BEGIN CERTIFICATE", "a certificate", WHOLE_KEY),
)

log = structlog.get_logger("connectors.salesforce")


def open_session(connection: str, options: SalesforceOptions, http: HttpSession) -> str:
    """A new access token. Raises ConnectorError with the scope of the connection."""
    if options.session_id is not None:
        return options.session_id.get_secret_value()
    if options.password is not None:
        return _by_password(connection, options, http)
    return _by_oauth(connection, options, http)


def can_sign_in_again(options: SalesforceOptions) -> bool:
    return options.session_id is None


def _by_oauth(connection: str, options: SalesforceOptions, http: HttpSession) -> str:
    url = f"{options.url}/services/oauth2/token"
    try:
        answer = http.post(url, data=_grant(connection, options), headers={"Accept": "application/json"})
        if not answer.ok:
            raise sign_in_error(answer.status_code, http.said(answer), connection)
        body = http.json(answer)
        return _token(body.get("access_token") if isinstance(body, dict) else None, connection)
    except ConnectorError as error:
        error.scope = "connection"
        raise


def _token(value: Any, connection: str) -> str:
    """What can stand in a header."""
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]+", value):
        message = "the answer to the sign-in contains no access token"
        raise BadAnswer(message, connection=connection, scope="connection")
    return value


def _grant(connection: str, options: SalesforceOptions) -> dict[str, str]:
    client = options.client_id or ""
    if options.client_secret is not None:
        secret = options.client_secret.get_secret_value()
        return {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
    key = options.private_key.get_secret_value() if options.private_key else ""
    claims = {
        "iss": client,
        "sub": options.username,
        "aud": options.audience,
        "exp": int(time.time()) + ASSERTION_SECONDS,
    }
    assertion = jwt.encode(claims, _private_key(key, connection), algorithm="RS256")
    return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}


def _private_key(text: str, connection: str) -> RSAPrivateKey:
    for sign, what, fix in NO_KEYS:
        if sign in text:
            raise BadCredentials(f"private_key contains {what}", connection=connection, fix=fix)
    try:
        key = load_pem_private_key(text.encode(errors="replace"), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise BadCredentials(
            "private_key is not an RSA private key in PEM form",
            connection=connection,
            fix="Give the whole RSA key, with its BEGIN and END lines.",
        )
    return key


def _by_password(connection: str, options: SalesforceOptions, http: HttpSession) -> str:
    log.warning("a sign-in that will end", connection=connection, cause=f"it {SOAP_ENDS}")
    password = options.password.get_secret_value() if options.password else ""
    token = options.security_token.get_secret_value() if options.security_token else ""
    host = urlsplit(options.url).hostname or ""
    try:
        session, _ = SalesforceLogin(
            username=options.username,
            password=password,
            security_token=token,
            session=http,
            sf_version=LAST_SOAP_VERSION,
            domain=host.removesuffix(".salesforce.com"),
        )
    except SalesforceAuthenticationFailed as error:
        raise _soap_error(error, connection, http) from None
    except (ValueError, ExpatError, RecursionError):
        message = "the answer to the sign-in is not SOAP"
        raise BadAnswer(message, connection=connection, scope="connection") from None
    return _token(session, connection)


def _soap_error(error: SalesforceAuthenticationFailed, connection: str, http: HttpSession) -> ConnectorError:
    """The library gives an HTTP status as the code where the answer was no SOAP fault."""
    code, said = str(error.code), http.redact(str(error.auth_message))[:200]
    if code.isdigit() and code != "401":
        kind: type[ConnectorError] = Throttled if code == "429" else Unreachable if code >= "500" else BadAnswer
        return kind(f"Salesforce answered the sign-in with HTTP {code}", connection=connection, scope="connection")
    fix = "Check username, password and security_token; new orgs switch SOAP login() off: use client credentials."
    return BadCredentials(f"Salesforce refuses the sign-in: {code} ({said})", connection=connection, fix=fix)
