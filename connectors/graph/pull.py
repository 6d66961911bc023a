"""Reads from Graph: distinct requests only, twenty a batch, workbooks one request at a time, further pages after."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import Any

from connectors import finding
from connectors.base import Account, Clock, Finder, Memory, Outcome, Reader
from connectors.errors import ConnectorError
from connectors.graph import excel, find, items, usage
from connectors.graph.batch import Answer
from connectors.graph.client import GraphClient
from connectors.graph.lists import Lists
from connectors.graph.made import Maker, Spots, any_request
from connectors.graph.publish import GraphPublisher
from connectors.graph.queries import (
    Count,
    Excel,
    ExcelPlace,
    Get,
    GraphQuery,
    Learning,
    ListColumn,
    Planner,
    Report,
    SharePoint,
    SiteAnalytics,
)
from connectors.graph.roles import roles_of
from connectors.graph.schedule import Request, Schedule, schedule
from connectors.graph.spec import SPEC
from connectors.graph.subscribe import GraphSubscriber
from connectors.graph.workbooks import read_chain, to_be_asked_apart
from connectors.parallel import each
from mapping.day import UTC, Zone

Found = tuple[GraphQuery, Outcome]


class GraphConnector(Reader[GraphQuery], Finder, GraphSubscriber, GraphPublisher):
    spec = SPEC
    kinds = find.KINDS

    def __init__(
        self, name: str, options: Any, *, clock: Clock, zone: Zone = UTC, memory: Memory | None = None
    ) -> None:
        super().__init__(name, options, clock=clock, zone=zone, memory=memory)
        self._client = GraphClient(name, options)
        GraphSubscriber.__init__(self, self._client, options, clock)

    def check(self) -> Account:
        token = self._client.sign_in()
        roles = ("permissions", ", ".join(roles_of(token)) or "none")
        if self.options.managed_identity is not None:
            return Account(name=f"managed identity {self.options.managed_identity}", details=(roles,))
        return Account(name=f"app {self.options.client_id} in {self.options.tenant}", details=(roles,))

    @property
    def sent(self) -> int:
        return self._client.http.calls

    def read(self, queries: Collection[GraphQuery]) -> Iterator[Found]:
        distinct = list(dict.fromkeys(queries))
        if not distinct:
            return
        try:
            self._client.sign_in()
        except ConnectorError as error:
            yield from ((query, error) for query in distinct)
            return
        spots, lists = self._spots(distinct), self._lists(distinct)
        answers = self._asked(schedule(_requests(distinct, spots, lists)))
        lists.mend(answers)
        if columns := to_be_asked_apart(spots, answers):
            spots |= excel.spots(columns, together=False)
            answers |= self._asked(schedule(spots[place].request for place in columns))
        made = Maker(
            client=self._client,
            connection=self.name,
            excel_by=self.options.excel_by,
            spots=spots,
            lists=lists,
            answers=answers,
            queries=distinct,
            now=self.clock(),
        )

        def finish(query: GraphQuery) -> Found:
            try:
                return query, made.reading(query)
            except ConnectorError as error:
                return query, error

        yield from each(distinct, finish, workers=self.options.concurrency)

    def calls(self, queries: Collection[GraphQuery]) -> int:
        distinct = list(dict.fromkeys(queries))
        spots, lists = self._spots(distinct), self._lists(distinct)
        alone = {usage.report_request(query.report) for query in distinct if isinstance(query, Report)}
        files = {(query.excel.drive, query.excel.item) for query in distinct if isinstance(query, Excel)}
        downloads = len(files) if self.options.excel_by == "download" else 0
        return schedule(_requests(distinct, spots, lists)).calls + len(alone) + downloads

    def validate(self, queries: Collection[GraphQuery]) -> Iterator[tuple[GraphQuery, ConnectorError | None]]:
        """Reading is the only judge that Graph has; it changes nothing. Lists tell the types of their columns too, and
        so which form of a date a filter needs."""
        asked = [query.list for query in dict.fromkeys(queries) if isinstance(query, SharePoint)]
        misfits: dict[ListColumn, ConnectorError] | None = None
        for query, outcome in self.read(queries):
            error = outcome if isinstance(outcome, ConnectorError) else None
            if isinstance(query, SharePoint) and (error is None or error.scope == "query"):
                if misfits is None:
                    misfits = self._lists(list(queries)).misfits(asked, self.zone)
                error = misfits.get(query.list, error)
            yield query, error

    def find(self, kind: str, text: str, within: str) -> Iterator[finding.Found]:
        return find.Finding(self._client, self.name).find(kind, text, within)

    def stop(self) -> None:
        self._client.http.stop()

    def close(self) -> None:
        self._client.close()

    # -- asking -----------------------------------------------------------------------------------------------

    def _spots(self, queries: Sequence[GraphQuery]) -> dict[ExcelPlace, excel.Spot]:
        if self.options.excel_by == "download":
            return {}
        return excel.spots([query.excel for query in queries if isinstance(query, Excel)])

    def _lists(self, queries: Sequence[GraphQuery]) -> Lists:
        asked = [query.list for query in queries if isinstance(query, SharePoint)]
        return Lists(self._client, self.name, self.memory, asked)

    def _asked(self, planned: Schedule) -> dict[Request, Answer]:
        answers: dict[Request, Answer] = {}
        first: list[Callable[[], dict[Request, Answer]]] = [
            *(partial(read_chain, self._client, book, batches) for book, batches in planned.chains),
            *(partial(self._batch, batch) for batch in (planned.waves[0] if planned.waves else ())),
        ]
        for found in each(first, _call, workers=self.options.concurrency):
            answers |= found
        for wave in planned.waves[1:]:
            for found in each(wave, self._batch, workers=self.options.concurrency):
                answers |= found
        return answers

    def _batch(self, batch: Sequence[Request]) -> dict[Request, Answer]:
        try:
            return self._client.many(batch)
        except ConnectorError as error:
            return dict.fromkeys(batch, error)


def _requests(queries: Sequence[GraphQuery], spots: Spots, lists: Lists) -> Iterator[Request]:
    yield from lists.requests()
    for query in queries:
        match query:
            case Excel(excel=place):
                if place in spots:
                    yield from spots[place].requests
                yield excel.file_request(place)
            case Planner(planner=plan):
                yield items.tasks_request(plan)
            case Learning(learning=courses):
                yield items.courses_request(courses)
            case Count():
                yield usage.count_request(query)
            case SiteAnalytics(site_analytics=visits):
                yield usage.visits_request(visits)
            case Get():
                yield any_request(query)


def _call(ask: Callable[[], dict[Request, Answer]]) -> dict[Request, Answer]:
    return ask()
