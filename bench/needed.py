"""The least calls and seconds that a set of questions costs, by what the vendors publish of their limits.

Nothing here knows how okrsync asks. Questions are SOQL aggregates, counts by JQL and filtered SharePoint lists that
share no rows, so that none can be answered by another.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How many questions one call may carry, how many calls open a session, and how many calls a second are let
    through (that many may come at once); None where the vendor names none that would bind here."""

    a_call: int
    sign_in: int
    a_second: int | None = None


LIMITS: Mapping[str, Limits] = {
    # /composite: 25 sub-requests, of these 5 queries. The token is one call more.
    "salesforce": Limits(a_call=5, sign_in=1),
    # One JQL a search. Basic authentication needs no call. 100 a second for one endpoint of a site.
    "jira": Limits(a_call=1, sign_in=0, a_second=100),
    # $batch: 20 requests. The token is one call more.
    "graph": Limits(a_call=20, sign_in=1),
}


def calls(tool: str, questions: int) -> int:
    limits = LIMITS[tool]
    return limits.sign_in + math.ceil(questions / limits.a_call)


def seconds(tool: str, questions: int, latency: float) -> float:
    """As many calls at once as are let through, each answered after the latency, and no time for anything else."""
    limits = LIMITS[tool]
    asking = math.ceil(questions / limits.a_call)
    waiting = 0.0 if limits.a_second is None else max(0, asking - limits.a_second) / limits.a_second
    return limits.sign_in * latency + waiting + latency
