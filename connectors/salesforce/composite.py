"""How questions are packed into /composite requests, and their answers taken out again. Pure.

A composite request counts as one API call. It holds 25 sub-requests, of these 5 queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from connectors.errors import BadAnswer, BadCredentials, BadQuery, ConnectorError, Unreachable
from connectors.salesforce.errors import is_daily_limit, query_error

SUB_REQUESTS = 25
QUERIES = 5
"""Queries that one composite request may hold; the newest page that says so is of 2017, and orgs still keep to it."""

Part = Mapping[str, Any]


def packed(queries: Sequence[str], other: Sequence[str]) -> Iterator[list[str]]:
    """Paths below /services/data/vNN.0/ in as few requests as can be: the queries five at a time, the other paths in
    the room that is left beside them."""
    left = list(other)
    groups = [list(queries[start : start + QUERIES]) for start in range(0, len(queries), QUERIES)]
    for group in groups:
        room = SUB_REQUESTS - len(group)
        yield [*group, *left[:room]]
        left = left[room:]
    for start in range(0, len(left), SUB_REQUESTS):
        yield left[start : start + SUB_REQUESTS]


def query_path(soql: str) -> str:
    return f"query/?q={quote(soql, safe='')}"


def describe_path(object_name: str) -> str:
    return f"sobjects/{quote(object_name)}/describe"


def body_of(paths: Iterable[str], version: str) -> dict[str, Any]:
    asked = [
        {"method": "GET", "url": f"/services/data/v{version}/{path}", "referenceId": f"q{index}"}
        for index, path in enumerate(paths)
    ]
    return {"allOrNone": False, "compositeRequest": asked}


def answers_of(answer: Any, paths: Sequence[str], connection: str) -> dict[str, Any]:
    """What each path was answered with, a body or the error. By reference id: Salesforce may answer fewer than were
    asked, and refuses the whole by one answer without an id. Raises ConnectorError."""
    parts = answer.get("compositeResponse") if isinstance(answer, dict) else None
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise BadAnswer("Salesforce answered a composite request in an unexpected format", connection=connection)
    for part in parts:
        if part.get("referenceId") is None:
            raise query_error(part.get("httpStatusCode", 0), part.get("body"), connection)
    asked = {f"q{index}": path for index, path in enumerate(paths)}
    found: dict[str, Any] = dict.fromkeys(paths, _unanswered(connection))
    told = [str(part["referenceId"]) for part in parts]
    for reference, part in zip(told, parts, strict=True):
        if reference in asked and told.count(reference) == 1:
            found[asked[reference]] = _answer(part, connection)
    return found


def _answer(part: Part, connection: str) -> Any:
    if part.get("httpStatusCode") == 200:
        return part.get("body")
    return query_error(part.get("httpStatusCode", 0), part.get("body"), connection)


def _unanswered(connection: str) -> BadAnswer:
    return BadAnswer("Salesforce did not answer this part of a composite request", connection=connection)


def worth_asking_alone(answer: Any) -> bool:
    """Whether a part is asked again by itself: trouble that may pass, a session that ended, no answer that makes sense.
    What is left of a day's allowance is not spent on it."""
    return (
        isinstance(answer, ConnectorError)
        and (answer.temporary or isinstance(answer, BadCredentials | BadAnswer))
        and not is_daily_limit(answer)
    )


def whole_worth_splitting(error: ConnectorError) -> bool:
    """Whether the queries of a request that failed as a whole are asked each by itself: they took too long together,
    were too many, or the answer of one made that of all unreadable."""
    late = isinstance(error, Unreachable) and error.timed_out
    refused = isinstance(error, BadQuery | BadAnswer) and error.scope == "query"
    return late or refused
