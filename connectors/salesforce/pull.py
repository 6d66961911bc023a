"""Reads aggregates and reports: equal rows once, five queries a call by /composite, a call for each report."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.base import Account, Clock, Memory, Outcome, Reader, reading
from connectors.errors import BadAnswer, BadQuery, ConnectorError
from connectors.parallel import each
from connectors.salesforce import reports
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.composite import answers_of, body_of, packed, passes, query_path
from connectors.salesforce.money import Money
from connectors.salesforce.queries import OverRows, Report, SalesforceQuery, Soql, select_of
from connectors.salesforce.series import WORTH_IT, Family, Series, family_of, folded, series
from connectors.salesforce.soql import MOST_AGGREGATES, ROWS, Merged, Select, bare, flat, merge, same_rows
from connectors.salesforce.spec import SPEC
from mapping.day import UTC, Zone
from mapping.reading import Reading
from mapping.units import Unit

ONE_AGGREGATE = "Ask for one aggregate, such as SELECT SUM(Amount) FROM Opportunity WHERE ..."
_PLAIN_COUNT = re.compile(r"\s*select\s+count\(\s*\)\s", re.IGNORECASE)

Found = tuple[SalesforceQuery, Outcome]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`merged` are the SELECTs that answer several questions or tell their rows, with the questions behind each;
    `written` the queries that are sent as they stand; `series` those that differ in the end of a month alone, with the
    day of each question."""

    merged: tuple[tuple[Merged, tuple[OverRows, ...]], ...]
    written: tuple[OverRows, ...]
    reports: tuple[Report, ...]
    selects: tuple[Select, ...]
    series: tuple[tuple[Series, tuple[tuple[OverRows, date], ...]], ...] = ()

    @property
    def paths(self) -> list[str]:
        soqls = [one.soql for one, _ in self.series] + [one.soql for one, _ in self.merged]
        soqls += [_flat(query) for query in self.written]
        return [query_path(soql) for soql in dict.fromkeys(soqls)]


def plan_of(queries: Collection[SalesforceQuery]) -> Plan:
    """What will be asked for these questions."""
    groups: dict[tuple[str, str, int], list[tuple[OverRows, Select]]] = {}
    written: list[OverRows] = []
    for query in queries:
        if isinstance(query, Report):
            continue
        plain = select_of(query)
        if plain is None:
            written.append(query)
            continue
        whole = 0
        while len(groups.get((*same_rows(plain[0]), whole), ())) >= MOST_AGGREGATES:
            whole += 1
        groups.setdefault((*same_rows(plain[0]), whole), []).append((query, _only(plain[0], plain[1])))
    selects = tuple(select for group in groups.values() for _, select in group)
    months = _months(groups)
    return Plan(
        merged=tuple(
            (merge(select for _, select in group), tuple(query for query, _ in group)) for group in groups.values()
        ),
        written=tuple(written),
        reports=tuple(query for query in queries if isinstance(query, Report)),
        selects=selects,
        series=months,
    )


def _months(
    groups: dict[tuple[str, str, int], list[tuple[OverRows, Select]]],
) -> tuple[tuple[Series, tuple[tuple[OverRows, date], ...]], ...]:
    """Takes the groups out that are asked by month."""
    families: dict[Family, list[tuple[tuple[str, str, int], date]]] = {}
    for key, group in groups.items():
        known = [family_of(select) for _, select in group]
        if known[0] is not None and all(one is not None for one in known):
            families.setdefault(known[0][0], []).append((key, known[0][1]))
    found = []
    for members in families.values():
        if len({day for _, day in members}) >= WORTH_IT:
            taken = [(query, select, day) for key, day in members for query, select in groups.pop(key)]
            made = series([select for _, select, _ in taken])
            found.append((made, tuple((query, day) for query, _, day in taken)))
    return tuple(found)


