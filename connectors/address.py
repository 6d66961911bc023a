"""Addresses of services, as operators write them."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def check_service_url(url: str) -> str:
    """An https address without a trailing slash; plain http only on this machine, where nobody listens in. What is
    refused is not repeated, for a secret may stand in it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("is not an address: write https://HOST, with a port of 1 to 65535 if need be") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or not url.isprintable() or " " in url:
        raise ValueError("is not an address: write https://HOST")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("would send credentials unencrypted: write https://HOST")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("an address must not contain credentials, a query or a fragment: write https://HOST")
    return url.rstrip("/")


ServiceUrl = Annotated[str, AfterValidator(check_service_url)]


def is_safe_target(url: str) -> bool:
    """Whether a redirect may lead there: https, or plain http on this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))
