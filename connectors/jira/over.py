"""All that is asked of the issues of one JQL, over one pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from connectors.errors import ConnectorError
from connectors.jira.catalogue import Catalogue, unknown
from connectors.jira.changes import Stay, stays
from connectors.jira.client import JiraClient
from connectors.jira.measure import needs, of_field, percent_done, unseen_resolutions
from connectors.jira.measured import Measured
from connectors.jira.queries import Count, CycleTime, OverIssues, PercentDone, TimeInStatus, field_of
from connectors.jira.search import Issues, Search
from connectors.jira.times import cycle_time, named_in, time_in_status

ESTIMATE = "Atlassian's estimate: more issues match than exact_count_limit, and recent changes may be missing."

Outcome = tuple[OverIssues, Measured | ConnectorError]
Histories = Mapping[str, tuple[Stay, ...]]


class Asked:
    def __init__(self, client: JiraClient, search: Search, catalogue: Catalogue, jql: str) -> None:
        self._client = client
        self._search = search
        self._catalogue = catalogue
        self._jql = jql

    def measured(self, queries: Sequence[OverIssues]) -> Iterator[Outcome]:
        """One outcome for each query. What is wrong with one of them costs that one."""
        ids: dict[str, str] = {}
        wanted: list[OverIssues] = []
        for query in queries:
            try:
                if name := field_of(query):
                    ids[name] = self._catalogue.fields().id_of(name)
                wanted.append(query)
            except ConnectorError as error:
                yield query, error
        if not wanted:
            return
        try:
            if all(isinstance(query, Count) for query in wanted):
                number, is_exact = self._search.count(self._jql)
                counted = Measured(value=Decimal(number), rows=number, note=None if is_exact else ESTIMATE)
                yield from ((query, counted) for query in wanted)
                return
            issues = self._search.issues(self._jql, frozenset().union(*(needs(query, ids) for query in wanted)))
        except ConnectorError as error:
            yield from ((query, error) for query in wanted)
            return
        yield from self._over(wanted, issues, ids)

    def _over(self, queries: Sequence[OverIssues], issues: Issues, ids: Mapping[str, str]) -> Iterator[Outcome]:
        try:
            histories: Histories | ConnectorError = self._histories(queries, issues)
        except ConnectorError as error:
            histories = error
        for query in queries:
            try:
                yield query, self._one(query, issues, ids, histories)
            except ConnectorError as error:
                yield query, error

    def _one(
        self, query: OverIssues, issues: Issues, ids: Mapping[str, str], histories: Histories | ConnectorError
    ) -> Measured:
        connection = self._client.connection
        match query:
            case Count():
                return Measured(value=Decimal(len(issues)), rows=len(issues))
            case PercentDone():
                if unseen := unseen_resolutions(query, issues):
                    self._catalogue.check_resolutions(unseen)
                return percent_done(query, issues, ids, connection)
            case CycleTime(from_="created"):
                return cycle_time(query, issues, {}, None, connection)
            case CycleTime() | TimeInStatus():
                if isinstance(histories, ConnectorError):
                    raise histories
                if not histories:
                    return Measured(value=None, rows=len(issues))
                if isinstance(query, CycleTime):
                    return cycle_time(query, issues, histories, self._catalogue.statuses(), connection)
                return self._time_in_status(query, issues, histories)
            case _:
                return of_field(query, issues, ids, connection)

    def _time_in_status(self, query: TimeInStatus, issues: Issues, histories: Histories) -> Measured:
        statuses = self._catalogue.statuses()
        seen = named_in(histories)
        unseen = [name for name in query.statuses if name.casefold() not in seen and not statuses.knows(name)]
        unknown("status", unseen, statuses.names, self._client.connection)
        return time_in_status(query, issues, histories, statuses)

    def _histories(self, queries: Sequence[OverIssues], issues: Issues) -> Histories:
        """Of the resolved issues, or of all where a query needs them."""
        if any(isinstance(query, TimeInStatus) for query in queries):
            wanted = list(issues)
        elif any(isinstance(query, CycleTime) and query.from_ == "started" for query in queries):
            wanted = [key for key, fields in issues.items() if fields.get("resolutiondate") is not None]
        else:
            wanted = []
        found = self._search.histories(self._jql, wanted) if wanted else {}
        return {key: stays(issues[key], found.get(key, ()), self._client.connection) for key in wanted}