class SalesforceConnector(Reader[SalesforceQuery]):
    spec = SPEC

    def __init__(
        self, name: str, options: Any, *, clock: Clock, zone: Zone = UTC, memory: Memory | None = None
    ) -> None:
        super().__init__(name, options, clock=clock, zone=zone, memory=memory)
        self._client = SalesforceClient(name, options)
        self._money = Money(options.currency)

    def check(self) -> Account:
        user = self._client.user()
        self._client.get("limits")
        details = [("org", str(user.get("organization_id", "unknown")))]
        if self.options.password is not None:
            from connectors.salesforce.signin import SOAP_ENDS

            details.append(("warning", f"this connection {SOAP_ENDS}"))
        name = str(user.get("preferred_username", "unknown"))
        return Account(name=name, details=tuple(details), quota=self._client.usage)

    def read(self, queries: Collection[SalesforceQuery]) -> Iterator[Found]:
        distinct = list(dict.fromkeys(queries))
        if not distinct:
            return
        try:
            self._client.sign_in()
        except ConnectorError as error:
            yield from ((query, error) for query in distinct)
            return
        plan = plan_of(distinct)
        yield from self._over_rows(plan).items()
        yield from each(plan.reports, self._report, workers=self.options.concurrency)

    def calls(self, queries: Collection[SalesforceQuery]) -> int:
        plan = plan_of(list(dict.fromkeys(queries)))
        queries_asked = [*plan.paths, *self._money.queries(plan.selects)]
        return len(list(packed(queries_asked, self._money.descriptions(plan.selects)))) + len(plan.reports)

    def validate(self, queries: Collection[SalesforceQuery]) -> Iterator[tuple[SalesforceQuery, ConnectorError | None]]:
        """By the query's plan, which Salesforce makes without running it; a report by its description."""

        def judge(query: SalesforceQuery) -> tuple[SalesforceQuery, ConnectorError | None]:
            try:
                if isinstance(query, Report):
                    description = self._client.get(f"{reports.path(query)}/describe")
                    reports.check_aggregate(query, description, self.name)
                else:
                    self._client.get("query", explain=_flat(query))
            except ConnectorError as error:
                return query, error
            return query, None

        yield from each(dict.fromkeys(queries), judge, workers=self.options.concurrency)

    def stop(self) -> None:
        self._client.http.stop()

    def close(self) -> None:
        self._client.close()

    # -- over rows --------------------------------------------------------------------------------------------

    def _over_rows(self, plan: Plan) -> dict[OverRows, Outcome]:
        money = [*self._money.queries(plan.selects)]
        answers = self._ask([*plan.paths, *money], self._money.descriptions(plan.selects))
        self._money.learn(answers, plan.selects)
        found: dict[OverRows, Outcome] = {}
        again: list[OverRows] = []
        for months, dated in plan.series:
            answer = answers[query_path(months.soql)]
            if isinstance(answer, BadQuery) and answer.scope == "query":
                again += [query for query, _ in dated]
            else:
                found |= {query: self._of_months(query, day, months, answer) for query, day in dated}
        for merged, questions in plan.merged:
            answer = answers[query_path(merged.soql)]
            if isinstance(answer, BadQuery) and answer.scope == "query":
                again += questions
            else:
                found |= {query: self._of_merged(query, merged, answer) for query in questions}
        # What was merged and refused is asked as it was written, so that one wrong name spares the others.
        rest = [*plan.written, *again]
        answers |= self._ask(list(dict.fromkeys(query_path(_flat(query)) for query in again)), [])
        return found | {query: self._as_written(query, answers[query_path(_flat(query))]) for query in rest}

    def _ask(self, queries: Sequence[str], other: Sequence[str]) -> dict[str, Any]:
        """The body or the error for each path."""
        if len(queries) == 1 and not other:
            return {queries[0]: self._alone(queries[0])}
        answers: dict[str, Any] = {}
        for found in each(list(packed(queries, other)), self._composite, workers=self.options.concurrency):
            answers |= found
        return answers

    def _composite(self, paths: Sequence[str]) -> dict[str, Any]:
        try:
            answer = self._client.post("composite", body_of(paths, self.options.api_version))
            answers = answers_of(answer, paths, self.name)
        except ConnectorError as error:
            return dict.fromkeys(paths, error)
        return {path: self._alone(path) if passes(found) else found for path, found in answers.items()}

    def _alone(self, path: str) -> Any:
        try:
            return self._client.get(path)
        except ConnectorError as error:
            return error

    def _of_merged(self, query: OverRows, merged: Merged, answer: Any) -> Outcome:
        plain = select_of(query)
        assert plain is not None  # noqa: S101 - only plain selects are merged
        select, index = plain
        one = select.aggregates[index]
        column = merged.column[bare(one)]
        try:
            row = self._only_row(answer)
            if column not in row or ROWS not in row:
                raise BadAnswer("Salesforce answered a query without what it asked for", connection=self.name)
            note = f"{column} of this query" if len(merged.column) > 1 else None
            unit = self._money.unit(select, one)
            return self._reading(merged.soql, row[column], rows=row[ROWS], unit=unit, note=note)
        except ConnectorError as error:
            return error

    def _of_months(self, query: OverRows, day: date, months: Series, answer: Any) -> Outcome:
        plain = select_of(query)
        assert plain is not None  # noqa: S101 - only plain selects are asked by month
        select, index = plain
        one = select.aggregates[index]
        try:
            self._check(answer)
            value, rows = folded(months, one, answer["records"], day)
            note = f"the months up to {day} of this query"
            return self._reading(months.soql, value, rows=rows, unit=self._money.unit(select, one), note=note)
        except (KeyError, TypeError, ArithmeticError):
            return BadAnswer("Salesforce answered a query without what it asked for", connection=self.name)
        except ConnectorError as error:
            return error

    def _as_written(self, query: OverRows, body: Any) -> Outcome:
        try:
            if _PLAIN_COUNT.match(query.soql):
                self._check(body)
                return self._reading(_flat(query), body.get("totalSize"), rows=body.get("totalSize"))
            row = self._only_row(body)
            wanted = query.value if isinstance(query, Soql) else None
            if wanted is not None and wanted.lower() in {name.lower() for name in row}:
                row = {name: value for name, value in row.items() if name.lower() == wanted.lower()}
            if len(row) != 1:
                raise self._not_one(f"one row of {len(row)} values")
            return self._reading(_flat(query), next(iter(row.values())))
        except ConnectorError as error:
            return error

    def _check(self, body: Any) -> None:
        if isinstance(body, ConnectorError):
            raise body
        if not isinstance(body, dict) or not isinstance(body.get("records"), list):
            raise BadAnswer("Salesforce answered a query in an unknown form", connection=self.name)

    def _only_row(self, body: Any) -> Mapping[str, Any]:
        self._check(body)
        records = body["records"]
        kinds = {record.get("attributes", {}).get("type") for record in records if isinstance(record, dict)}
        if kinds - {"AggregateResult"}:
            raise BadQuery("the query gives records, not a number", connection=self.name, fix=ONE_AGGREGATE)
        if len(records) != 1:
            raise self._not_one(f"{len(records)} rows")
        return {key: value for key, value in records[0].items() if key != "attributes"}

    def _not_one(self, found: str) -> BadQuery:
        return BadQuery(f"the query gives {found} where one number belongs", connection=self.name, fix=ONE_AGGREGATE)

    # -- reports ----------------------------------------------------------------------------------------------

    def _report(self, query: Report) -> Found:
        changed = reports.changed_metadata(query)
        try:
            if changed is None:
                body = self._client.get(reports.path(query), includeDetails="false")
            else:
                body = self._client.post(f"{reports.path(query)}?includeDetails=false", changed)
            made = reports.summary(query, body, self.name)
            link = f"{self.options.url}/lightning/r/Report/{query.report}/view"
            return query, self._reading(
                query.text(), made.value, rows=made.rows, unit=made.unit, note=made.note, link=link
            )
        except ConnectorError as error:
            return query, error

    def _reading(
        self,
        sent: str,
        value: Any,
        *,
        rows: int | None = None,
        unit: Unit | None = None,
        note: str | None = None,
        link: str | None = None,
    ) -> Reading:
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | Decimal)):
            raise BadQuery(
                f"the query gives {str(value)[:60]!r}, which is no number", connection=self.name, fix=ONE_AGGREGATE
            )
        return reading(
            value,
            connection=self.name,
            query=sent,
            asked_at=self.clock(),
            rows=rows,
            link=link,
            note=note,
            unit=unit,
        )


def _only(select: Select, index: int) -> Select:
    """The select with the aggregate that is meant alone."""
    return Select(aggregates=(select.aggregates[index],), object=select.object, rest=select.rest)


def _flat(query: OverRows) -> str:
    return flat(query.soql)
