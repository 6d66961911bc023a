"""Asks for many paths in as few calls as can be, and for what failed among others by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.errors import ConnectorError, Unreachable
from connectors.parallel import each
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.composite import answers_of, packed, whole_worth_splitting, worth_asking_alone
from connectors.salesforce.units import OF_CURRENCY


@dataclass(frozen=True, kw_only=True)
class _Part:
    """The answers to one composite request; `alone` are the paths to be asked each by itself."""

    answers: dict[str, Any]
    alone: tuple[str, ...]


class Calls:
    def __init__(self, client: SalesforceClient, connection: str, *, workers: int) -> None:
        self._client = client
        self._connection = connection
        self._workers = workers

    def ask(self, queries: Sequence[str], other: Sequence[str] = ()) -> dict[str, Any]:
        """The body or the error for each path."""
        if len(queries) + len(other) == 1:
            return {path: self._alone(path) for path in (*queries, *other)}
        answers: dict[str, Any] = {}
        again: list[str] = []
        for part in each(list(packed(queries, other)), self._together, workers=self._workers):
            answers |= part.answers
            again += part.alone
        for path, answer in each(again, lambda path: (path, self._alone(path)), workers=self._workers):
            answers[path] = answer
        return _own_trouble(answers) if again else answers

    def _together(self, paths: list[str]) -> _Part:
        try:
            slow = sum(path.startswith("query") and path not in OF_CURRENCY for path in paths)
            answers = answers_of(self._client.composite(paths, slow), paths, self._connection)
        except ConnectorError as error:
            split = whole_worth_splitting(error)
            return _Part(answers=dict.fromkeys(paths, error), alone=tuple(paths) if split else ())
        return _Part(answers=answers, alone=tuple(path for path in paths if worth_asking_alone(answers[path])))

    def _alone(self, path: str) -> Any:
        try:
            return self._client.get(path)
        except ConnectorError as error:
            return error


def _own_trouble(answers: dict[str, Any]) -> dict[str, Any]:
    """A query that takes too long by itself, while the org answers others, is that query's trouble."""
    late = [one for one in answers.values() if isinstance(one, Unreachable) and one.timed_out]
    if len(late) < len(answers):
        for error in late:
            error.scope = "query"
            error.fix = "Narrow the filter to an indexed field, or raise `timeout`."
    return answers
