"""Reads what is asked of a site; queries on one JQL share one pass over its issues."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import quote

from connectors.base import Account, Clock, Memory, Outcome, Reader, reading
from connectors.errors import BadQuery, ConnectorError
from connectors.jira.changes import first_started, statuses_in_progress
from connectors.jira.client import JiraClient
from connectors.jira.datacenter import DataCenterSearch
from connectors.jira.fields import FieldNames
from connectors.jira.measure import Context, Measured, measure, needs
from connectors.jira.queries import Count, CycleTime, JiraQuery, OverIssues, Velocity, field_of
from connectors.jira.search import CloudSearch, Issues, Search
from connectors.jira.spec import SPEC
from connectors.jira.velocity import velocity
from connectors.parallel import each
from mapping.day import UTC, Zone
from mapping.reading import Reading

ESTIMATE = "Atlassian's estimate: more issues match than exact_count_limit, and recent changes may be missing."

Found = tuple[JiraQuery, Outcome]
Task = Callable[[], list[Found]]
Fields = Mapping[str, "str | ConnectorError"]


class JiraConnector(Reader[JiraQuery]):
    spec = SPEC

    def __init__(
        self, name: str, options: Any, *, clock: Clock, zone: Zone = UTC, memory: Memory | None = None
    ) -> None:
        super().__init__(name, options, clock=clock, zone=zone, memory=memory)
        self._client = JiraClient(name, options)
        self._search: Search = (
            CloudSearch(self._client, options.exact_count_limit)
            if options.deployment == "cloud"
            else DataCenterSearch(self._client)
        )

    def check(self) -> Account:
        me = self._client.me()
        server = self._client.get("serverInfo")
        if not isinstance(server, dict) or "baseUrl" not in server:
            raise self._client.bad_answer("what site it is", scope="connection")
        kind = " ".join(str(server[key]) for key in ("deploymentType", "version") if server.get(key))
        details = (("site", str(server["baseUrl"])), ("Jira", kind), ("time zone", str(me.get("timeZone", "unknown"))))
        return Account(name=str(me.get("emailAddress") or me.get("displayName")), details=details)

    def read(self, queries: Collection[JiraQuery]) -> Iterator[Found]:
        distinct = list(dict.fromkeys(queries))
        if not distinct:
            return
        try:
            self._client.me()
            fields = self._fields(distinct)
        except ConnectorError as error:
            yield from ((query, error) for query in distinct)
            return
        for found in each(self._tasks(distinct, fields), lambda task: task(), workers=self.options.concurrency):
            yield from found

    def validate(self, queries: Collection[JiraQuery]) -> Iterator[tuple[JiraQuery, ConnectorError | None]]:
        """By Jira's parser, as this account: a project that it can't see is an error there."""
        distinct = list(dict.fromkeys(queries))
        if not distinct:
            return
        jqls = list(dict.fromkeys(query.jql for query in distinct if not isinstance(query, Velocity)))
        refusals = dict(self._search.refusals(jqls))
        fields = self._fields(distinct)
        for query in distinct:
            if isinstance(query, Velocity):
                yield query, self._board_error(query)
            elif refusals[query.jql]:
                yield query, BadQuery(f"Jira says: {refusals[query.jql]}", connection=self.name)
            else:
                field = fields.get(field_of(query) or "")
                yield query, field if isinstance(field, ConnectorError) else None

    def stop(self) -> None:
        self._client.http.stop()

    def close(self) -> None:
        self._client.close()

    def _tasks(self, queries: Sequence[JiraQuery], fields: Fields) -> Iterator[Task]:
        by_jql: dict[str, list[OverIssues]] = {}
        for query in queries:
            if isinstance(query, Velocity):
                yield partial(self._velocity, query)
            else:
                by_jql.setdefault(query.jql, []).append(query)
        for jql, group in by_jql.items():
            yield partial(self._ask, jql, group, fields)

    def _fields(self, queries: Sequence[JiraQuery]) -> Fields:
        """The id of each field that is named, or why there is none. Asks only if one is. Raises ConnectorError."""
        named = {field for query in queries if (field := field_of(query))}
        if not named:
            return {}
        names = FieldNames(self._client.get("field"), self.name)

        def resolved(name: str) -> str | ConnectorError:
            try:
                return names.id_of(name)
            except BadQuery as error:
                return error

        return {name: resolved(name) for name in named}

    def _ask(self, jql: str, queries: Sequence[OverIssues], fields: Fields) -> list[Found]:
        named = {query: fields.get(field_of(query) or "") for query in queries}
        refused = {query: error for query, error in named.items() if isinstance(error, ConnectorError)}
        wanted = [query for query in queries if query not in refused]
        found: list[Found] = list(refused.items())
        if not wanted:
            return found
        try:
            if all(isinstance(query, Count) for query in wanted):
                number, exact = self._search.count(jql)
                counted = Measured(value=Decimal(number), rows=number, note=None if exact else ESTIMATE)
                return [*found, *((query, self._reading(query, counted)) for query in wanted)]
            ids = {name: field for name, field in fields.items() if isinstance(field, str)}
            issues = self._search.issues(jql, frozenset().union(*(needs(query, ids) for query in wanted)))
            started = self._started(jql, wanted, issues)
        except ConnectorError as error:
            return [*found, *((query, error) for query in wanted)]
        context = Context(connection=self.name, ids=ids, started=started)
        return [*found, *((query, self._over(query, issues, context)) for query in wanted)]

    def _started(self, jql: str, queries: Sequence[OverIssues], issues: Issues) -> Mapping[str, datetime]:
        if not any(isinstance(query, CycleTime) and query.from_ == "started" for query in queries):
            return {}
        resolved = [key for key, fields in issues.items() if fields.get("resolutiondate")]
        if not resolved:
            return {}
        histories = self._search.histories(jql, resolved)
        return first_started(histories, statuses_in_progress(self._client), self.name)

    def _over(self, query: OverIssues, issues: Issues, context: Context) -> Outcome:
        try:
            return self._reading(query, measure(query, issues, context))
        except ConnectorError as error:
            return error

    def _velocity(self, query: Velocity) -> list[Found]:
        try:
            return [(query, self._reading(query, velocity(self._client, query)))]
        except ConnectorError as error:
            return [(query, error)]

    def _board_error(self, query: Velocity) -> ConnectorError | None:
        try:
            self._client.agile(f"board/{query.velocity}/configuration")
        except ConnectorError as error:
            return error
        return None

    def _reading(self, query: JiraQuery, made: Measured) -> Reading:
        if isinstance(query, Velocity):
            page = f"secure/RapidBoard.jspa?rapidView={query.velocity}&view=reporting&chart=velocityChart"
        else:
            page = f"issues/?jql={quote(query.jql)}"
        return reading(
            made.value,
            connection=self.name,
            query=query.text(),
            asked_at=self.clock(),
            rows=made.rows,
            link=f"{self.options.people_url}/{page}",
            note=made.note,
            unit=made.unit,
        )
