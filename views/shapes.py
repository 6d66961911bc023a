"""The forms of what commands print for scripts, each as one JSON Schema. Decimal numbers are texts, so that no reader
rounds them; new fields may join without another `format_version`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict


class _Shape(BaseModel):
    model_config = ConfigDict(extra="allow", ser_json_timedelta="float")


class CheckIn(_Shape):
    """`value` is in the base form of `unit`: percentages as fractions, durations in seconds."""

    at: datetime
    value: str
    unit: str
    progress: str | None
    expected: str
    status: str
    formula: str
    filled: str
    aims: dict[str, str]
    by: str | None
    note: str | None
    confidence: int | None


class Freshness(_Shape):
    """`state` is current, stale, unavailable, no value, unknown or ended; `age` and `may_be` are seconds."""

    state: str
    since: datetime | None
    cause: str | None
    confirmed_at: datetime | None
    age: int | None
    may_be: int | None


class Beside(_Shape):
    """What the sources say and does not count: held, or beside a pinned value."""

    state: str
    reason: str | None
    check_in: CheckIn


class KeyResult(_Shape):
    """`status` is the last one, `shown_status` what people see: what is not current has none."""

    id: str
    title: str
    cycle: str
    owner: str | None
    progress: str | None
    expected: str
    status: str | None
    shown_status: str
    freshness: Freshness
    cancelled: str | None
    pinned: dict[str, Any] | None
    beside: Beside | None
    check_in: CheckIn | None
    stale: dict[str, Any] | None


class Objective(_Shape):
    """`known` of `total` parts have a value that is young enough to count."""

    id: str
    title: str
    owner: str | None
    level: str
    cycle: str
    progress: str | None
    status: str | None
    shown_status: str
    known: int
    total: int
    value: str | None
    aligned: list[str]
    key_results: list[KeyResult]
    initiatives: list[KeyResult]


class Show(_Shape):
    """`okrsync show --json`"""

    format_version: int
    at: datetime
    last_sync: datetime | None
    objectives: list[Objective]
    kpis: list[KeyResult]


class Step(_Shape):
    """`outcome` is changed, unchanged, held, pinned, skipped, no value or unavailable."""

    key_result: str
    outcome: str
    last: CheckIn | None
    check_in: CheckIn | None
    connection: str | None = None
    kind: str | None = None
    cause: str | None = None
    fix: str | None = None
    temporary: bool | None = None
    reason: str | None = None


class Plan(_Shape):
    """`okrsync plan --json` and `okrsync sync --json`"""

    format_version: int
    run: str
    at: datetime
    calls: dict[str, int]
    key_results: list[Step]


class Evidence(_Shape):
    connection: str
    query: str
    asked_at: datetime
    as_of: datetime
    rows: int | None
    link: str | None
    note: str | None


class Input(_Shape):
    name: str
    amount: str
    unit: str
    evidence: Evidence


class Explained(CheckIn):
    inputs: list[Input]


class Explain(_Shape):
    """`okrsync explain KR --json`; of an objective it is one for each of its key results, below `key_results`."""

    format_version: int
    key_result: str
    title: str
    check_in: Explained | None
    shown_status: str
    freshness: Freshness
    beside: Beside | None
    derivation: list[str]
    stale: dict[str, Any] | None
    actions: list[dict[str, Any]]
    because: dict[str, Any] | None
    forecast: dict[str, Any] | None
    pace_needed_a_week: str | None


def schemas() -> dict[str, type[BaseModel]]:
    """By the command whose output it is of."""
    from views.report.final import FinalReport
    from views.report.model import Report

    return {"show": Show, "plan": Plan, "explain": Explain, "report": Report, "final-report": FinalReport}


def json_schema(kind: str) -> dict[str, Any]:
    """Of what is written, not of what might be read. Raises KeyError."""
    made = schemas()[kind].model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
