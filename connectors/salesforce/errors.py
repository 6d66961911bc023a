"""What Salesforce's error codes mean for the operator.

Source: REST API Developer Guide, "Status Codes and Error Responses"; OAuth error codes in Salesforce Help.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.errors import (
    AccessDenied,
    BadAnswer,
    BadCredentials,
    BadQuery,
    ConnectorError,
    NotFound,
    Scope,
    Throttled,
    Unreachable,
)
from connectors.statuses import STATUS_ERRORS

FIELD_FIX = (
    "Correct the name; if it is right, give the integration user read access to the field (field-level security hides "
    "it otherwise)."
)
SETUP_FIX = "Give the app's run-as user the permission `API Enabled` and read access to the objects."
CODES: Mapping[str, tuple[type[ConnectorError], Scope, str]] = {
    "MALFORMED_QUERY": (BadQuery, "query", ""),
    "INVALID_FIELD": (BadQuery, "query", FIELD_FIX),
    "INVALID_TYPE": (BadQuery, "query", FIELD_FIX.replace("field", "object")),
    "INVALID_QUERY_FILTER_OPERATOR": (BadQuery, "query", ""),
    "QUERY_TOO_COMPLICATED": (BadQuery, "query", ""),
    "EXCEEDED_ID_LIMIT": (BadQuery, "query", "Ask for one aggregate without GROUP BY."),
    "QUERY_TIMEOUT": (Unreachable, "query", "Narrow the filter to an indexed field."),
    "INVALID_SESSION_ID": (BadCredentials, "connection", ""),
    "INVALID_AUTH_HEADER": (BadCredentials, "connection", ""),
    "INVALID_JWT_FORMAT": (BadCredentials, "connection", ""),
    "REQUEST_LIMIT_EXCEEDED": (
        Throttled,
        "connection",
        "The org's API calls are used up; see Setup > Company Information.",
    ),
    "API_DISABLED_FOR_ORG": (AccessDenied, "connection", SETUP_FIX),
    "API_CURRENTLY_DISABLED": (AccessDenied, "connection", SETUP_FIX),
    "FUNCTIONALITY_NOT_ENABLED": (AccessDenied, "connection", SETUP_FIX),
    "INSUFFICIENT_ACCESS": (AccessDenied, "query", "Give the integration user read access to the object."),
    "TXN_SECURITY_METERING_ERROR": (
        AccessDenied,
        "connection",
        "Give the integration user the permission `Exempt from Transaction Security`.",
    ),
    "NOT_FOUND": (NotFound, "query", ""),
    "UNSUPPORTED_API_VERSION": (
        BadQuery,
        "connection",
        "Set api_version to a version that is not retired, such as 68.0.",
    ),
}
STATUSES: Mapping[int, type[ConnectorError]] = {**STATUS_ERRORS, 406: Unreachable}
"""406 and 420 come from Salesforce's edge while it sets things up, and pass."""

OAUTH_FIXES = {
    "no client credentials user enabled": "Set a run-as user in the app's client credentials flow.",
    "user hasn't approved this consumer": "Pre-authorize the integration user's profile or permission set in the app.",
    "invalid assertion": "Upload the certificate that belongs to the private key to the app.",
    "audience is invalid": "Set audience to https://login.salesforce.com (https://test.salesforce.com for a sandbox).",
}
WRONG_CREDENTIAL = frozenset(
    {"invalid_client", "invalid_client_id", "invalid_client_credentials", "invalid_grant", "unauthorized_client"}
)


def query_error(status: int, content: Any, connection: str) -> ConnectorError:
    """The error that an answer means: by its errorCode, else by its status."""
    first = content[0] if isinstance(content, list) and content else content
    code = first.get("errorCode", "") if isinstance(first, dict) else ""
    said = " ".join(str(first.get("message", "")).split()) if isinstance(first, dict) else ""
    if code in CODES:
        kind, scope, fix = CODES[code]
        return kind(f"Salesforce says {code}: {said}", connection=connection, scope=scope, fix=fix)
    kind = STATUSES.get(status, BadAnswer)
    message = f"Salesforce answered with HTTP {status}" + (f" {code}: {said}" if said else "")
    return kind(message, connection=connection)


def sign_in_error(status: int, content: Any, connection: str) -> ConnectorError:
    """The error that a refusal of the token endpoint means. It always concerns the whole connection."""
    error = str(content.get("error", "")) if isinstance(content, dict) else ""
    said = str(content.get("error_description", "")) if isinstance(content, dict) else ""
    if "login rate exceeded" in said:
        return Throttled(f"Salesforce refuses to sign in: {said}", connection=connection)
    if error in WRONG_CREDENTIAL or status == 401:
        fix = next((fix for words, fix in OAUTH_FIXES.items() if words in said), "")
        message = f"Salesforce refuses to sign in: {error or f'HTTP {status}'}{f' ({said})' if said else ''}"
        return BadCredentials(message, connection=connection, fix=fix)
    kind = STATUSES.get(status, BadAnswer)
    if kind is BadQuery:
        kind = BadCredentials
    message = f"Salesforce answered the sign-in with HTTP {status}{f' {error}: {said}' if error else ''}"
    return kind(message, connection=connection, scope="connection")
