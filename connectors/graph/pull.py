"""Reads from Graph: distinct requests only, twenty a batch, workbooks one request at a time, further pages after."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from connectors import extract
from connectors.base import Account, Clock, Memory, Outcome, Reader, reading
from connectors.errors import BadAnswer, BadQuery, ConnectorError
from connectors.graph import cells, excel, items, usage
from connectors.graph.batch import Answer
from connectors.graph.client import GraphClient
from connectors.graph.queries import (
    Count,
    Excel,
    ExcelPlace,
    Get,
    GraphQuery,
    Learning,
    Planner,
    Report,
    SharePoint,
    SiteAnalytics,
)
from connectors.graph.roles import roles_of
from connectors.graph.schedule import Request, Schedule, schedule
from connectors.graph.spec import SPEC
from connectors.graph.workbooks import REFUSALS, Files, read_chain
from connectors.parallel import each
from mapping.day import UTC, Zone
from mapping.reading import Reading
from mapping.units import Unit

Found = tuple[GraphQuery, Outcome]
Spots = Mapping[ExcelPlace, excel.Spot]
LAST_SAVE = "as of the workbook's last save"


@dataclass(frozen=True, kw_only=True)
class Made:
    value: Decimal | None
    rows: int | None = None
    unit: Unit | None = None
    as_of: datetime | None = None
    link: str | None = None
    note: str | None = None


class GraphConnector(Reader[GraphQuery]):
    spec = SPEC

    def __init__(
        self, name: str, options: Any, *, clock: Clock, zone: Zone = UTC, memory: Memory | None = None
    ) -> None:
        super().__init__(name, options, clock=clock, zone=zone, memory=memory)
        self._client = GraphClient(name, options)

    def check(self) -> Account:
        token = self._client.sign_in()
        roles = ("permissions", ", ".join(roles_of(token)) or "none")
        if self.options.managed_identity is not None:
            return Account(name=f"managed identity {self.options.managed_identity}", details=(roles,))
        return Account(name=f"app {self.options.client_id} in {self.options.tenant}", details=(roles,))

    def read(self, queries: Collection[GraphQuery]) -> Iterator[Found]:
        distinct = list(dict.fromkeys(queries))
        if not distinct:
            return
        try:
            self._client.sign_in()
        except ConnectorError as error:
            yield from ((query, error) for query in distinct)
            return
        spots = self._spots(distinct)
        answers = self._asked(schedule(_requests(distinct, spots)))
        files = self._files(distinct, answers, spots)
        reports = _Reports(self._client)

        def finish(query: GraphQuery) -> Found:
            try:
                return query, self._reading(query, self._made(query, answers, spots, files, reports))
            except ConnectorError as error:
                return query, error

        yield from each(distinct, finish, workers=self.options.concurrency)

    def calls(self, queries: Collection[GraphQuery]) -> int:
        distinct = list(dict.fromkeys(queries))
        spots = self._spots(distinct)
        alone = {usage.report_request(query.report) for query in distinct if isinstance(query, Report)}
        files = {(query.excel.drive, query.excel.item) for query in distinct if isinstance(query, Excel)}
        downloads = len(files) if self.options.excel_by == "download" else 0
        return schedule(_requests(distinct, spots)).calls + len(alone) + downloads

    def validate(self, queries: Collection[GraphQuery]) -> Iterator[tuple[GraphQuery, ConnectorError | None]]:
        """Reading is the only judge that Graph has; it changes nothing."""
        for query, outcome in self.read(queries):
            yield query, outcome if isinstance(outcome, ConnectorError) else None

    def stop(self) -> None:
        self._client.http.stop()

    def close(self) -> None:
        self._client.close()

    # -- asking -----------------------------------------------------------------------------------------------

    def _spots(self, queries: Sequence[GraphQuery]) -> Spots:
        if self.options.excel_by == "download":
            return {}
        return excel.spots([query.excel for query in queries if isinstance(query, Excel)])

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

    def _files(self, queries: Sequence[GraphQuery], answers: Mapping[Request, Answer], spots: Spots) -> Files:
        """The places whose file is read: all, or those that the workbook API refused."""
        places = [query.excel for query in queries if isinstance(query, Excel)]
        if self.options.excel_by == "auto":
            places = [place for place in places if _is_refusal(answers[spots[place].request])]
        return Files(self._client, self.name, places if self.options.excel_by != "workbook" else [])

    # -- answers ----------------------------------------------------------------------------------------------

    def _made(
        self, query: GraphQuery, answers: Mapping[Request, Answer], spots: Spots, files: Files, reports: _Reports
    ) -> Made:
        match query:
            case Excel(excel=place):
                return self._excel(place, answers, spots, files)
            case SharePoint(list=column):
                listed = self._items(items.items_request(column), answers)
                return _amount(items.list_amount(column, listed, self.name))
            case Planner(planner=plan):
                tasks = self._items(items.tasks_request(plan), answers)
                return _amount(items.plan_amount(plan, tasks, self.name))
            case Learning(learning=courses):
                activities = self._items(items.courses_request(courses), answers)
                return _amount(items.courses_amount(courses, activities, self.name))
            case Report(report=report):
                # A report is a redirect to a CSV, which no batch can follow.
                content = reports.content(usage.report_request(report))
                value, day = usage.report_value(report, content, self.name)
                return Made(value=value, as_of=day, note=f"{report.function} of {day.date()}")
            case Count():
                number = usage.count_value(_good(answers[usage.count_request(query)]), self.name)
                return Made(value=number, rows=int(number))
            case SiteAnalytics(site_analytics=visits):
                answer = _good(answers[usage.visits_request(visits)])
                value, note = usage.visits_value(visits, answer, self.name)
                return Made(value=value, note=note)
            case Get():
                return self._anything(query, answers)

    def _items(self, request: Request, answers: Mapping[Request, Answer]) -> Iterator[Any]:
        for page in self._client.pages(request, _good(answers[request])):
            yield from page

    def _excel(self, place: ExcelPlace, answers: Mapping[Request, Answer], spots: Spots, files: Files) -> Made:
        file = _good(answers[excel.file_request(place)])
        where = f"the {place.where} of {file.get('name', place.item)}"
        as_of = excel.as_of(file, where, self.name)
        note = LAST_SAVE
        answer = answers[spots[place].request] if place in spots else None
        if answer is None:
            found = files.cells(place, file)
            note = f"{LAST_SAVE}, read from the file"
        elif self.options.excel_by == "auto" and _is_refusal(answer):
            found = files.cells(place, file)
            note = f"{LAST_SAVE}, read from the file since the workbook API refused ({answer})"
        else:
            found = cells.cells_of(_good(answer), spots[place].at, where, self.name)
        value, unit = cells.value_of(place, found, where, self.name)
        return Made(value=value, unit=unit, rows=len(found), as_of=as_of, link=file.get("webUrl"), note=note)

    def _anything(self, query: Get, answers: Mapping[Request, Answer]) -> Made:
        request = _any_request(query)
        answer = _good(answers[request])
        if query.pages and isinstance(answer.get("value"), list):
            everything = [item for page in self._client.pages(request, answer) for item in page]
            answer = {**answer, "value": everything}
        try:
            value = extract.number(query.select, answer)
            at = extract.search(query.as_of, answer) if query.as_of else None
            as_of = None if at is None else datetime.fromisoformat(str(at))
        except extract.NotANumber as error:
            raise BadQuery(str(error), connection=self.name, fix="Correct `select`.") from None
        except ValueError:
            raise BadAnswer(f"as_of gives {str(at)[:60]!r}, no time", connection=self.name) from None
        rows = len(answer["value"]) if isinstance(answer.get("value"), list) else None
        return Made(value=value, rows=rows, as_of=as_of if as_of and as_of.tzinfo else None)

    def _reading(self, query: GraphQuery, made: Made) -> Reading:
        return reading(
            made.value,
            connection=self.name,
            query=query.text(),
            asked_at=self.clock(),
            as_of=made.as_of,
            rows=made.rows,
            link=made.link,
            note=made.note,
            unit=made.unit,
        )


class _Reports:
    """Each report once in a read, however many threads want it."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._locks: dict[Request, threading.Lock] = {}
        self._contents: dict[Request, bytes | ConnectorError] = {}

    def content(self, asked: Request) -> bytes:
        """Raises ConnectorError."""
        with self._lock:
            own = self._locks.setdefault(asked, threading.Lock())
        with own:
            if asked not in self._contents:
                try:
                    self._contents[asked] = self._client.download(asked)
                except ConnectorError as error:
                    self._contents[asked] = error
            found = self._contents[asked]
        if isinstance(found, ConnectorError):
            raise found
        return found


