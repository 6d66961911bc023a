"""Makes a reading of each query's answer."""

from __future__ import annotations

import re
import threading
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from connectors import extract
from connectors.base import reading
from connectors.errors import BadAnswer, BadQuery, ConnectorError
from connectors.graph import cells, excel, items, usage
from connectors.graph.batch import Answer
from connectors.graph.client import GraphClient
from connectors.graph.collections import Shared, count_all
from connectors.graph.lists import Lists
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
    UsageReport,
)
from connectors.graph.schedule import Request
from connectors.graph.tallies import CourseTally, ListTally, PlanTally, Tally
from connectors.graph.workbooks import Files, answer_to, is_refusal
from mapping.day import UTC, start_of
from mapping.reading import Reading
from mapping.units import Unit

Spots = Mapping[ExcelPlace, excel.Spot]
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
LAST_SAVE = "as of the workbook's last save"


@dataclass(frozen=True, kw_only=True)
class Made:
    value: Decimal | None
    rows: int | None = None
    unit: Unit | None = None
    as_of: datetime | None = None
    link: str | None = None
    note: str | None = None
    lags: bool = False


class Maker:
    """Of one read: `answers` are those to the requests of all its `queries`."""

    def __init__(
        self,
        *,
        client: GraphClient,
        connection: str,
        excel_by: str,
        spots: Spots,
        lists: Lists,
        answers: Mapping[Request, Answer],
        queries: Sequence[GraphQuery],
        now: datetime,
    ) -> None:
        self._client = client
        self.name = connection
        self._excel_by = excel_by
        self._spots = spots
        self._lists = lists
        self._answers = answers
        self._queries = queries
        self._now = now
        self._files = Files(client, connection, self._from_files())
        self._amounts: Shared[Tally] = Shared()
        self._reports: Shared[tuple[Decimal | None, date]] = Shared()
        self._gets: Shared[Made] = Shared()
        self._heavy = threading.Lock()
        """Of what holds a whole report or collection, one at a time."""

    def reading(self, query: GraphQuery) -> Reading:
        """Raises ConnectorError."""
        made = self._made(query)
        return reading(
            made.value,
            connection=self.name,
            query=query.text(),
            asked_at=self._now,
            as_of=made.as_of,
            rows=made.rows,
            link=made.link,
            note=made.note,
            unit=made.unit,
            lags=made.lags,
        )

    def _from_files(self) -> list[ExcelPlace]:
        """The places whose file is read: all, or those that the workbook API refused."""
        places = [query.excel for query in self._queries if isinstance(query, Excel)]
        if self._excel_by == "auto":
            return [place for place in places if is_refusal(answer_to(self._spots[place], self._answers))]
        return places if self._excel_by == "download" else []

    def _made(self, query: GraphQuery) -> Made:
        match query:
            case Excel(excel=place):
                return self._excel(place)
            case SharePoint():
                return self._list(query)
            case Planner(planner=plan):
                return _amount(self._tally(items.tasks_request(plan), query))
            case Learning(learning=courses):
                return _amount(self._tally(items.courses_request(courses), query))
            case Report(report=report):
                value, day = self._reports.get(report.call, report, lambda: self._report(report))
                # Microsoft counts usage by its own days, which are UTC's.
                return Made(value=value, as_of=start_of(day, UTC), note=f"{report.function} of {day}", lags=True)
            case Count():
                number = usage.count_value(_good(self._answers[usage.count_request(query)]), self.name)
                return Made(value=number, rows=int(number))
            case SiteAnalytics(site_analytics=visits):
                value, note = usage.visits_value(visits, _good(self._answers[usage.visits_request(visits)]), self.name)
                return Made(value=value, note=note)
            case Get():
                request = any_request(query)
                return self._gets.get((request, query.pages), query, lambda: self._got(request, query.pages))

    def _excel(self, place: ExcelPlace) -> Made:
        file = _good(self._answers[excel.file_request(place)])
        where = f"the {place.where} of {str(file.get('name') or place.item)[:200]}"
        as_of = excel.as_of(file, where, self.name)
        note = LAST_SAVE
        spot = self._spots.get(place)
        answer = answer_to(spot, self._answers) if spot else None
        if spot is None or answer is None:
            found = self._files.cells(place, file)
            note = f"{LAST_SAVE}, read from the file"
        elif self._excel_by == "auto" and is_refusal(answer):
            found = self._files.cells(place, file)
            note = f"{LAST_SAVE}, read from the file since the workbook API refused ({answer})"
        else:
            column = excel.column_of(place, _good(self._answers[spot.head]), self.name) if spot.head else None
            found = cells.cells_of(_good(answer), spot.at, where, self.name, column=column)
        value, unit = cells.value_of(place, found, where, self.name)
        return Made(value=value, unit=unit, rows=len(found), as_of=as_of, link=file.get("webUrl"), note=note)

    def _list(self, query: SharePoint) -> Made:
        trouble = self._lists.troubles.get(query.list)
        if trouble is not None:
            raise trouble
        place = self._lists.places[query.list]
        tally = self._tally(place.request, query)
        made = _amount(tally)
        if isinstance(tally, ListTally) and tally.lacks_column:
            unknown = self._lists.is_unknown(query.list, place.column)
            if unknown is not None:
                raise unknown
        return made

    def _tally(self, request: Request, query: GraphQuery) -> Tally:
        def do() -> dict[Hashable, Tally | ConnectorError]:
            made = ((one, self._tally_of(one, request)) for one in self._queries)
            tallies: dict[Hashable, Tally] = {one: tally for one, tally in made if tally is not None}
            count_all(self._client, self.name, request, self._answers[request], tallies.values())
            return {**tallies}

        return self._amounts.get(request, query, do)

    def _tally_of(self, query: GraphQuery, request: Request) -> Tally | None:
        """None where the query asks for something else."""
        match query:
            case SharePoint(list=column):
                place = self._lists.places.get(column)
                if place is not None and place.request == request:
                    return ListTally(column, self.name, column=place.column, by=place.by)
            case Planner(planner=plan) if items.tasks_request(plan) == request:
                return PlanTally(plan, self.name)
            case Learning(learning=courses) if items.courses_request(courses) == request:
                return CourseTally(courses, self.name)
        return None

    def _report(self, asked: UsageReport) -> dict[Hashable, tuple[Decimal | None, date] | ConnectorError]:
        """A report is a redirect to a CSV, which no batch can follow."""
        content = self._client.download(usage.report_request(asked))
        found: dict[Hashable, tuple[Decimal | None, date] | ConnectorError] = {}
        same = [query.report for query in self._queries if isinstance(query, Report)]
        for report in (one for one in same if one.call == asked.call):
            try:
                with self._heavy:
                    found[report] = usage.report_value(report, content, self.name)
            except ConnectorError as error:
                found[report] = error
        return found

    def _got(self, request: Request, pages: bool) -> dict[Hashable, Made | ConnectorError]:
        with self._heavy:
            return self._got_alone(request, pages)

    def _got_alone(self, request: Request, pages: bool) -> dict[Hashable, Made | ConnectorError]:
        answer = _good(self._answers[request])
        note = None
        if pages and isinstance(answer.get("value"), list):
            with self._client.http.one_answer():
                everything = [item for page in self._client.pages(request, answer) for item in page]
            answer = {**answer, "value": everything}
        elif answer.get("@odata.nextLink"):
            note = "only the first page"
        found: dict[Hashable, Made | ConnectorError] = {}
        for query in self._queries:
            if isinstance(query, Get) and (any_request(query), query.pages) == (request, pages):
                try:
                    found[query] = self._selected(query, answer, note)
                except ConnectorError as error:
                    found[query] = error
        return found

    def _selected(self, query: Get, answer: Mapping[str, Any], note: str | None) -> Made:
        try:
            value = extract.number(query.select, answer)
            at = extract.search(query.as_of, answer) if query.as_of else None
        except extract.NotANumber as error:
            raise BadQuery(str(error), connection=self.name, fix="Correct `select`.") from None
        rows = len(answer["value"]) if isinstance(answer.get("value"), list) else None
        return Made(value=value, rows=rows, as_of=self._as_of(at), note=note)

    def _as_of(self, told: Any) -> datetime | None:
        """A plain day is taken from its beginning in UTC, as Microsoft's reports are."""
        if told is None:
            return None
        if not isinstance(told, str):
            raise BadAnswer(
                f"as_of gives {str(told)[:60]!r}, which is not a time", connection=self.name, fix="Correct `as_of`."
            )
        try:
            if _DAY.fullmatch(told):
                return start_of(date.fromisoformat(told), UTC)
            at = datetime.fromisoformat(told)
        except ValueError:
            raise BadAnswer(
                f"as_of gives {told[:60]!r}, which is not a time", connection=self.name, fix="Correct `as_of`."
            ) from None
        if at.tzinfo is None:
            raise BadQuery(
                f"as_of gives {told[:60]!r}, which is a time without a time zone",
                connection=self.name,
                fix="Name a time that ends in Z or an offset, or leave `as_of` out.",
            )
        return at


def any_request(query: Get) -> Request:
    headers = usage.EVENTUAL if "$count" in query.get or "$search" in query.get else ()
    return Request(query.get, "read access to it", headers=headers)


def _amount(tally: Tally) -> Made:
    made = tally.amount()
    return Made(value=made.value, rows=made.rows, unit=made.unit)


def _good(answer: Answer) -> dict[str, Any]:
    if isinstance(answer, ConnectorError):
        raise answer
    return answer
