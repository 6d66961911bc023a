"""Workbooks: many reads in one session, and the file where the workbook API refuses."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from connectors.errors import AccessDenied, BadAnswer, BadQuery, ConnectorError, NotFound, Throttled, Unreachable
from connectors.graph import excel, excel_file
from connectors.graph.batch import Answer
from connectors.graph.cells import Cell
from connectors.graph.client import GraphClient
from connectors.graph.errors import LostSession
from connectors.graph.queries import ExcelPlace
from connectors.graph.schedule import Request

REFUSALS = (AccessDenied, BadQuery, Throttled, Unreachable)
"""How the workbook API refuses a file that can be downloaded nonetheless."""


NOT_WHOLE = (BadAnswer, BadQuery, NotFound)


def is_refusal(answer: Answer) -> bool:
    return isinstance(answer, REFUSALS) and answer.scope == "query"


def answer_to(spot: excel.Spot, answers: Mapping[Request, Answer]) -> Answer:
    """What a place's requests were answered with: the first one's answer, or the trouble of any."""
    found = [answers[request] for request in spot.requests]
    return next((one for one in found if isinstance(one, ConnectorError)), found[0])


def to_be_asked_apart(spots: Mapping[ExcelPlace, excel.Spot], answers: Mapping[Request, Answer]) -> list[ExcelPlace]:
    """The columns of tables that were not told as a whole, since they are too large or show no headers."""
    return [
        place
        for place, spot in spots.items()
        if spot.head and isinstance(found := answer_to(spot, answers), NOT_WHOLE) and found.scope == "query"
    ]


def read_chain(client: GraphClient, book: str, batches: Sequence[Sequence[Request]]) -> dict[Request, Answer]:
    """The answers to requests of one workbook, one after the other in a session. A session that was lost is made anew
    once, and where there is none to be had reads do without."""
    answers: dict[Request, Answer] = {}
    left = [list(batch) for batch in batches]
    try:
        session = client.open_session(book, excel.PERMISSION)
        for again in (True, True, False):
            lost: list[LostSession] = []
            for batch in left:
                found = client.many(batch, chain=True, session=session)
                answers |= found
                lost += [one for one in found.values() if isinstance(one, LostSession)]
            left = [[one for one in batch if isinstance(answers[one], LostSession)] for batch in left]
            left = [batch for batch in left if batch]
            if not left or not again:
                break
            recreatable = session is not None and all(one.recreatable for one in lost)
            session = client.open_session(book, excel.PERMISSION) if recreatable else None
    except ConnectorError as error:
        answers = {**{request: error for batch in batches for request in batch}, **answers}
    return {one: answer.plain() if isinstance(answer, LostSession) else answer for one, answer in answers.items()}


class Files:
    """The workbooks that are read from their files: each is downloaded once, one at a time, and kept no longer than it
    takes to read all that is wanted of it."""

    def __init__(self, client: GraphClient, connection: str, wanted: Sequence[ExcelPlace]) -> None:
        self._client = client
        self._connection = connection
        self._wanted = wanted
        self._lock = threading.Lock()
        self._found: dict[ExcelPlace, list[Cell] | ConnectorError] = {}

    def cells(self, place: ExcelPlace, file: Mapping[str, object]) -> list[Cell]:
        """`file` is what Graph tells of it. Raises ConnectorError."""
        with self._lock:
            if place not in self._found:
                places = [one for one in self._wanted if (one.drive, one.item) == (place.drive, place.item)]
                self._found |= self._read([*places, place], file)
            found = self._found[place]
        if isinstance(found, ConnectorError):
            raise found
        return found

    def _read(
        self, places: Sequence[ExcelPlace], file: Mapping[str, object]
    ) -> Mapping[ExcelPlace, list[Cell] | ConnectorError]:
        try:
            excel.refuse_too_large(file, self._connection)
            content = self._client.download(excel.content_request(places[0]))
            name = str(file.get("name") or places[0].item)
            return excel_file.read(content, name, self._connection, dict.fromkeys(places))
        except ConnectorError as error:
            return dict.fromkeys(places, error)
