"""Lets a site judge queries without running them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.errors import BadQuery, ConnectorError
from connectors.jira.advice import date_problem
from connectors.jira.catalogue import Catalogue, unknown
from connectors.jira.client import JiraClient
from connectors.jira.fields import NO_NUMBERS
from connectors.jira.queries import JiraQuery, PercentDone, TimeInStatus, Velocity, field_of
from connectors.jira.search import Search
from connectors.jira.velocity import velocity
from mapping.day import Zone


def judged(
    client: JiraClient, search: Search, queries: Sequence[JiraQuery], zone: Zone
) -> Iterator[tuple[JiraQuery, ConnectorError | None]]:
    jqls = list(dict.fromkeys(query.jql for query in queries if not isinstance(query, Velocity)))
    catalogue = Catalogue(client)
    try:
        zones = (zone.key, str(client.me().get("timeZone") or zone.key))
        refusals = dict(search.refusals(jqls))
    except ConnectorError as error:
        yield from ((query, error) for query in queries)
        return
    for query in queries:
        try:
            if isinstance(query, Velocity):
                velocity(client, query)
            elif refusals[query.jql]:
                raise BadQuery(f"Jira says: {refusals[query.jql]}", connection=client.connection)
            else:
                _check(client, catalogue, query, zones)
            yield query, None
        except ConnectorError as error:
            yield query, error


def _check(client: JiraClient, catalogue: Catalogue, query: JiraQuery, zones: tuple[str, str]) -> None:
    """What is beside the JQL, and the dates in it. Raises ConnectorError."""
    fields = catalogue.fields()
    if name := field_of(query):
        kind = fields.type_of(fields.id_of(name))
        if kind in NO_NUMBERS:
            raise BadQuery(
                f"the field {name!r} contains no numbers; its type is {kind}",
                connection=client.connection,
                fix="Name a number field, such as timespent; `okrsync find` lists them.",
            )
    if isinstance(query, PercentDone) and query.exclude_resolutions:
        catalogue.check_resolutions(query.exclude_resolutions)
    if isinstance(query, TimeInStatus):
        statuses = catalogue.statuses()
        unseen = [status for status in query.statuses if not statuses.knows(status)]
        unknown("status", unseen, statuses.names, client.connection)
    if not isinstance(query, Velocity) and (problem := date_problem(query.jql, fields, zones, client.connection)):
        raise problem
