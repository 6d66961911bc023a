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
DAILY_FIX = "The org's API calls are used up; see Setup > Company Information."
CONCURRENT_FIX = "Lower `concurrency`, or find out which other apps take up the org's long-running requests."
DAY_FIX = "The field contains days: write the placeholder as a day, such as {cycle.start:date}, and without quotes."
TIME_FIX = "The field contains days with their time: write the placeholder as {cycle.start:time}, and without quotes."
PAUSES: Mapping[str, float] = {"UNABLE_TO_LOCK_ROW": 1, "REQUEST_LIMIT_EXCEEDED": 5}
"""Seconds after which to ask again; Salesforce itself sends no Retry-After."""
CODES: Mapping[str, tuple[type[ConnectorError], Scope, str]] = {
    "MALFORMED_QUERY": (BadQuery, "query", ""),
    "INVALID_FIELD": (BadQuery, "query", FIELD_FIX),
    "INVALID_TYPE": (BadQuery, "query", FIELD_FIX.replace("field", "object")),
    "INVALID_QUERY_FILTER_OPERATOR": (BadQuery, "query", ""),
    "QUERY_TOO_COMPLICATED": (BadQuery, "query", ""),
    "EXCEEDED_ID_LIMIT": (BadQuery, "query", "Ask for one aggregate without GROUP BY."),
    "QUERY_TIMEOUT": (Unreachable, "query", "Narrow the filter to an indexed field."),
    "UNABLE_TO_LOCK_ROW": (Unreachable, "query", ""),
    "INVALID_SESSION_ID": (BadCredentials, "connection", ""),
    "INVALID_AUTH_HEADER": (BadCredentials, "connection", ""),
    "INVALID_JWT_FORMAT": (BadCredentials, "connection", ""),
    "REQUEST_LIMIT_EXCEEDED": (Throttled, "connection", DAILY_FIX),
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
WRITES: Mapping[str, tuple[type[ConnectorError], str]] = {
    "UNABLE_TO_LOCK_ROW": (Unreachable, "Nothing to do: the next run writes it again."),
    "INSUFFICIENT_ACCESS_OR_READONLY": (AccessDenied, ""),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": (AccessDenied, ""),
    "INVALID_FIELD_FOR_INSERT_UPDATE": (AccessDenied, ""),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": (BadQuery, "See the trigger or flow that refuses it."),
    "ENTITY_IS_DELETED": (NotFound, "It was deleted: restore it, or name another record."),
    "ENTITY_IS_LOCKED": (BadQuery, "It is locked by an approval: unlock it, or let the integration user edit it."),
    "INVALID_CROSS_REFERENCE_KEY": (NotFound, "It was deleted: restore it, or name another record."),
}
"""What the outcome of one record in a write of several means; all else is a rule of the org's."""
STATUSES: Mapping[int, type[ConnectorError]] = {**STATUS_ERRORS, 406: Unreachable}
"""406 and 420 come from Salesforce's edge while it sets things up, and pass."""

MOST_SAID = 2000
OAUTH_FIXES = {
    "no client credentials user enabled": "Set a run-as user in the app's client credentials flow.",
    "user hasn't approved this consumer": "Pre-authorize the integration user's profile or permission set in the app.",
    "invalid assertion": "Upload the certificate that belongs to the private key to the app.",
    "audience is invalid": "Set audience to https://login.salesforce.com (https://test.salesforce.com for a sandbox).",
}
WRONG_CREDENTIAL = frozenset(
    {"invalid_client", "invalid_client_id", "invalid_client_credentials", "invalid_grant", "unauthorized_client"}
)


def query_error(status: Any, content: Any, connection: str) -> ConnectorError:
    """The error that an answer means: by its errorCode, else by its status. One that carries `retry_after` passes by
    itself soon."""
    first = content[0] if isinstance(content, list) and content else content
    code, said = (
        ("", "") if not isinstance(first, dict) else (_text(first.get("errorCode")), _text(first.get("message")))
    )
    if code in CODES:
        kind, scope, fix = CODES[code]
        pause = PAUSES.get(code)
        if code == "REQUEST_LIMIT_EXCEEDED":
            # The limit of requests at one time and that of a day have one code: jsforce#448, OrgCheck#432.
            fix, pause = (CONCURRENT_FIX, pause) if "concurrent" in said.lower() else (fix, None)
        if code == "INVALID_FIELD" and (wanted := _wanted_type(said)):
            fix = {"date": DAY_FIX, "datetime": TIME_FIX}.get(wanted, "Compare the field with a value of its type.")
        message = f"Salesforce says {code}: {said}"
        return kind(message, connection=connection, scope=scope, fix=fix, retry_after=pause)
    kind = STATUSES.get(status, BadAnswer) if isinstance(status, int) else BadAnswer
    message = f"Salesforce answered with HTTP {_text(status) or '?'}" + (f" {code}: {said}" if said else "")
    return kind(message, connection=connection)


def write_error(answer: Any, connection: str, fix: str) -> ConnectorError | None:
    """Why one record of several was not written, by the first of its errors; None where it was."""
    if isinstance(answer, dict) and answer.get("success") is True:
        return None
    errors = answer.get("errors") if isinstance(answer, dict) else None
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    code, said = _text(first.get("statusCode")), _text(first.get("message"))
    if not code:
        return BadAnswer("Salesforce answered without an outcome of a record", connection=connection, uncertain=True)
    kind, own = WRITES.get(code, (BadQuery, ""))
    named = first.get("fields")
    fields = f" ({', '.join(map(_text, named))})" if isinstance(named, list) and named else ""
    shown = own or (fix if kind is AccessDenied else "Correct what is published, or the rule that refuses it.")
    return kind(f"Salesforce says {code}: {said}{fields}", connection=connection, scope="query", fix=shown)


def passes_soon(error: BaseException) -> bool:
    """Whether Salesforce itself says something that is over in seconds."""
    said = tuple(f"Salesforce says {code}:" for code in PAUSES)
    return isinstance(error, ConnectorError) and error.retry_after is not None and error.message.startswith(said)


def is_daily_limit(error: ConnectorError) -> bool:
    return isinstance(error, Throttled) and error.fix == DAILY_FIX


def _wanted_type(said: str) -> str | None:
    """Of "value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be enclosed in
    quotes"."""
    _, found, rest = said.partition("must be of type ")
    return rest.split(" ")[0].lower() if found else None


def _text(value: Any) -> str:
    """What stands in a tool's answer, in one line."""
    return " ".join(str(value)[:MOST_SAID].split()) if isinstance(value, str | int) else ""


def sign_in_error(status: int, content: Any, connection: str) -> ConnectorError:
    """The error that a refusal of the token endpoint means. It always concerns the whole connection."""
    error = _text(content.get("error")) if isinstance(content, dict) else ""
    said = _text(content.get("error_description")) if isinstance(content, dict) else ""
    if "login rate exceeded" in said:
        return Throttled(f"Salesforce refuses the sign-in: {said}", connection=connection)
    if error in WRONG_CREDENTIAL or status == 401:
        fix = next((fix for words, fix in OAUTH_FIXES.items() if words in said), "")
        message = f"Salesforce refuses the sign-in: {error or f'HTTP {status}'}{f' ({said})' if said else ''}"
        return BadCredentials(message, connection=connection, fix=fix)
    kind = STATUSES.get(status, BadAnswer)
    if kind is BadQuery:
        kind = BadCredentials
    message = f"Salesforce answered the sign-in with HTTP {status}{f' {error}: {said}' if error else ''}"
    return kind(message, connection=connection, scope="connection")
