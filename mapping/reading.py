"""What a source said: a reading with its evidence, or why there is none.

Three states are never mixed:

* a *value*: `Reading.value` is a number;
* *no value*: the tool was asked and has none, `Reading.value` is None;
* *unavailable*: it could not be asked, or not answered in full: `Unavailable`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from mapping.units import Unit


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Where a value comes from, complete enough for a person to see the same thing.

    `query` is the question exactly as sent. `asked_at` and `as_of` are aware UTC; `as_of` is the moment
    that the source itself speaks of (a report's date, a file's last save), equal to `asked_at` for live data.
    `rows` counts the records or issues behind the value, None where the tool does not tell.
    `note` says what a reader must know about it ("Atlassian's estimate", "cached formula values").
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
            if getattr(self, name).tzinfo is None:
                raise ValueError(f"{name} must carry a time zone")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One answer. `unit` is what the tool itself says of its number (a duration, a currency, a percent-formatted
    cell), None where it is a bare number.

    `untold` says why nobody can know whether the number has a unit, or which: money of a currency that the tool does
    not name, a field that it does not describe. Such a number counts only where the metric's own `unit:` says what it
    is.
    """

    value: Decimal | None
    evidence: Evidence
    unit: Unit | None = field(default=None)
    untold: str | None = field(default=None)


@dataclass(frozen=True, kw_only=True)
class Unavailable:
    """The source could not be asked, answered in part, or not as itself. Never a value, never zero.

    `kind` is the error's name ("Throttled"), `cause` one sentence, `fix` what the operator does next.
    `temporary` is true where the next run may well succeed by itself.
    """

    connection: str
    kind: str
    cause: str
    fix: str
    temporary: bool
