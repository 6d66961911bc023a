"""What Jira's refusals for haste ask for: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.pauses import retry_after

A_SECOND = 100
"""Requests a second to one endpoint of a Cloud site, everyone's together."""
AT_FIRST = 10
"""In flight before Jira has shown that it bears more."""
REASONS = {
    "jira-quota-global-based": "the hourly quota of this app on all its sites is used up",
    "jira-quota-tenant-based": "the hourly quota of this app on the site is used up",
    "jira-burst-based": "there were too many requests in one second, from all users of the site together",
    "jira-per-issue-on-write": "one issue was changed too often",
}


def asked_pause(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds, by Retry-After and by X-RateLimit-Reset, the longer one; None where neither says."""
    until = _reset(headers.get("X-RateLimit-Reset", ""))
    left = None if until is None else max(0.0, (until - (now or datetime.now(UTC))).total_seconds())
    asked = [one for one in (retry_after(headers, now), left) if one is not None]
    return max(asked, default=None)


def reason(headers: Mapping[str, str]) -> str:
    """In words, "" where Jira gives none; the list of reasons is not closed."""
    given = headers.get("RateLimit-Reason", "").strip()[:60]
    return REASONS.get(given.lower(), given)


def _reset(text: str) -> datetime | None:
    """An ISO time, which Atlassian also writes without seconds (2026-03-26T16:00Z)."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
