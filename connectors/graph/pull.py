"""Reads cells and lists: distinct requests only, twenty a batch, further pages after it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from connectors.base import Account, Clock, Connector, Outcome
from connectors.errors import ConnectorError
from connectors.graph.client import BATCH, Answer, Get, GraphClient
from connectors.graph.excel import as_of, cell_request, file_request, value_of
from connectors.graph.lists import items_request, number_of
from connectors.graph.roles import roles_of
from connectors.graph.spec import SPEC, Excel, GraphQuery, SharePoint
from connectors.parallel import each
from mapping.reading import Evidence, Reading

Found = tuple[GraphQuery, Outcome]


class GraphConnector(Connector[GraphQuery]):
    spec = SPEC

    def __init__(self, name: str, options: Any, *, clock: Clock) -> None:
        super().__init__(name, options, clock=clock)
        self._client = GraphClient(name, options)

    def check(self) -> Account:
        token = self._client.sign_in()
        roles = ("permissions", ", ".join(roles_of(token)) or "none")
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
        wanted = list(dict.fromkeys(get for query in distinct for get in _requests(query)))
        answers = self._asked(wanted)

        def finish(query: GraphQuery) -> Found:
            try:
                return query, self._reading(query, answers)
            except ConnectorError as error:
                return query, error

        yield from each(distinct, finish, workers=self.options.concurrency)

    def close(self) -> None:
        self._client.close()

    def _asked(self, wanted: Sequence[Get]) -> dict[Get, Answer]:
        groups = [wanted[start : start + BATCH] for start in range(0, len(wanted), BATCH)]

        def ask(group: Sequence[Get]) -> dict[Get, Answer]:
            try:
                return self._client.many(group)
            except ConnectorError as error:
                return dict.fromkeys(group, error)

        answers: dict[Get, Answer] = {}
        for found in each(groups, ask, workers=self.options.concurrency):
            answers |= found
        return answers

    def _reading(self, query: GraphQuery, answers: dict[Get, Answer]) -> Reading:
        match query:
            case Excel(excel=cell):
                answer, file = _good(answers[cell_request(cell)]), _good(answers[file_request(cell)])
                where = f"the cell {cell.range or cell.name} of {file.get('name', cell.item)}"
                value, unit = value_of(answer, where, self.name)
                now = self.clock()
                evidence = Evidence(
                    connection=self.name,
                    query=query.text(),
                    asked_at=now,
                    as_of=as_of(file, now),
                    rows=1,
                    link=file.get("webUrl"),
                    note="as of the workbook's last save",
                )
                return Reading(value=value, unit=unit, evidence=evidence)
            case SharePoint(list=asked):
                request = items_request(asked)
                pages = self._client.pages(request, _good(answers[request]))
                value, rows = number_of(asked, (item for page in pages for item in page), self.name)
                now = self.clock()
                evidence = Evidence(
                    connection=self.name, query=query.text(), asked_at=now, as_of=now, rows=rows, link=None
                )
                return Reading(value=value, evidence=evidence)


def _requests(query: GraphQuery) -> list[Get]:
    match query:
        case Excel(excel=cell):
            return [cell_request(cell), file_request(cell)]
        case SharePoint(list=asked):
            return [items_request(asked)]


def _good(answer: Answer) -> dict[str, Any]:
    if isinstance(answer, ConnectorError):
        raise answer
    return answer
