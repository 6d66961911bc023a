"""Reads scalar SOQL: a single query by /query, more of them five at a time by /composite."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from connectors.base import Account, Clock, Connector, Outcome
from connectors.errors import BadAnswer, BadQuery, ConnectorError
from connectors.parallel import each
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.errors import query_error
from connectors.salesforce.spec import SPEC, Soql
from mapping.reading import Evidence, Reading

COMPOSITE_QUERIES = 5
"""Queries that one /composite request may hold (25 sub-requests, of these 5 queries); it costs one API call."""
ONE_AGGREGATE = "Ask for one aggregate, such as SELECT SUM(Amount) FROM Opportunity WHERE ..."
_PLAIN_COUNT = re.compile(r"\s*select\s+count\(\s*\)\s", re.IGNORECASE)

Found = tuple[Soql, Outcome]


class SalesforceConnector(Connector[Soql]):
    spec = SPEC

    def __init__(self, name: str, options: Any, *, clock: Clock) -> None:
        super().__init__(name, options, clock=clock)
        self._client = SalesforceClient(name, options)

    def check(self) -> Account:
        user = self._client.user()
        self._client.get("limits")
        details = [("org", str(user.get("organization_id", "unknown")))]
        if self._client.usage:
            used, allowed = self._client.usage
            details.append(("API calls in 24 hours", f"{used:,} of {allowed:,} used"))
        return Account(name=str(user.get("preferred_username", "unknown")), details=tuple(details))

    def read(self, queries: Collection[Soql]) -> Iterator[Found]:
        distinct = list(dict.fromkeys(queries))
        if not distinct:
            return
        try:
            self._client.sign_in()
        except ConnectorError as error:
            yield from ((query, error) for query in distinct)
            return
        groups = [distinct[start : start + COMPOSITE_QUERIES] for start in range(0, len(distinct), COMPOSITE_QUERIES)]
        for found in each(groups, self._ask, workers=self.options.concurrency):
            yield from found

    def validate(self, queries: Collection[Soql]) -> Iterator[tuple[Soql, ConnectorError | None]]:
        """By the query's plan, which Salesforce makes without running it."""

        def explain(query: Soql) -> tuple[Soql, ConnectorError | None]:
            try:
                self._client.get("query", explain=query.text())
            except ConnectorError as error:
                return query, error
            return query, None

        yield from each(dict.fromkeys(queries), explain, workers=self.options.concurrency)

    def close(self) -> None:
        self._client.close()

    def _ask(self, group: Sequence[Soql]) -> list[Found]:
        if len(group) == 1:
            return [(group[0], self._alone(group[0]))]
        try:
            answers = self._composite(group)
        except ConnectorError as error:
            return [(query, error) for query in group]
        return [(query, self._sub_answer(query, answers.get(f"q{index}"))) for index, query in enumerate(group)]

    def _alone(self, query: Soql) -> Outcome:
        try:
            return self._reading(query, self._client.get("query", q=query.text()))
        except ConnectorError as error:
            return error

    def _composite(self, group: Sequence[Soql]) -> dict[str, Any]:
        """The sub-answers by reference id: Salesforce may answer fewer than were asked, and one without an id."""
        prefix = f"/services/data/v{self.options.api_version}/query/?q="
        asked = [
            {"method": "GET", "url": prefix + quote(query.text(), safe=""), "referenceId": f"q{index}"}
            for index, query in enumerate(group)
        ]
        answer = self._client.post("composite", {"allOrNone": False, "compositeRequest": asked})
        parts = answer.get("compositeResponse") if isinstance(answer, dict) else None
        if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
            raise BadAnswer("Salesforce answered a composite request in an unknown form", connection=self.name)
        for part in parts:
            if part.get("referenceId") is None:
                raise query_error(part.get("httpStatusCode", 0), part.get("body"), self.name)
        return {str(part["referenceId"]): part for part in parts}

    def _sub_answer(self, query: Soql, part: Any) -> Outcome:
        if part is None:
            return BadAnswer("Salesforce left this query of a composite request unanswered", connection=self.name)
        status = part.get("httpStatusCode")
        if status == 200:
            try:
                return self._reading(query, part.get("body"))
            except ConnectorError as error:
                return error
        refused = query_error(status, part.get("body"), self.name)
        return self._alone(query) if refused.temporary and refused.scope == "query" else refused

    def _reading(self, query: Soql, body: Any) -> Reading:
        if not isinstance(body, dict) or not isinstance(body.get("records"), list):
            raise BadAnswer("Salesforce answered a query in an unknown form", connection=self.name)
        value = body.get("totalSize") if _PLAIN_COUNT.match(query.soql) else self._scalar(body["records"])
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | Decimal)):
            raise BadQuery(
                f"the query gives {str(value)[:60]!r}, which is no number", connection=self.name, fix=ONE_AGGREGATE
            )
        now = self.clock()
        evidence = Evidence(connection=self.name, query=query.text(), asked_at=now, as_of=now)
        return Reading(value=None if value is None else Decimal(value), evidence=evidence)

    def _scalar(self, records: list[Any]) -> Any:
        kinds = {record.get("attributes", {}).get("type") for record in records if isinstance(record, dict)}
        if kinds - {"AggregateResult"}:
            raise BadQuery("the query gives records, not a number", connection=self.name, fix=ONE_AGGREGATE)
        columns = [{key: value for key, value in record.items() if key != "attributes"} for record in records]
        if len(columns) != 1 or len(columns[0]) != 1:
            found = f"{len(columns)} rows of {len(columns[0]) if columns else 0} values"
            raise BadQuery(f"the query gives {found} where one number belongs", connection=self.name, fix=ONE_AGGREGATE)
        return next(iter(columns[0].values()))
