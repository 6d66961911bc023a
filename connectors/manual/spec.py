"""The query of values by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field, model_validator

from connectors.base import Moment, Options, Query, Spec
from mapping.day import FIRST_DAY, LAST_DAY
from mapping.errors import MappingError
from mapping.parse import parse_quantity
from mapping.units import NUMBER


class ManualOptions(Options):
    """Nothing: the values stand in the OKR files."""


class ManualQuery(Query):
    """`{manual: {2026-10-31: 120, 2026-11-15: 90}}`: the newest value that is not after the day asked for. A value may
    carry its unit: 75%, $1.2M, 3h."""

    values: tuple[tuple[date, Decimal | str | None], ...] = Field(
        min_length=1, description="Values by day. null means that there was no value."
    )
    as_of: str = Field(default="{as_of:date}", description="The day asked for.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        if not isinstance(given, Mapping) or "values" in given:
            return given
        return {"values": [_entry(day, value) for day, value in given.items()]}

    @model_validator(mode="after")
    def _in_order(self) -> ManualQuery:
        days = [day for day, _ in self.values]
        if len(set(days)) < len(days):
            raise ValueError("a day is written twice")
        for day, value in self.values:
            _entry(day, value)
        if days != sorted(days):
            object.__setattr__(self, "values", tuple(sorted(self.values, key=lambda entry: entry[0])))
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        value = {"type": ["number", "string", "null"]}
        days = {"type": "object", "minProperties": 1, "patternProperties": {r"^\d{4}-\d{2}-\d{2}$": value}}
        return {**days, "additionalProperties": False}

    @property
    def meaning(self) -> str:
        return "by hand"

    @property
    def bare_number(self) -> Decimal | None:
        return next((value for _, value in self.values if isinstance(value, Decimal) and value != 0), None)

    def text(self) -> str:
        told = ", ".join(f"{_shown(value)} on {day}" for day, value in self.values)
        return f"by hand: {told}"


def _shown(value: Decimal | str | None) -> str:
    return "none" if value is None else value if isinstance(value, str) else f"{value:f}"


def _entry(day: Any, value: Any) -> tuple[Any, Any]:
    if not isinstance(day, date) and not _is_day(day):
        raise ValueError(f"{day!r} is not a day: write 2026-10-31: 120")
    if not FIRST_DAY <= date.fromisoformat(str(day)[:10]) <= LAST_DAY:
        raise ValueError(f"{day} can't be the day of a value: write a day from {FIRST_DAY} to {LAST_DAY}")
    if value is None:
        return day, None
    try:
        found = parse_quantity(str(value) if isinstance(value, float) else value)
    except MappingError as error:
        raise ValueError(f"the value of {day}: {error}") from None
    return day, found.amount if found.unit == NUMBER else value


def _is_day(text: Any) -> bool:
    try:
        date.fromisoformat(str(text))
    except ValueError:
        return False
    return True


def write_moment(moment: Moment) -> str:
    return moment.day.isoformat()


SPEC = Spec(
    name="manual",
    title="By hand",
    options=ManualOptions,
    queries=ManualQuery,
    write_moment=write_moment,
    connector="connectors.manual.pull:ManualConnector",
    remote=False,
    needs_connection=False,
)
