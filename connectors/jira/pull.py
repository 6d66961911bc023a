"""Reads what is asked of a site; queries on one JQL share one pass over its issues."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from connectors import finding
from connectors.base import Account, Clock, Finder, Memory, Outcome, Reader, reading
from connectors.errors import ConnectorError
from connectors.jira import find
from connectors.jira.catalogue import Catalogue
from connectors.jira.client import JiraClient
from connectors.jira.datacenter import DataCenterSearch
from connectors.jira.measured import Measured
from connectors.jira.over import Asked
from connectors.jira.publish import JiraPublisher
from connectors.jira.queries import JiraQuery, OverIssues, Velocity, Worklog
from connectors.jira.search import CloudSearch, Search
from connectors.jira.spec import SPEC
from connectors.jira.validate import judged
from connectors.jira.velocity import velocity
from connectors.jira.worklogs import logged
from connectors.parallel import each
from mapping.day import UTC, Zone
from mapping.reading import Reading

Found = tuple[JiraQuery, Outcome]
Task = Callable[[], list[Found]]


class JiraConnector(Reader[JiraQuery], Finder, JiraPublisher):
    spec = SPEC
    kinds = find.KINDS

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

    @property
    def sent(self) -> int:
        return self._client.http.calls

    def read(self, queries: Collection[JiraQuery]) -> Iterator[Found]:
        distinct = list(dict.fromkeys(queries))
        if not distinct:
            return
        try:
            self._client.me()
        except ConnectorError as error:
            yield from ((query, error) for query in distinct)
            return
        nothing: list[Found] = []
        for found in each(self._tasks(distinct), lambda task: task(), workers=self.options.concurrency):
            for query, outcome in found:
                if isinstance(outcome, Reading) and not outcome.evidence.rows:
                    nothing.append((query, outcome))
                else:
                    yield query, outcome
        yield from self._believed(nothing)

    def validate(self, queries: Collection[JiraQuery]) -> Iterator[tuple[JiraQuery, ConnectorError | None]]:
        """By Jira's parser, as this account: a project that it can't see is an error there."""
        return judged(self._client, self._search, list(dict.fromkeys(queries)), self.zone)

    def find(self, kind: str, text: str, within: str) -> Iterator[finding.Found]:  # noqa: ARG002 - all lie in the site
        return find.find(self._client, kind, text, is_cloud=self.options.deployment == "cloud")

    def stop(self) -> None:
        self._client.http.stop()

    def close(self) -> None:
        self._client.close()

    def _believed(self, nothing: list[Found]) -> list[Found]:
        """Answers of no issue, once it is sure that they were given to somebody who may see some."""
        try:
            if nothing:
                self._client.vouch()
        except ConnectorError as error:
            return [(query, error) for query, _ in nothing]
        return nothing

    def _tasks(self, queries: Sequence[JiraQuery]) -> Iterator[Task]:
        catalogue = Catalogue(self._client)
        by_jql: dict[str, list[OverIssues]] = {}
        for query in queries:
            if isinstance(query, Velocity):
                yield partial(self._alone, query, partial(velocity, self._client, query))
            elif isinstance(query, Worklog):
                yield partial(self._alone, query, partial(logged, self._client, self._search, query))
            else:
                by_jql.setdefault(query.jql, []).append(query)
        for jql, group in by_jql.items():
            yield partial(self._together, Asked(self._client, self._search, catalogue, jql), group)

    def _together(self, asked: Asked, queries: Sequence[OverIssues]) -> list[Found]:
        with self._client.http.one_answer():
            return [(query, self._outcome(query, made)) for query, made in asked.measured(queries)]

    def _alone(self, query: JiraQuery, measure: Callable[[], Measured]) -> list[Found]:
        try:
            with self._client.http.one_answer():
                return [(query, self._outcome(query, measure()))]
        except ConnectorError as error:
            return [(query, error)]

    def _outcome(self, query: JiraQuery, made: Measured | ConnectorError) -> Outcome:
        try:
            return made if isinstance(made, ConnectorError) else self._reading(query, made)
        except ConnectorError as error:
            return error

    def _reading(self, query: JiraQuery, made: Measured) -> Reading:
        if isinstance(query, Velocity):
            page = f"secure/RapidBoard.jspa?rapidView={query.velocity}&view=reporting&chart=velocityChart"
        else:
            page = f"issues/?jql={quote(query.jql, errors='replace')}"
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
