"""Reads aggregates and reports: equal rows once, five queries a call by /composite, a call for each report."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from connectors import finding
from connectors.base import Account, Clock, Finder, Memory, Outcome, Reader, reading
from connectors.errors import BadAnswer, BadQuery, ConnectorError
from connectors.parallel import each
from connectors.salesforce import find, judge, reports
from connectors.salesforce.answers import (
    WRONG_FORM,
    cell,
    count_of,
    has_no_groups,
    number_of,
    of_no_groups,
    of_no_rows,
    only_row,
    rows_of,
    total_of,
)
from connectors.salesforce.calls import Calls
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.composite import packed, query_path
from connectors.salesforce.plan import Plan, needs_zone, plan_of
from connectors.salesforce.publish import SalesforcePublisher
from connectors.salesforce.queries import OverRows, Report, SalesforceQuery, Soql, meant, select_of
from connectors.salesforce.series import Series, Sums
from connectors.salesforce.soql import ROWS, Merged, bare, flat
from connectors.salesforce.spec import SPEC
from connectors.salesforce.units import Told, Units
from mapping.day import UTC, Zone, zone_of
from mapping.errors import MappingError
from mapping.quantity import CONTEXT
from mapping.reading import Reading

_PLAIN_COUNT = re.compile(r"\s*select\s+count\(\s*\)\s", re.IGNORECASE)
NOT_READABLE = "the query is too complex for okrsync to see what it adds up"

Found = tuple[SalesforceQuery, Outcome]


class SalesforceConnector(Reader[SalesforceQuery], Finder, SalesforcePublisher):
    spec = SPEC
    kinds = find.KINDS

    def __init__(
        self, name: str, options: Any, *, clock: Clock, zone: Zone = UTC, memory: Memory | None = None
    ) -> None:
        super().__init__(name, options, clock=clock, zone=zone, memory=memory)
        self._client = SalesforceClient(name, options)
        self._described = {}
        self._calls = Calls(self._client, name, workers=options.concurrency)
        self._units = Units(name, options.currency, self.memory)
        self._users_zone: Zone | None = None

    @property
    def usage(self) -> tuple[int, int] | None:
        return self._client.usage

    def check(self) -> Account:
        self._client.begin()
        user = self._client.user()
        self._client.get("limits")
        details = [("org", _shown(user.get("organization_id")))]
        if self.options.password is not None:
            from connectors.salesforce.signin import SOAP_ENDS

            details.append(("warning", f"this connection {SOAP_ENDS}"))
        name = _shown(user.get("preferred_username"))
        return Account(name=name, details=tuple(details), quota=self._client.usage)

    @property
    def sent(self) -> int:
        return self._client.http.calls

    def read(self, queries: Collection[SalesforceQuery]) -> Iterator[Found]:
        distinct = list(dict.fromkeys(queries))
        if not distinct:
            return
        self._client.begin()
        try:
            self._client.sign_in()
        except ConnectorError as error:
            yield from ((query, error) for query in distinct)
            return
        if self._users_zone is None and needs_zone(distinct):
            self._users_zone = self._zone_of_user()
        plan = plan_of(distinct, self._users_zone)
        yield from self._over_rows(plan).items()
        for found in each(plan.reports, self._reports, workers=self.options.concurrency):
            yield from found

    def calls(self, queries: Collection[SalesforceQuery]) -> int:
        plan = plan_of(list(dict.fromkeys(queries)), self._users_zone)
        queries_asked = [*plan.paths, *self._units.queries(plan.asked)]
        return len(list(packed(queries_asked, self._units.descriptions(plan.asked)))) + len(plan.reports)

    def validate(self, queries: Collection[SalesforceQuery]) -> Iterator[tuple[SalesforceQuery, ConnectorError | None]]:
        """By the types of its fields, then by reading: it costs fewer calls than a plan of each query, and tells what
        no plan does, as that a field holds no number. A report by its description."""
        self._client.begin()
        distinct = list(dict.fromkeys(queries))
        over_rows = [one for one in distinct if not isinstance(one, Report)]
        wrong = judge.wrong_dates(over_rows, self._calls, self.name, self.zone)
        yield from wrong.items()
        for query, outcome in self.read([one for one in over_rows if one not in wrong]):
            yield query, outcome if isinstance(outcome, ConnectorError) else None

        def described(query: Report) -> tuple[SalesforceQuery, ConnectorError | None]:
            try:
                description = self._client.get(f"{reports.path(query)}/describe")
                reports.check_aggregate(query, description, self.name)
            except ConnectorError as error:
                return query, error
            return query, None

        asked = [one for one in distinct if isinstance(one, Report)]
        yield from each(asked, described, workers=self.options.concurrency)

    def find(self, kind: str, text: str, within: str) -> Iterator[finding.Found]:
        self._client.begin()
        return find.find(self._client, kind, text, within, self.name)

    def stop(self) -> None:
        self._client.http.stop()

    def close(self) -> None:
        self._client.close()

    def _zone_of_user(self) -> Zone | None:
        """What convertTimezone() converts to; None where Salesforce does not say."""
        try:
            return zone_of(_shown(self._client.user().get("zoneinfo")))
        except (ConnectorError, MappingError):
            return None

    # -- over rows --------------------------------------------------------------------------------------------

    def _over_rows(self, plan: Plan) -> dict[OverRows, Outcome]:
        units = self._units
        answers = self._calls.ask([*plan.paths, *units.queries(plan.asked)], units.descriptions(plan.asked))
        units.learn(answers, plan.asked)
        found: dict[OverRows, Outcome] = {}
        again: list[OverRows] = []
        for days, dated in plan.series:
            bodies = [answers[query_path(soql)] for soql in days.soqls]
            if any(_refused(body) for body in bodies):
                again += [query for query, _ in dated]
            else:
                found |= self._of_days(days, bodies, dated)
        for merged, questions in plan.merged:
            answer = answers[query_path(merged.soql)]
            if _refused(answer):
                again += questions
            else:
                found |= {query: self._of_merged(query, merged, answer) for query in questions}
        # What was merged and refused is asked as it was written, so that one wrong name spares the others.
        rest = [*plan.written, *again]
        answers |= self._calls.ask(list(dict.fromkeys(query_path(flat(query.soql)) for query in again)))
        return found | {query: self._as_written(query, answers[query_path(flat(query.soql))]) for query in rest}

    def _of_merged(self, query: OverRows, merged: Merged, answer: Any) -> Outcome:
        plain = select_of(query)
        assert plain is not None  # noqa: S101 - only plain selects are merged
        (one,) = plain.aggregates
        column = merged.column[bare(one)]
        try:
            row = only_row(answer, self.name)
            if column not in row or ROWS not in row:
                raise BadAnswer(WRONG_FORM, connection=self.name)
            read = count_of if one.function.startswith("COUNT") else number_of
            note = f"{column} of this query" if len(merged.column) > 1 else None
            rows = count_of(row[ROWS], self.name)
            value = of_no_rows(one.function, read(row[column], self.name), rows)
            return self._reading(merged.soql, value, self._units.told(plain.object, one), rows=rows, note=note)
        except ConnectorError as error:
            return error

    def _of_days(
        self, days: Series, bodies: Sequence[Any], dated: Sequence[tuple[OverRows, date]]
    ) -> dict[OverRows, Outcome]:
        try:
            before = only_row(bodies[0], self.name)
            sums = Sums(days, before, [row for body in bodies[1:] for row in rows_of(body, self.name)], self.name)
        except ConnectorError as error:
            return {query: error for query, _ in dated}
        except (LookupError, ValueError):
            return {query: BadAnswer(WRONG_FORM, connection=self.name) for query, _ in dated}
        return {query: self._of_day(query, day, days, sums) for query, day in dated}

    def _of_day(self, query: OverRows, day: date, days: Series, sums: Sums) -> Outcome:
        plain = select_of(query)
        assert plain is not None  # noqa: S101 - only plain selects are asked by day
        (one,) = plain.aggregates
        found, rows = sums.until(one, day)
        value = of_no_rows(one.function, found, rows)
        note = f"the days before {day} of these queries"
        try:
            told = self._units.told(plain.object, one)
            return self._reading("; ".join(days.soqls), value, told, rows=rows, note=note)
        except ConnectorError as error:
            return error

    def _as_written(self, query: OverRows, body: Any) -> Outcome:
        known = meant(query)
        try:
            if _PLAIN_COUNT.match(query.soql):
                total = total_of(body, self.name)
                return self._reading(flat(query.soql), total, Told(), rows=total)
            if known is not None and has_no_groups(query.soql, body, self.name):
                value = of_no_groups(query.soql, known[1].function)
                return self._reading(flat(query.soql), value, self._units.told(*known), rows=0)
            found = cell(only_row(body, self.name), query.value if isinstance(query, Soql) else None, self.name)
            if known is None:
                return self._reading(flat(query.soql), number_of(found, self.name), Told(untold=NOT_READABLE))
            read = count_of if known[1].function.startswith("COUNT") else number_of
            return self._reading(flat(query.soql), read(found, self.name), self._units.told(*known))
        except ConnectorError as error:
            return error

    # -- reports ----------------------------------------------------------------------------------------------

    def _reports(self, queries: Sequence[Report]) -> list[Found]:
        """Several numbers of one report, from one run of it."""
        changed = reports.changed_metadata(queries[0])
        path = f"{reports.path(queries[0])}?includeDetails=false"
        try:
            body = self._client.get(path) if changed is None else self._client.post(path, changed)
        except ConnectorError as error:
            return [(query, error) for query in queries]
        return [(query, self._of_report(query, body)) for query in queries]

    def _of_report(self, query: Report, body: Any) -> Outcome:
        link = f"{self.options.url}/lightning/r/Report/{query.report}/view"
        try:
            made = reports.summary(query, body, self.name)
            return self._reading(query.text(), made.value, made.told, rows=made.rows, note=made.note, link=link)
        except ConnectorError as error:
            return error

    def _reading(
        self,
        sent: str,
        value: Any,
        told: Told,
        *,
        rows: int | None = None,
        note: str | None = None,
        link: str | None = None,
    ) -> Reading:
        return reading(
            None if value is None else CONTEXT.multiply(Decimal(value), told.factor),
            connection=self.name,
            query=sent,
            asked_at=self.clock(),
            rows=rows,
            link=link,
            note=note,
            unit=told.unit,
            untold=told.untold,
        )


def _refused(answer: Any) -> bool:
    return isinstance(answer, BadQuery) and answer.scope == "query"


def _shown(value: Any) -> str:
    return value[:200] if isinstance(value, str) and value else "unknown"
