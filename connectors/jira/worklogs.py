"""The time that people logged on issues within a period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from connectors.errors import BadQuery
from connectors.jira.client import JiraClient
from connectors.jira.jql import split
from connectors.jira.measured import Measured
from connectors.jira.paging import by_start
from connectors.jira.queries import Worklog
from connectors.jira.search import Search
from connectors.jira.values import instant, whole
from mapping.units import DURATION

DAY = timedelta(days=1)


def logged(client: JiraClient, search: Search, query: Worklog) -> Measured:
    """Raises ConnectorError."""
    start, end = _moment(query.from_, client.connection), _moment(query.to, client.connection)
    seconds = [
        Decimal(whole(row.get("timeSpentSeconds"), "the time of a worklog", client.connection))
        for ident, fields in search.issues(jql_of(query, start, end), ["worklog"]).items()
        for row in _rows(client, ident, fields, start)
        if start <= _started(client, row) <= end
    ]
    return Measured(value=sum(seconds, Decimal(0)), rows=len(seconds), unit=DURATION)


def jql_of(query: Worklog, start: datetime, end: datetime) -> str:
    """The issues that may have such worklogs. Jira reads the days in the account's zone: one more on both sides holds
    everywhere."""
    condition, _ = split(query.worklog)
    days = f'worklogDate >= "{start - DAY:%Y-%m-%d}" AND worklogDate <= "{end + DAY:%Y-%m-%d}"'
    return f"({condition}) AND {days}" if condition else days


def _rows(client: JiraClient, ident: str, fields: Mapping[str, Any], start: datetime) -> Iterator[dict[str, Any]]:
    """A search gives the first twenty of an issue only."""
    log = fields.get("worklog")
    first = client.listed(log, "worklogs")
    total = whole(log.get("total") if isinstance(log, dict) else None, "the number of worklogs", client.connection)
    if len(first) >= total:
        yield from first
        return
    if not ident.isdecimal():
        raise client.bad_answer("the ids of its issues")
    ask = partial(_page, client, ident, start)
    for page in by_start(client, ask, "worklogs"):
        yield from page


def _page(client: JiraClient, ident: str, since: datetime, start: int) -> Any:
    earliest = str(int(since.timestamp() * 1000) - 1)
    return client.get(f"issue/{ident}/worklog", startAt=str(start), startedAfter=earliest)


def _started(client: JiraClient, row: Mapping[str, Any]) -> datetime:
    at = instant(row.get("started"), client.connection)
    if at is None:
        raise client.bad_answer("when the work of a worklog began")
    return at


def _moment(text: str, connection: str) -> datetime:
    if text.isdecimal() and len(text) <= 15:
        found = instant(int(text), connection)
        if found is not None:
            return found.astimezone(UTC)
    raise BadQuery(
        f"{text!r} is not a moment", connection=connection, fix="Write {cycle.start}, {cycle.end} or {as_of}."
    )
