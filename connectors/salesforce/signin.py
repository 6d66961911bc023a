"""How a session with an org is opened, and what it is: a token that goes with each call.

simple-salesforce signs in without a timeout, takes an outage of the token endpoint for bad credentials and signs in
once for each thread, so the OAuth grants are ours. SOAP login() is left to the library.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests
import structlog
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from simple_salesforce.login import SalesforceLogin

from connectors.errors import BadAnswer, BadCredentials, ConnectorError, Throttled, Unreachable
from connectors.salesforce.errors import sign_in_error
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
        return str(body["access_token"])
    except ConnectorError as error:
        error.scope = "connection"
        raise
    except (KeyError, TypeError):
        message = "the sign-in was answered without an access token"
        raise BadAnswer(message, connection=connection, scope="connection") from None


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
    try:
        assertion = jwt.encode(claims, key, algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError):
        raise BadCredentials(
            "private_key is no RSA private key in PEM form",
            connection=connection,
            fix="Give the whole key, with its BEGIN and END lines.",
        ) from None
    return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}


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
    if not session:
        raise BadAnswer("the sign-in was answered without a session", connection=connection, scope="connection")
    return str(session)


def _soap_error(error: SalesforceAuthenticationFailed, connection: str, http: HttpSession) -> ConnectorError:
    """The library gives an HTTP status as the code where the answer was no SOAP fault."""
    code, said = str(error.code), http.redact(str(error.auth_message))[:200]
    if code.isdigit() and code != "401":
        kind: type[ConnectorError] = Throttled if code == "429" else Unreachable if code >= "500" else BadAnswer
        return kind(f"Salesforce answered the sign-in with HTTP {code}", connection=connection, scope="connection")
    fix = "Check username, password and security_token; new orgs switch SOAP login() off: use client credentials."
    return BadCredentials(f"Salesforce refuses to sign in: {code} ({said})", connection=connection, fix=fix)


def content(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except requests.exceptions.JSONDecodeError:
        return answer.text[:200]
