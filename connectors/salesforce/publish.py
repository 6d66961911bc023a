"""Publishes to records: two hundred are read by one query, and written by one request, each for itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from connectors.base import Memory, Publisher, Receipt, State, Update
from connectors.errors import BadAnswer, BadQuery, Conflict, ConnectorError, NotFound
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.composite import describe_path
from connectors.salesforce.destinations import SalesforceRecord
from connectors.salesforce.errors import write_error
from connectors.salesforce.written import FieldType, content, kept, restored, stored, types_of, why_not, written

AT_ONCE = 200
REMEMBERED = timedelta(days=1)
EDIT_FIX = "Give the integration user the permission `Edit` on the object and edit access to the field."
Written = Update[SalesforceRecord]
Types = Mapping[str, FieldType]
Found = Mapping[str, Any]


class SalesforcePublisher(Publisher[SalesforceRecord]):
    name: str
    options: Any
    memory: Memory
    _client: SalesforceClient
    _described: dict[str, Types]

    def kept(self, updates: Collection[Written]) -> list[Written]:
        """With as many decimals as each field has."""
        made = []
        for one in updates:
            try:
                types = self._types(one.destination.object)
            except ConnectorError:
                made.append(one)
                continue
            fields = tuple((name, kept(types.get(name.lower()), given)) for name, given in one.fields)
            made.append(replace(one, fields=fields))
        return made

    def current(
        self, updates: Collection[Written]
    ) -> Iterator[tuple[Written, State[SalesforceRecord] | ConnectorError]]:
        for group in _groups(updates):
            for one, found in self._looked_up(group):
                yield one, found if isinstance(found, ConnectorError) else self._state(one, found)

    def publish(self, updates: Collection[Written]) -> Iterator[tuple[Written, Receipt | ConnectorError]]:
        for group in _groups(updates):
            left: list[tuple[Written, Found]] = []
            for one, found in self._looked_up(group):
                outcome = found if isinstance(found, ConnectorError) else self._decided(one, found)
                if outcome is None and not isinstance(found, ConnectorError):
                    left.append((one, found))
                elif outcome is not None:
                    yield one, outcome
            yield from self._written(left)

    def check_destinations(
        self, destinations: Collection[SalesforceRecord]
    ) -> Iterator[tuple[SalesforceRecord, ConnectorError | None]]:
        """By the objects' descriptions as this user is given them, and whether each record is there."""
        made = {one: Update(destination=one, fields=(), key="", day=date.min) for one in dict.fromkeys(destinations)}
        found = dict(self.current(list(made.values())))
        for one, update in made.items():
            outcome = found[update]
            yield one, outcome if isinstance(outcome, ConnectorError) else None

    def _looked_up(self, group: Sequence[Written]) -> list[tuple[Written, Found | ConnectorError]]:
        """The record behind each update, of one object and key."""
        first = group[0].destination
        try:
            types = self._types(first.object)
        except ConnectorError as error:
            return [(one, error) for one in group]
        made: list[tuple[Written, Found | ConnectorError]] = []
        good: list[Written] = []
        for one in group:
            refusal = self._refusal(one, types)
            if refusal is None:
                good.append(one)
            else:
                made.append((one, refusal))
        for start in range(0, len(good), AT_ONCE):
            made += self._read(good[start : start + AT_ONCE])
        return made

    def _read(self, group: Sequence[Written]) -> list[tuple[Written, Found | ConnectorError]]:
        first = group[0].destination
        key = first.found_by[0]
        names = dict.fromkeys(["Id", key, *(name for one in group for name, _ in one.destination.fields)])
        values = ", ".join(_quoted(value) for value in dict.fromkeys(one.destination.found_by[1] for one in group))
        soql = f"SELECT {', '.join(names)} FROM {first.object} WHERE {key} IN ({values})"  # noqa: S608
        try:
            body = self._client.get("query", q=soql)
            records = body.get("records") if isinstance(body, dict) else None
            if not isinstance(records, list) or not all(isinstance(one, dict) and "Id" in one for one in records):
                raise BadAnswer("Salesforce answered without records", connection=self.name)
            while body.get("nextRecordsUrl"):
                body = self._client.get(str(body["nextRecordsUrl"]).partition(".0/")[2])
                records += body.get("records") or []
        except ConnectorError as error:
            return [(one, error) for one in group]
        by_key: dict[str, list[Found]] = {}
        for record in records:
            by_key.setdefault(_folded(key, str(record.get(key))), []).append(record)
        return [(one, self._only(one, by_key.get(_folded(key, one.destination.found_by[1]), []))) for one in group]

    def _only(self, one: Written, records: Sequence[Found]) -> Found | ConnectorError:
        if len(records) == 1:
            return records[0]
        if not records:
            return NotFound(f"there is no {one.destination.text()}", connection=self.name)
        what = f"{len(records)} records match {one.destination.text()}"
        return BadQuery(what, connection=self.name, fix="Choose a field that is unique, or write the record's id.")

    def _refusal(self, one: Written, types: Types) -> ConnectorError | None:
        given = dict(one.fields)
        for name, _ in one.destination.fields:
            kind = types.get(name.lower())
            if reason := why_not(kind, given.get(name)):
                what = f"the field {name} of {one.destination.object} {reason}"
                return BadQuery(what, connection=self.name, fix=EDIT_FIX)
        return None

    def _decided(self, one: Written, found: Found) -> Receipt | ConnectorError | None:
        """None if it must be written."""
        state = self._state(one, found)
        if isinstance(state, ConnectorError):
            return state
        if one.stands_in(state):
            return Receipt(changed=False, remote_id=str(found["Id"]))
        if one.is_unexpected(state):
            return Conflict(f"{one.destination.text()} was changed after okrsync wrote there", connection=self.name)
        return None

    def _state(self, one: Written, found: Found) -> State[SalesforceRecord] | ConnectorError:
        types = self._types(one.destination.object)
        try:
            named = [name for name, _ in one.destination.fields]
            fields = tuple((name, content(types[name.lower()], found.get(name))) for name in named)
        except (ValueError, ArithmeticError) as error:
            return BadAnswer(f"{one.destination.text()}: {error}", connection=self.name)
        return State(fields=fields)

    def _written(self, work: Sequence[tuple[Written, Found]]) -> Iterator[tuple[Written, Receipt | ConnectorError]]:
        """A record stands in a request once, with all that changes in it."""
        by_record: dict[str, list[Written]] = {}
        for one, found in work:
            by_record.setdefault(str(found["Id"]), []).append(one)
        records = list(by_record.items())
        for start in range(0, len(records), AT_ONCE):
            chunk = records[start : start + AT_ONCE]
            for (ident, updates), outcome in zip(chunk, self._sent(chunk), strict=True):
                link = f"{self.options.url}/{ident}"
                made = Receipt(remote_id=ident, link=link) if outcome is None else outcome
                yield from ((one, made) for one in updates)

    def _sent(self, chunk: Sequence[tuple[str, list[Written]]]) -> list[ConnectorError | None]:
        records = [
            {
                "attributes": {"type": updates[0].destination.object},
                "id": ident,
                **{name: written(given) for one in updates for name, given in one.fields},
            }
            for ident, updates in chunk
        ]
        try:
            answers = self._client.patch("composite/sobjects", {"allOrNone": False, "records": records})
        except ConnectorError as error:
            return [error] * len(chunk)
        if not isinstance(answers, list) or len(answers) != len(chunk):
            what = "Salesforce answered without an outcome for each record"
            return [BadAnswer(what, connection=self.name, uncertain=True)] * len(chunk)
        return [write_error(answer, self.name, EDIT_FIX) for answer in answers]

    def _types(self, name: str) -> Types:
        """What the fields of an object are, asked once a day. Raises ConnectorError."""
        cached = self._described.get(name)
        if cached is None:
            known = self.memory.get(f"fields of {name}", max_age=REMEMBERED)
            cached = restored(known) if known else types_of(self._client.get(describe_path(name)))
            if not cached:
                raise BadAnswer(f"Salesforce described no field of {name}", connection=self.name)
            if not known:
                self.memory.put(f"fields of {name}", stored(cached))
            self._described[name] = cached
        return cached


def _groups(updates: Collection[Written]) -> Iterator[list[Written]]:
    """By object and key."""
    groups: dict[tuple[str, str], list[Written]] = {}
    for one in updates:
        groups.setdefault((one.destination.object.lower(), one.destination.found_by[0].lower()), []).append(one)
    yield from groups.values()


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _folded(key: str, value: str) -> str:
    """Ids are of 15 or 18 characters; keys are told apart whatever their case."""
    return value[:15] if key == "Id" else value.casefold()
