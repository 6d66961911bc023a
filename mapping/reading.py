"""What a source said: a reading with its evidence, or why there is none.

Three states are never mixed:

* a *value*: `Reading.value` is a number;
* *no value*: the tool was asked and has none, `Reading.value` is None;
* *unavailable*: it could not be asked, or not answered in full: `Unavailable`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlsplit

from mapping.errors import BadEvidence
from mapping.foreign import clean
from mapping.quantity import Quantity
from mapping.units import NUMBER, Unit

MOST_ROWS = 2**63 - 1
LONGEST_QUERY = 100_000
LONGEST_LINK = 16_000
YEARS = range(1900, 3000)
"""A time outside these can't be the time of a measurement."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Where a value comes from, complete enough for a person to see the same thing.

    `query` is the question exactly as sent. `asked_at` and `as_of` are aware UTC; `as_of` is the moment
    that the source itself speaks of (a report's date, a file's last save), equal to `asked_at` for live data.
    `rows` counts the records or issues behind the value, None where the tool does not tell.
    `note` says what a reader must know about it ("Atlassian's estimate", "cached formula values").

    Texts are cleaned, since a source may have written them. Raises BadEvidence where something is of the wrong type or
    out of range.
    """

    connection: str
    query: str
    asked_at: datetime
    as_of: datetime
    rows: int | None = None
    link: str | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        for name in ("asked_at", "as_of"):
            _check_time(name, getattr(self, name))
        if self.rows is not None and (type(self.rows) is not int or not 0 <= self.rows <= MOST_ROWS):
            raise BadEvidence(f"{_shown(self.rows)} is not a count")
        if self.link is not None:
            object.__setattr__(self, "link", _checked_link(self.link))
        object.__setattr__(self, "query", clean(self.query, LONGEST_QUERY, lines=True))
        if self.note is not None:
            object.__setattr__(self, "note", clean(self.note))


def _check_time(name: str, at: object) -> None:
    if not isinstance(at, datetime):
        raise BadEvidence(f"{_shown(at)} is not a time")
    if at.tzinfo is None:
        raise BadEvidence(f"{name} must carry a time zone")
    if at.year not in YEARS:
        raise BadEvidence(f"{at.isoformat()} can't be the time of a measurement")


def _checked_link(link: object) -> str:
    if not isinstance(link, str):
        raise BadEvidence(f"{_shown(link)} is not a link")
    try:
        parts = urlsplit(link)
    except ValueError:
        raise BadEvidence(f"{_shown(link)} is not a link") from None
    if parts.scheme not in ("http", "https") or not parts.netloc or len(link) > LONGEST_LINK:
        raise BadEvidence(f"{_shown(link)} is not a link")
    return clean(link, LONGEST_LINK)


def _shown(found: object) -> str:
    try:
        return clean(repr(found), 60)
    except ValueError:
        return "a number with too many digits"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One answer. `unit` is what the tool itself says of its number (a duration, a currency, a percent-formatted
    cell), None where it is a bare number.

    `untold` says why nobody can know whether the number has a unit, or which: money of a currency that the tool does
    not name, a field that it does not describe. Such a number counts only where the metric's own `unit:` says what it
    is.

    `by_hand` is true of what a person wrote. `lags` is true if the source always reports earlier days, such as a
    usage report.
    """

    value: Decimal | None
    evidence: Evidence
    unit: Unit | None = field(default=None)
    untold: str | None = field(default=None)
    by_hand: bool = False
    lags: bool = False


@dataclass(frozen=True, kw_only=True)
class Unavailable:
    """The source could not be asked, answered only in part, or something else answered. This is never a value and
    never zero.

    `kind` is the error's name ("Throttled"), `cause` one sentence, `fix` what the operator does next. `temporary` is
    true if the next run may succeed by itself.
    """

    connection: str
    kind: str
    cause: str
    fix: str
    temporary: bool


def or_else(reading: Reading, default: Quantity, *, counted: bool) -> Reading:
    """The reading, with what its author says where the source has no value. A bare default is in the unit that the
    source tells, unless the metric says itself what its numbers are (`counted`)."""
    if reading.value is not None:
        return reading
    unit = default.unit if default.unit != NUMBER else None if counted else reading.unit
    note = "; ".join(filter(None, (reading.evidence.note, "no value there: the query's own default")))
    return replace(reading, value=default.amount, unit=unit, untold=None, evidence=replace(reading.evidence, note=note))
