"""Publishes to items and tasks: twenty are read by one batch and written by one, each on the version that was read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from connectors.base import Publisher, Receipt, State, Update
from connectors.errors import BadAnswer, BadQuery, Conflict, ConnectorError, NotFound
from connectors.graph.client import GraphClient
from connectors.graph.places import (
    NotOne,
    NotThere,
    Place,
    Seen,
    body_of,
    kept,
    permission,
    read_request,
    seen,
    state_fields,
)
from connectors.graph.schedule import BATCH, Request
from connectors.graph.writing import Write, write_many

Written = Update[Place]
Work = tuple[Written, Seen]
ROUNDS = 2
"""How often to read again if the item changed meanwhile: somebody may have written another column."""


class GraphPublisher(Publisher[Place]):
    name: str
    options: Any
    _client: GraphClient

    def kept(self, updates: Collection[Written]) -> list[Written]:
        return [replace(one, fields=kept(one.destination, one.fields)) for one in updates]

    def current(self, updates: Collection[Written]) -> Iterator[tuple[Written, State[Place] | ConnectorError]]:
        for one, found in self._read(list(updates)):
            yield one, self._state(one, found) if isinstance(found, Seen) else found

    def publish(self, updates: Collection[Written]) -> Iterator[tuple[Written, Receipt | ConnectorError]]:
        left = list(updates)
        for last in range(ROUNDS):
            work: list[Work] = []
            for one, found in self._read(left):
                outcome = self._decided(one, found) if isinstance(found, Seen) else found
                if outcome is None and isinstance(found, Seen):
                    work.append((one, found))
                elif outcome is not None:
                    yield one, outcome
            left = []
            for one, made in self._written(work):
                if isinstance(made, Conflict) and last + 1 < ROUNDS:
                    left.append(one)
                else:
                    yield one, made
            if not left:
                return

    def check_destinations(self, destinations: Collection[Place]) -> Iterator[tuple[Place, ConnectorError | None]]:
        """Checks by reading: Graph does not show a right to write before it is used."""
        made = [_nothing_of(one) for one in dict.fromkeys(destinations)]
        for one, found in self._read(made):
            yield one.destination, found if isinstance(found, ConnectorError) else None

    def _read(self, updates: Sequence[Written]) -> Iterator[tuple[Written, Seen | ConnectorError]]:
        requests = {one: read_request(one.destination) for one in updates}
        distinct = list(dict.fromkeys(requests.values()))
        answers: dict[Request, Any] = {}
        for start in range(0, len(distinct), BATCH):
            part = distinct[start : start + BATCH]
            try:
                answers |= self._client.many(part)
            except ConnectorError as error:
                answers |= dict.fromkeys(part, error)
        for one, request in requests.items():
            answer = answers[request]
            yield one, answer if isinstance(answer, ConnectorError) else self._seen(one.destination, answer)

    def _seen(self, place: Place, body: Any) -> Seen | ConnectorError:
        try:
            return seen(place, body)
        except NotThere as error:
            return NotFound(str(error), connection=self.name)
        except NotOne as error:
            return BadQuery(str(error), connection=self.name, fix="Choose a column that is unique, or write the id.")
        except ValueError as error:
            return BadAnswer(str(error), connection=self.name)

    def _state(self, one: Written, found: Seen) -> State[Place] | ConnectorError:
        try:
            return State(fields=state_fields(one, found), version=found.etag)
        except (ValueError, ArithmeticError) as error:
            return BadAnswer(f"{one.destination.text()}: {error}", connection=self.name)

    def _decided(self, one: Written, found: Seen) -> Receipt | ConnectorError | None:
        """None where it is to be written."""
        state = self._state(one, found)
        if isinstance(state, ConnectorError):
            return state
        if one.stands_in(state):
            return Receipt(changed=False, remote_id=found.path, link=found.link)
        if one.is_unexpected(state):
            return Conflict(f"{one.destination.text()} was changed after okrsync wrote there", connection=self.name)
        return None

    def _written(self, work: Sequence[Work]) -> Iterator[tuple[Written, Receipt | ConnectorError]]:
        """An item is written once at a time, for each write makes a new version of it."""
        paths: set[str] = set()
        now: list[Work] = []
        later: list[Work] = []
        for one, found in work:
            (later if found.path in paths else now).append((one, found))
            paths.add(found.path)
        for start in range(0, len(now), BATCH):
            part = now[start : start + BATCH]
            writes = [
                Write(
                    path=found.path,
                    body=body_of(one.fields),
                    etag=found.etag,
                    permission=permission(one.destination),
                )
                for one, found in part
            ]
            for (one, found), error in zip(part, write_many(self._client, writes, self.name), strict=True):
                yield one, Receipt(remote_id=found.path, link=found.link) if error is None else error
        # Their versions are old now: the next round reads them again.
        yield from (
            (one, Conflict("somebody else wrote to it at the same time", connection=self.name)) for one, _ in later
        )


def _nothing_of(place: Place) -> Written:
    return Update(destination=place, fields=(), key="", day=date.min)
