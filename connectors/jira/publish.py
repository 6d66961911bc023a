"""Publishes to fields of issues: each issue is read once, and written once for all that changes in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from connectors.base import Publisher, Receipt, State, Update
from connectors.errors import BadAnswer, BadQuery, Conflict, ConnectorError, NotFound
from connectors.jira.catalogue import Catalogue
from connectors.jira.client import JiraClient
from connectors.jira.destinations import JiraIssue
from connectors.jira.written import content, edits, why_not
from connectors.parallel import each

Written = Update[JiraIssue]
Schemas = Mapping[str, tuple[str, Mapping[str, Any]]]
"""The id and the schema of each field, by the name that the operator wrote."""
MARK = "okrsync.checkin"
"""The issue property that identifies our last write."""
EDIT_FIX = "Give the account the permission `Edit issues` in the issue's project, and put the field on its edit screen."


class JiraPublisher(Publisher[JiraIssue]):
    name: str
    options: Any
    _client: JiraClient

    def current(self, updates: Collection[Written]) -> Iterator[tuple[Written, State[JiraIssue] | ConnectorError]]:
        for group in self._by_issue(updates, self._states):
            yield from group

    def publish(self, updates: Collection[Written]) -> Iterator[tuple[Written, Receipt | ConnectorError]]:
        for group in self._by_issue(updates, self._published):
            yield from group

    def check_destinations(
        self, destinations: Collection[JiraIssue]
    ) -> Iterator[tuple[JiraIssue, ConnectorError | None]]:
        """By the fields that Jira lets this account edit there."""
        distinct = list(dict.fromkeys(destinations))
        if not distinct:
            return
        try:
            self._client.me()
        except ConnectorError as error:
            yield from ((one, error) for one in distinct)
            return
        catalogue = Catalogue(self._client)
        yield from each(distinct, lambda one: (one, self._refusal(catalogue, one)), workers=self.options.concurrency)

    def _by_issue(self, updates: Collection[Written], work: Any) -> Iterator[list[tuple[Written, Any]]]:
        if not updates:
            return
        try:
            self._client.me()
        except ConnectorError as error:
            yield [(one, error) for one in updates]
            return
        catalogue = Catalogue(self._client)
        groups: dict[str, list[Written]] = {}
        for one in updates:
            groups.setdefault(one.destination.issue, []).append(one)
        yield from each(groups.values(), lambda group: work(catalogue, group), workers=self.options.concurrency)

    def _states(self, catalogue: Catalogue, group: Sequence[Written]) -> list[tuple[Written, Any]]:
        try:
            schemas = self._schemas(catalogue, group)
            found, key = self._read(group[0].destination.issue, schemas)
            return [(one, self._state(one, schemas, found, key)) for one in group]
        except ConnectorError as error:
            return [(one, error) for one in group]

    def _published(self, catalogue: Catalogue, group: Sequence[Written]) -> list[tuple[Written, Any]]:
        issue = group[0].destination.issue
        made: list[tuple[Written, Any]] = []
        try:
            schemas = self._schemas(catalogue, group)
            found, key = self._read(issue, schemas)
        except ConnectorError as error:
            return [(one, error) for one in group]
        left: list[Written] = []
        for one in group:
            try:
                state = self._state(one, schemas, found, key)
                self._refuse_other_types(one, schemas)
            except ConnectorError as error:
                made.append((one, error))
                continue
            if one.stands_in(state):
                made.append((one, Receipt(changed=False)))
            elif one.is_unexpected(state):
                made.append((one, Conflict(f"{issue} was changed after okrsync wrote there", connection=self.name)))
            else:
                left.append(one)
        return [*made, *self._written(issue, left, schemas, found)]

    def _written(
        self, issue: str, updates: Sequence[Written], schemas: Schemas, found: Mapping[str, Any]
    ) -> list[tuple[Written, Any]]:
        if not updates:
            return []
        fields: dict[str, Any] = {}
        operations: dict[str, Any] = {}
        rich = self.options.deployment == "cloud"
        for name, given in (pair for one in updates for pair in one.fields):
            ident, schema = schemas[name]
            value, steps = edits(ident, schema, given, found.get(ident), rich=rich)
            if steps is None:
                fields[ident] = value
            else:
                operations[ident] = steps
        mark = {"key": MARK, "value": {"ids": [one.key for one in updates], "day": updates[0].day.isoformat()}}
        body = {"fields": fields, "properties": [mark], **({"update": operations} if operations else {})}
        try:
            self._client.put(f"issue/{issue}", body, fix=EDIT_FIX)
        except ConnectorError as error:
            return [(one, error) for one in updates]
        link = f"{self.options.people_url}/browse/{issue}"
        return [(one, Receipt(remote_id=issue, link=link)) for one in updates]

    def _schemas(self, catalogue: Catalogue, group: Sequence[Written]) -> Schemas:
        fields = catalogue.fields()
        names = dict.fromkeys(name for one in group for name, _ in one.destination.fields)
        return {name: (ident := fields.id_of(name), fields.schema_of(ident)) for name in names}

    def _read(self, issue: str, schemas: Schemas) -> tuple[Mapping[str, Any], str | None]:
        wanted = ",".join(ident for ident, _ in schemas.values())
        body = self._client.get(f"issue/{issue}", fields=wanted, properties=MARK)
        fields = body.get("fields") if isinstance(body, dict) else None
        if not isinstance(fields, dict):
            raise self._client.bad_answer("the fields of the issue")
        properties = body.get("properties")
        mark = properties.get(MARK) if isinstance(properties, dict) else None
        ids = mark.get("ids") if isinstance(mark, dict) else None
        return fields, str(ids[0]) if isinstance(ids, list) and ids else None

    def _state(self, one: Written, schemas: Schemas, found: Mapping[str, Any], key: str | None) -> State[JiraIssue]:
        named = [name for name, _ in one.destination.fields]
        try:
            fields = tuple((name, content(schemas[name][1], found.get(schemas[name][0]))) for name in named)
        except (ValueError, ArithmeticError) as error:
            raise BadAnswer(f"{one.destination.text()}: {error}", connection=self.name) from None
        return State(fields=fields, key=key)

    def _refuse_other_types(self, one: Written, schemas: Schemas) -> None:
        for name, given in one.fields:
            if reason := why_not(schemas[name][1], given):
                fix = "Choose another field, or a fact of its type."
                raise BadQuery(f"the field {name!r} {reason}", connection=self.name, fix=fix)

    def _refusal(self, catalogue: Catalogue, one: JiraIssue) -> ConnectorError | None:
        try:
            fields = catalogue.fields()
            editable = self._client.get(f"issue/{one.issue}/editmeta")
            known = editable.get("fields") if isinstance(editable, dict) else None
            if not isinstance(known, dict):
                raise self._client.bad_answer("the fields that can be edited")
            for name, _ in one.fields:
                ident = fields.id_of(name)
                if reason := why_not(fields.schema_of(ident)):
                    return BadQuery(f"the field {name!r} {reason}", connection=self.name)
                if ident not in known:
                    what = f"the field {name!r} of {one.issue} can't be edited by this account"
                    return NotFound(what, connection=self.name, fix=EDIT_FIX)
        except ConnectorError as error:
            return error
        return None
