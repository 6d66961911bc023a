"""The application permissions that an access token carries."""

from __future__ import annotations

import base64
import json


def roles_of(token: str) -> list[str]:
    """Read without checking the signature, for display alone; empty for a token that is no JWT."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return sorted(map(str, claims.get("roles", [])))
    except (IndexError, ValueError, AttributeError):
        return []
