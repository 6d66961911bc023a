"""What the exceptions of `requests`, urllib3 and Python's own HTTP mean for the operator."""

from __future__ import annotations

from http.client import HTTPException
from urllib.parse import urlsplit

import requests
from requests import exceptions
from urllib3.exceptions import HTTPError

from connectors.errors import AccessDenied, BadAnswer, BadCredentials, BadQuery, ConnectorError, Unreachable

FOREIGN = (requests.RequestException, HTTPError, HTTPException, OSError, ValueError)
"""Whatever sending a request may raise that is not ours. A ValueError is a header that can't be written."""
PASSING = (requests.ConnectionError, requests.Timeout, exceptions.ChunkedEncodingError)
NEVER_LEFT = frozenset({"the name is unknown", "the name can't be resolved", "refused"})
BROKEN = (exceptions.ContentDecodingError, exceptions.InvalidHeader)


class NoRoom(OSError):
    """Others read large answers for so long that there was no time left."""


class PrivateAddress(HTTPError):
    """The name leads into a private network."""


def host_of(url: str | None) -> str:
    try:
        return urlsplit(url or "").netloc or "the address"
    except ValueError:
        return "the address"


def unsendable(error: Exception, connection: str) -> ConnectorError:
    """A request that could not even be written. The texts of these errors show the header, secret and all."""
    if isinstance(error, exceptions.InvalidHeader) or not isinstance(error, requests.RequestException):
        return BadCredentials(
            "a credential contains a line break or another character that a header can't carry",
            connection=connection,
            fix="Write the secret in one line, without anything before or after it.",
        )
    return BadQuery("the address is not valid", connection=connection, fix="Correct the address.")


def translated(url: str | None, error: Exception, seconds: float, connection: str) -> ConnectorError:
    host = host_of(url)
    if isinstance(error, PrivateAddress):
        fix = "If this is right, set allow_private: true."
        return AccessDenied(str(error), connection=connection, scope="connection", fix=fix)
    if isinstance(error, NoRoom):
        return Unreachable("other large answers took all the time", connection=connection)
    if isinstance(error, BROKEN):
        return BadAnswer(f"the answer of {host} can't be read ({type(error).__name__})", connection=connection)
    if isinstance(error, ValueError) and not isinstance(error, requests.RequestException):
        return unsendable(error, connection)
    if isinstance(error, requests.exceptions.SSLError):
        what, fix = (
            f"the certificate of {host} is not trusted",
            "Check the address, or add its certificate authority to the trusted ones.",
        )
    elif isinstance(error, requests.Timeout):
        return late(url, seconds, connection, reached=isinstance(error, requests.ReadTimeout))
    elif isinstance(error, exceptions.ChunkedEncodingError):
        what, fix = f"{host} closed the connection in the middle of its answer", ""
    else:
        what, fix = f"can't connect to {host} ({_reason(error)})", ""
    made = Unreachable(what, connection=connection, fix=fix)
    made.never_left = isinstance(error, requests.exceptions.SSLError) or _reason(error) in NEVER_LEFT
    return made


def late(url: str | None, seconds: float, connection: str, *, reached: bool) -> Unreachable:
    made = Unreachable(f"{host_of(url)} did not answer within {seconds:g} seconds", connection=connection)
    made.timed_out, made.never_left = reached, not reached
    return made


def _reason(error: BaseException) -> str:
    seen = str(error)
    for sign, words in (
        ("Name or service not known", "the name is unknown"),
        ("nodename nor servname", "the name is unknown"),
        ("Temporary failure in name resolution", "the name can't be resolved"),
        ("Connection refused", "refused"),
        ("Connection reset", "reset"),
        ("Remote end closed", "closed by the other side"),
        ("got more than", "too many headers"),
    ):
        if sign in seen:
            return words
    return type(error).__name__
