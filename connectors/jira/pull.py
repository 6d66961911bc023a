"""Reads counts, sums and shares done; queries on one JQL share one pass over its issues."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from connectors.base import Account, Clock, Connector, Outcome
from connectors.errors import BadAnswer, BadQuery, ConnectorError
from connectors.jira.client import JiraClient
from connectors.jira.fields import FieldNames, unit_of
from connectors.jira.search import Issues, all_issues, count
from connectors.jira.spec import SPEC, Count, JiraQuery, PercentDone, Sum
from connectors.parallel import each
from mapping.reading import Evidence, Reading
from mapping.units import PERCENT, Unit

PARSE_AT_ONCE = 100
ESTIMATE = "Atlassian's estimate: more issues match than exact_count_limit, and recent changes may be missing."

Found = tuple[JiraQuery, Outcome]


class JiraConnector(Connector[JiraQuery]):
    spec = SPEC

    def __init__(self, name: str, options: Any, *, clock: Clock) -> None:
        super().__init__(name, options, clock=clock)
        self._client = JiraClient(name, options)

    def check(self) -> Account:
        me = self._client.me()
        details = (("site", self.options.url), ("time zone", str(me.get("timeZone", "unknown"))))
        return Account(name=str(me.get("emailAddress") or me.get("displayName")), details=details)

    def read(self, queries: Collection[JiraQuery]) -> Iterator[Found]:
        distinct = list(dict.fromkeys(queries))
        if not distinct:
            return
        try:
            self._client.me()
            fields = self._fields(distinct)
        except ConnectorError as error:
            yield from ((query, error) for query in distinct)
            return
        by_jql: dict[str, list[JiraQuery]] = {}
        for query in distinct:
            by_jql.setdefault(query.jql, []).append(query)

        def ask(jql: str) -> list[Found]:
            return self._ask(jql, by_jql[jql], fields)

        for found in each(by_jql, ask, workers=self.options.concurrency):
            yield from found

    def validate(self, queries: Collection[JiraQuery]) -> Iterator[tuple[JiraQuery, ConnectorError | None]]:
        """By Jira's parser, as this account: a project that it can't see is an error there."""
        distinct = list(dict.fromkeys(queries))
        if not distinct:
            return
        errors: dict[str, str] = {}
        jqls = list(dict.fromkeys(query.jql for query in distinct))
        for start in range(0, len(jqls), PARSE_AT_ONCE):
            asked = jqls[start : start + PARSE_AT_ONCE]
            answer = self._client.post("jql/parse", {"queries": asked}, validation="strict")
            for jql, parsed in zip(asked, answer.get("queries", []), strict=True):
                errors[jql] = " ".join(parsed.get("errors") or [])
        fields = self._fields(distinct)
        for query in distinct:
            if errors[query.jql]:
                yield query, BadQuery(f"Jira says: {errors[query.jql]}", connection=self.name)
            else:
                unknown = fields.get(field) if (field := _field(query)) else None
                yield query, unknown if isinstance(unknown, ConnectorError) else None

    def close(self) -> None:
        self._client.close()

    def _fields(self, queries: Sequence[JiraQuery]) -> dict[str, str | ConnectorError]:
        """The id of each field that is named, or why there is none. Asks only if one is. Raises ConnectorError."""
        named = {field for query in queries if (field := _field(query))}
        if not named:
            return {}
        names = FieldNames(self._client.get("field"), self.name)

        def resolved(name: str) -> str | ConnectorError:
            try:
                return names.id_of(name)
            except BadQuery as error:
                return error

        return {name: resolved(name) for name in named}

    def _ask(self, jql: str, queries: Sequence[JiraQuery], fields: Mapping[str, str | ConnectorError]) -> list[Found]:
        outcomes: list[Found] = []
        wanted: list[JiraQuery] = []
        for query in queries:
            known = fields.get(_field(query) or "")
            if isinstance(known, ConnectorError):
                outcomes.append((query, known))
            else:
                wanted.append(query)
        try:
            if wanted and all(isinstance(query, Count) for query in wanted):
                number, exact = count(self._client, self.name, jql, self.options.exact_count_limit)
                note = None if exact else ESTIMATE
                return outcomes + [
                    (query, self._reading(query, Decimal(number), number, None, note)) for query in wanted
                ]
            ids = {name: found for name, found in fields.items() if isinstance(found, str)}
            used = {ids[field] for query in wanted if (field := _field(query))}
            if any(isinstance(query, PercentDone) for query in wanted):
                used.add("status")
            issues = all_issues(self._client, self.name, jql, used) if wanted else {}
        except ConnectorError as error:
            return outcomes + [(query, error) for query in wanted]
        return outcomes + [(query, self._over(query, issues, ids)) for query in wanted]

    def _over(self, query: JiraQuery, issues: Issues, ids: Mapping[str, str]) -> Outcome:
        try:
            match query:
                case Count():
                    return self._reading(query, Decimal(len(issues)), len(issues))
                case Sum():
                    values = self._numbers(issues, ids[query.sum])
                    total = sum(values.values(), Decimal(0)) if values else None
                    return self._reading(query, total, len(values), unit_of(ids[query.sum]))
                case PercentDone():
                    return self._percent_done(query, issues, ids)
        except ConnectorError as error:
            return error

    def _percent_done(self, query: PercentDone, issues: Issues, ids: Mapping[str, str]) -> Reading:
        weights = dict.fromkeys(issues, Decimal(1)) if query.by == "count" else self._numbers(issues, ids[query.by])
        whole = sum(weights.values(), Decimal(0))
        done = sum((weight for key, weight in weights.items() if self._is_done(issues[key])), Decimal(0))
        return self._reading(query, done / whole if whole else None, len(weights), PERCENT)

    def _is_done(self, fields: Mapping[str, Any]) -> bool:
        try:
            return bool(fields["status"]["statusCategory"]["key"] == "done")
        except (KeyError, TypeError):
            raise BadAnswer("Jira answered with an issue without a status category", connection=self.name) from None

    def _numbers(self, issues: Issues, field: str) -> dict[str, Decimal]:
        """The field's values by issue; an issue without one is left out."""
        values = {key: fields.get(field) for key, fields in issues.items() if fields.get(field) is not None}
        for value in values.values():
            if isinstance(value, bool) or not isinstance(value, int | Decimal):
                raise BadAnswer(
                    f"the field {field} holds {str(value)[:60]!r} where a number belongs",
                    connection=self.name,
                    fix="Name a number field.",
                )
        return {key: Decimal(value) for key, value in values.items() if value is not None}

    def _reading(
        self, query: JiraQuery, value: Decimal | None, rows: int, unit: Unit | None = None, note: str | None = None
    ) -> Reading:
        now = self.clock()
        link = f"{self.options.url}/issues/?jql={quote(query.jql)}"
        return Reading(
            value=value,
            unit=unit,
            evidence=Evidence(
                connection=self.name, query=query.text(), asked_at=now, as_of=now, rows=rows, link=link, note=note
            ),
        )


def _field(query: JiraQuery) -> str | None:
    """The field that a query names."""
    if isinstance(query, Sum):
        return query.sum
    return query.by if isinstance(query, PercentDone) and query.by != "count" else None
