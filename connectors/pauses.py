"""For how long an answer asks us to wait."""

from __future__ import annotations

import email.utils
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

LONGEST = 366 * 86_400.0
_LONGEST_TEXT = 100


def retry_after(headers: Mapping[str, Any], now: datetime | None = None) -> float | None:
    """Seconds to wait as the answer asks: whole or decimal seconds, or an HTTP date. None where it does not say, or
    says what makes no sense.

    Microsoft Graph sends decimals ("2.128"), and numbers inside a batch; proxies send dates.
    """
    value = str(headers.get("Retry-After", "")).strip()
    if not value or len(value) > _LONGEST_TEXT:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _until(value, now)
    return None if math.isnan(seconds) else min(max(0.0, seconds), LONGEST)


def _until(value: str, now: datetime | None) -> float:
    try:
        then = email.utils.parsedate_to_datetime(value)
        if then.tzinfo is None:
            then = then.replace(tzinfo=UTC)
        return (then - (now or datetime.now(UTC))).total_seconds()
    except (ValueError, TypeError, OverflowError, IndexError):
        return math.nan
