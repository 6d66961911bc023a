"""SharePoint lists: the columns of all queries of one list and filter in one request, by whatever name they go."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from connectors.base import Memory
from connectors.errors import BadQuery, ConnectorError
from connectors.graph.batch import Answer
from connectors.graph.client import GraphClient
from connectors.graph.items import columns_request, items_request, list_path
from connectors.graph.list_columns import (
    Column,
    columns_of,
    compared_days,
    internal_name,
    misfit,
    names_people_see,
    other_midnight,
)
from connectors.graph.queries import ListColumn
from connectors.graph.schedule import BATCH, Request
from mapping.day import Zone

NAMES_LAST = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the answer to a query lies: its request, and the internal names of its columns."""

    request: Request
    column: str
    by: str


class Lists:
    """One read's SharePoint lists. Names that people see are looked up when SharePoint does not know one, and
    remembered."""

    def __init__(self, client: GraphClient, connection: str, memory: Memory, asked: Iterable[ListColumn]) -> None:
        self._client = client
        self._connection = connection
        self._memory = memory
        self._columns: dict[Request, list[Column] | ConnectorError] = {}
        self.troubles: dict[ListColumn, ConnectorError] = {}
        self.places = self._placed({one: (self._known(one, one.measure[1]), self._known(one, one.by)) for one in asked})

    def requests(self) -> list[Request]:
        return list(dict.fromkeys(place.request for place in self.places.values()))

    def mend(self, answers: dict[Request, Answer]) -> None:
        """Ask once more where SharePoint did not take a request: with the internal names, and each query by itself
        where one of several spoils their common request."""
        refused = [one for one, place in self.places.items() if isinstance(answers[place.request], BadQuery)]
        if not refused:
            return
        self._look_up(refused)
        named: dict[ListColumn, tuple[str, str]] = {}
        for one in refused:
            try:
                named[one] = (self._named(one, one.measure[1]), self._named(one, one.by))
            except ConnectorError as error:
                self.troubles[one] = error
        new = self._placed(named)
        self.places |= new
        self._ask(answers, (place.request for place in new.values()))
        alone = {
            one: self._placed({one: named[one]})[one] for one in new if isinstance(answers[new[one].request], BadQuery)
        }
        self.places |= alone
        self._ask(answers, (place.request for place in alone.values()))

    def is_unknown(self, asked: ListColumn, column: str) -> ConnectorError | None:
        """Why a column that no item has may be none at all."""
        self._look_up([asked])
        if isinstance(self._columns[columns_request(asked)], ConnectorError):
            return None
        try:
            found = self._named(asked, asked.measure[1])
        except ConnectorError as error:
            return error
        if found == column:
            return None
        fix = f"Write its internal name: {found}."
        return BadQuery(
            f"SharePoint does not know the column {column!r} by this name", connection=self._connection, fix=fix
        )

    def misfits(self, asked: Collection[ListColumn], zone: Zone) -> dict[ListColumn, ConnectorError]:
        """What is wrong with the dates in the filters."""
        filtered = [one for one in asked if one.filter]
        self._look_up(filtered)
        found: dict[ListColumn, ConnectorError] = {}
        days: dict[ListColumn, list[str]] = {}
        for one in filtered:
            columns = self._columns[columns_request(one)]
            if isinstance(columns, ConnectorError):
                continue
            wrong = misfit(one, columns, self._connection)
            if wrong is not None:
                found[one] = wrong
            elif names := compared_days(one, columns):
                days[one] = names
        probes = {
            one: items_request(one.model_copy(update={"filter": None}), names, top=5) for one, names in days.items()
        }
        answers: dict[Request, Answer] = {}
        self._ask(answers, probes.values())
        for one, probe in probes.items():
            answer = answers[probe]
            items = answer.get("value") if isinstance(answer, dict) else None
            wrong = other_midnight(items if isinstance(items, list) else [], days[one], zone, self._connection)
            if wrong is not None:
                found[one] = wrong
        return found

    def _placed(self, named: Mapping[ListColumn, tuple[str, str]]) -> dict[ListColumn, Place]:
        together: dict[tuple[str, str, str | None], set[str]] = defaultdict(set)
        for one, (column, by) in named.items():
            together[one.site, one.list, one.filter] |= {column, by if one.measure[0] == "latest" else ""} - {""}
        return {
            one: Place(request=items_request(one, together[one.site, one.list, one.filter]), column=column, by=by)
            for one, (column, by) in named.items()
        }

    def _known(self, asked: ListColumn, name: str) -> str:
        """The internal name that was found for this one lately, else the name as it is."""
        try:
            names = json.loads(self._memory.get(list_path(asked), max_age=NAMES_LAST) or "{}")
            return str(names.get(name, name))
        except (ValueError, AttributeError):
            return name

    def _named(self, asked: ListColumn, name: str) -> str:
        """Raises ConnectorError."""
        columns = self._columns[columns_request(asked)]
        if isinstance(columns, ConnectorError):
            raise columns
        if not name or (name == asked.by and asked.measure[0] != "latest" and name != asked.measure[1]):
            return name
        return internal_name(name, columns, asked, self._connection)

    def _look_up(self, asked: Collection[ListColumn]) -> None:
        wanted = {columns_request(one): one for one in asked}
        answers: dict[Request, Answer] = {}
        new = [request for request in wanted if request not in self._columns]
        self._ask(answers, new)
        for request in new:
            answer = answers[request]
            try:
                if isinstance(answer, ConnectorError):
                    raise answer
                pages = self._client.pages(request, answer)
                columns = columns_of([item for page in pages for item in page])
                self._columns[request] = columns
                self._memory.put(list_path(wanted[request]), json.dumps(names_people_see(columns)))
            except ConnectorError as error:
                self._columns[request] = error

    def _ask(self, answers: dict[Request, Answer], requests: Iterable[Request]) -> None:
        left = [request for request in dict.fromkeys(requests) if request not in answers]
        for start in range(0, len(left), BATCH):
            part = left[start : start + BATCH]
            try:
                answers |= self._client.many(part)
            except ConnectorError as error:
                answers |= dict.fromkeys(part, error)
