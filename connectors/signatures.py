"""Whether a call has what only the right sender knows. A comparison takes the same time, right or wrong."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable

PREFIX = "whsec_"
"""The beginning of a Standard Webhooks secret that is written in base64."""


def key_of(secret: str) -> bytes:
    """Raises ValueError if the base64 is invalid."""
    if not secret.startswith(PREFIX):
        return secret.encode(errors="replace")
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError(f"after {PREFIX}, the secret must be base64: copy the whole secret") from None


def digest(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, hashlib.sha256)


def is_one_of(given: str | bytes, right: Iterable[str | bytes]) -> bool:
    """Compares with all of them, so that the time does not show which one was right. "" is never right."""
    one = _raw(given)
    found = [hmac.compare_digest(one, _raw(other)) & bool(other) for other in right]
    return any(found)


def named(*parts: str | bytes) -> str:
    """One name for what is told by several parts."""
    made = hashlib.sha256()
    for part in map(_raw, parts):
        made.update(len(part).to_bytes(8, "big") + part)
    return made.hexdigest()


def _raw(text: str | bytes) -> bytes:
    return text.encode(errors="surrogatepass") if isinstance(text, str) else text
