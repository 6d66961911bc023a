"""The application permissions that an access token carries."""

from __future__ import annotations

import base64

from connectors.strict_json import parse


def roles_of(token: str) -> list[str]:
    """Read without checking the signature, for display alone; empty for a token that is no JWT."""
    try:
        payload = token.split(".")[1]
        claims = parse(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), len(payload))
        return sorted(map(str, claims.get("roles", [])))
    except (IndexError, ValueError, AttributeError):
        return []
