"""What the values in Jira's answers are: times, status categories, whole numbers, the numbers of a field. All raise
BadAnswer for what is none of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.errors import BadAnswer
from mapping.units import DURATION, PERCENT, Unit

IN_PROGRESS = "indeterminate"
"""The key of the status category that Jira shows as In Progress."""
CATEGORIES = ("new", IN_PROGRESS, "done", "undefined")
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
MOST = 2**63 - 1
MOST_DIGITS, FARTHEST = 40, 30
"""A Jira number field is a double: what has more digits, or reaches further from the point, did not come from one."""
SECONDS = frozenset(
    {
        "timespent",
        "timeestimate",
        "timeoriginalestimate",
        "aggregatetimespent",
        "aggregatetimeestimate",
        "aggregatetimeoriginalestimate",
    }
)
"""Jira keeps these in seconds."""


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """A field's numbers by issue; an issue without one is not in it. An SLA has one for each completed cycle."""

    of: Mapping[str, tuple[Decimal, ...]]
    unit: Unit | None = None

    def all(self) -> list[Decimal]:
        return [one for several in self.of.values() for one in several]


def numbers(issues: Mapping[str, Mapping[str, Any]], field: str, connection: str) -> Numbers:
    found: dict[str, tuple[Decimal, ...]] = {}
    units: set[Unit | None] = set()
    for key, fields in issues.items():
        value = fields.get(field)
        if value is None or (field == "workratio" and value == -1):
            continue
        several, unit = (
            _object(value, field, connection) if isinstance(value, dict) else _plain(value, field, connection)
        )
        if several:
            found[key] = several
            units.add(unit)
    if len(units) > 1:
        raise BadAnswer(f"the field {field} contains values of several kinds", connection=connection)
    return Numbers(of=found, unit=units.pop() if units else unit_of(field))


def unit_of(field: str) -> Unit | None:
    return PERCENT if field == "workratio" else DURATION if field in SECONDS else None


def _plain(value: Any, field: str, connection: str) -> tuple[tuple[Decimal, ...], Unit | None]:
    number = _number(value, field, connection)
    return ((number / 100 if field == "workratio" else number),), unit_of(field)


def _object(value: Mapping[str, Any], field: str, connection: str) -> tuple[tuple[Decimal, ...], Unit | None]:
    """Fields that hold an object with a number inside."""
    match value:
        case {"completedCycles": list(cycles)}:
            return tuple(_elapsed(cycle, field, connection) for cycle in cycles), DURATION
        case {"rating": None}:
            return (), None
        case {"rating": rating}:
            return (_number(rating, field, connection),), None
        case {"votes": votes}:
            return (_number(votes, field, connection),), None
        case {"watchCount": watchers}:
            return (_number(watchers, field, connection),), None
        case {"progress": done, "total": total}:
            whole = _number(total, field, connection)
            return ((_number(done, field, connection) / whole,) if whole else ()), PERCENT
    raise _no_number(value, field, connection)


def _elapsed(cycle: Any, field: str, connection: str) -> Decimal:
    match cycle:
        case {"elapsedTime": {"millis": millis}}:
            return _number(millis, field, connection) / 1000
    raise _no_number(cycle, field, connection)


def _number(value: Any, field: str, connection: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _no_number(value, field, connection)
    number = Decimal(value)
    digits = number.as_tuple().digits
    if not number.is_finite() or len(digits) > MOST_DIGITS or (number and abs(number.adjusted()) > FARTHEST):
        raise BadAnswer(f"the field {field} contains a number that Jira can't store", connection=connection)
    return number


def _no_number(value: Any, field: str, connection: str) -> BadAnswer:
    return BadAnswer(
        f"the field {field} contains {str(value)[:60]!r} instead of a number",
        connection=connection,
        fix="Name a number field.",
    )


def category(fields: Mapping[str, Any], connection: str) -> str:
    """The key of the status category: new, indeterminate, done or undefined."""
    match fields:
        case {"status": {"statusCategory": {"key": key}}} if key in CATEGORIES:
            return str(key)
    raise BadAnswer("Jira sent an issue without a status category", connection=connection)


def instant(value: Any, connection: str) -> datetime | None:
    """A Jira time ("2015-02-02T18:32:28.000+0000", or milliseconds since 1970), in UTC."""
    if value is None:
        return None
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            at = datetime.fromtimestamp(value / 1000, UTC)
        else:
            at = datetime.fromisoformat(value)
        if at.tzinfo is not None and EARLIEST <= at < LATEST:
            return at.astimezone(UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        pass
    raise BadAnswer(f"{str(value)[:60]!r} is not a time", connection=connection) from None


def whole(value: Any, what: str, connection: str) -> int:
    """A count."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
        raise BadAnswer(f"Jira's answer does not contain {what}", connection=connection)
    return value