def _requests(queries: Sequence[GraphQuery], spots: Spots) -> Iterator[Request]:
    for query in queries:
        match query:
            case Excel(excel=place):
                if place in spots:
                    yield spots[place].request
                yield excel.file_request(place)
            case SharePoint(list=column):
                yield items.items_request(column)
            case Planner(planner=plan):
                yield items.tasks_request(plan)
            case Learning(learning=courses):
                yield items.courses_request(courses)
            case Count():
                yield usage.count_request(query)
            case SiteAnalytics(site_analytics=visits):
                yield usage.visits_request(visits)
            case Get():
                yield _any_request(query)


def _any_request(query: Get) -> Request:
    headers = usage.EVENTUAL if "$count" in query.get or "$search" in query.get else ()
    return Request(query.get, "read access to it", headers=headers)


def _call(ask: Callable[[], dict[Request, Answer]]) -> dict[Request, Answer]:
    return ask()


def _amount(made: items.Amount) -> Made:
    return Made(value=made.value, rows=made.rows, unit=made.unit)


def _is_refusal(answer: Answer) -> bool:
    return isinstance(answer, REFUSALS) and answer.scope == "query"


def _good(answer: Answer) -> dict[str, Any]:
    if isinstance(answer, ConnectorError):
        raise answer
    return answer
