"""A number out of what Salesforce answered to a query. Pure. What Salesforce would never say is no answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.errors import BadAnswer, BadQuery, ConnectorError
from connectors.salesforce.soql import statement

ONE_AGGREGATE = "Ask for one aggregate, such as SELECT SUM(Amount) FROM Opportunity WHERE ..."
MOST_ROWS = 2**53
MOST_DIGITS = 24
MOST_DECIMALS = 100
WRONG_FORM = "Salesforce's answer to a query does not contain what was asked"


def rows_of(body: Any, connection: str) -> Sequence[Mapping[str, Any]]:
    """All rows of an answer of aggregates. Raises ConnectorError."""
    if isinstance(body, ConnectorError):
        raise body
    records = body.get("records") if isinstance(body, dict) else None
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise BadAnswer("Salesforce answered a query in an unexpected format", connection=connection)
    if body.get("done") is not True or count_of(body.get("totalSize"), connection) != len(records):
        raise BadAnswer("Salesforce answered only a part of a query", connection=connection)
    return [{key: value for key, value in record.items() if key != "attributes"} for record in records]


def only_row(body: Any, connection: str) -> Mapping[str, Any]:
    """Raises BadQuery where the query returns anything but one row of aggregates."""
    if isinstance(body, dict) and isinstance(body.get("records"), list) and body["records"]:
        kinds = {_kind(record) for record in body["records"]}
        if kinds - {"AggregateResult", None}:
            message = "the query returns records, not a number"
            raise BadQuery(message, connection=connection, fix=ONE_AGGREGATE)
    rows = rows_of(body, connection)
    if len(rows) != 1:
        raise not_one(f"{len(rows)} rows", connection)
    return rows[0]


def total_of(body: Any, connection: str) -> int:
    """The answer to `SELECT COUNT() ...`, which has no rows."""
    if isinstance(body, ConnectorError):
        raise body
    if not isinstance(body, dict) or body.get("records") != [] or body.get("done") is not True:
        raise BadAnswer("Salesforce answered a query in an unexpected format", connection=connection)
    return count_of(body.get("totalSize"), connection)


def cell(row: Mapping[str, Any], wanted: str | None, connection: str) -> Any:
    """The one value of a row, or the one of that alias."""
    same = {name: value for name, value in row.items() if wanted is not None and name.lower() == wanted.lower()}
    found = same or row
    if len(found) != 1:
        raise not_one(f"one row of {len(found)} values", connection)
    return next(iter(found.values()))


def not_one(found: str, connection: str) -> BadQuery:
    return BadQuery(f"the query returns {found} instead of one number", connection=connection, fix=ONE_AGGREGATE)


def count_of(value: Any, connection: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < MOST_ROWS:
        raise BadAnswer(f"Salesforce sent {_shown(value)} instead of a count", connection=connection)
    return value


def number_of(value: Any, connection: str) -> Decimal | None:
    """Raises BadQuery for the text that MAX(StageName) or MIN(CloseDate) rightly give, BadAnswer for anything else."""
    if value is None:
        return None
    if isinstance(value, str):
        message = f"the query returns {_shown(value)}, which is not a number"
        raise BadQuery(message, connection=connection, fix=ONE_AGGREGATE)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise BadAnswer(f"Salesforce sent {_shown(value)} instead of a number", connection=connection)
    made = Decimal(value)
    exponent = made.as_tuple().exponent
    if not isinstance(exponent, int) or made.adjusted() >= MOST_DIGITS or exponent < -MOST_DECIMALS:
        raise BadAnswer("Salesforce sent a number that is out of range", connection=connection)
    return made


def has_no_groups(soql: str, body: Any, connection: str) -> bool:
    """Whether there is no row at all, as GROUP BY alone answers."""
    made = statement(soql)
    grouped = made is not None and "group" in made.clauses
    return grouped and isinstance(body, dict) and body.get("records") == [] and not rows_of(body, connection)


def of_no_groups(soql: str, function: str) -> Decimal | None:
    """Without HAVING no group means no rows, of which sums and counts are 0."""
    made = statement(soql)
    adds_up = function in ("SUM", "COUNT", "COUNT_DISTINCT")
    return Decimal(0) if adds_up and made is not None and "having" not in made.clauses else None


def of_no_rows(function: str, value: Decimal | int | None, rows: int) -> Decimal | int | None:
    """Salesforce adds up no rows to null, as it does rows without values: the first is a true 0, the second none."""
    return Decimal(0) if function == "SUM" and value is None and rows == 0 else value


def _kind(record: Any) -> Any:
    attributes = record.get("attributes") if isinstance(record, dict) else None
    kind = attributes.get("type") if isinstance(attributes, dict) else None
    return kind if isinstance(kind, str) else None


def _shown(value: Any) -> str:
    return repr(value)[:60] if isinstance(value, str | bool | None | Decimal) else type(value).__name__
