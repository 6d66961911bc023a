"""What an aggregate's number is: money, a percentage, or neither, by the description of its field.

Salesforce adds up money in the org's corporate currency, whatever each record is in. Percent fields hold points: 63.15
is 63.15 %.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from connectors.errors import ConnectorError, Unreachable
from connectors.memories import Memory
from connectors.salesforce.composite import describe_path, query_path
from connectors.salesforce.schema import Schema
from connectors.salesforce.soql import Aggregate
from mapping.units import PERCENT, Unit, money

IN_UNITS = frozenset({"SUM", "AVG", "MIN", "MAX"})
OF_MANY = query_path("SELECT IsoCode FROM CurrencyType WHERE IsCorporate = true")
"""There only in orgs with several currencies."""
OF_ONE = query_path("SELECT DefaultCurrencyIsoCode FROM Organization")
OF_CURRENCY = frozenset({OF_MANY, OF_ONE})
REMEMBERED = timedelta(days=1)
"""How long a field's type and the currency are taken for what they were."""
PERCENT_POINTS = Decimal("0.01")
CURRENCY = "currency"
NO_CURRENCY = (
    "it is money, and the org does not say in which currency it adds up (or write `currency:` at the connection)"
)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a number is, after multiplication by `factor`; `untold` says why that can't be known."""

    unit: Unit | None = None
    factor: Decimal = Decimal(1)
    untold: str | None = None


Asked = tuple[str, Aggregate]
"""An object, and what is aggregated over it."""


class Units:
    """Learns which fields hold money or percentages, and in which currency the org counts, and remembers it."""

    def __init__(self, connection: str, currency: str | None, memory: Memory) -> None:
        self._connection = connection
        self._memory = memory
        self._currency = currency
        self._currency_asked = currency is not None
        self._trouble: dict[str, ConnectorError] = {}
        self._types: dict[str, str] = {}

    def queries(self, asked: Collection[Asked]) -> list[str]:
        """The paths of the queries that tell the currency, if they are still needed."""
        if not self._currency_asked:
            self._currency = _code_in(self._memory.get(CURRENCY, max_age=REMEMBERED))
            self._currency_asked = self._currency is not None
        return [] if self._currency_asked or not any(_in_units(asked)) else [OF_MANY, OF_ONE]

    def descriptions(self, asked: Collection[Asked]) -> list[str]:
        """The paths of the objects' descriptions that are still needed."""
        needed: dict[str, str] = {}
        for name, one in _in_units(asked):
            key = _key(name, one)
            if key not in self._types and (known := self._memory.get(key, max_age=REMEMBERED)):
                self._types[key] = known
            if key not in self._types:
                needed[name.lower()] = name
        return [describe_path(name) for name in needed.values()]

    def learn(self, answers: Mapping[str, Any], asked: Collection[Asked]) -> None:
        self._trouble = {
            path: answer for path, answer in answers.items() if isinstance(answer, ConnectorError) and answer.temporary
        }
        schema = Schema()
        for name, one in _in_units(asked):
            if not schema.knows(name):
                schema.learn(name, answers.get(describe_path(name)))
            if (field := schema.field(name, one.field)) is not None:
                self._types[_key(name, one)] = field.type
                self._memory.put(_key(name, one), field.type)
        if OF_MANY in answers and not OF_CURRENCY & self._trouble.keys():
            self._currency_asked = True
            self._currency = _code(answers.get(OF_MANY)) or _code(answers.get(OF_ONE))
            if self._currency is not None:
                self._memory.put(CURRENCY, self._currency)

    def told(self, name: str, one: Aggregate) -> Told:
        """Raises Unreachable where it could be told but for trouble that passes."""
        if one.function not in IN_UNITS:
            return Told()
        kind = self._types.get(_key(name, one))
        if kind is None:
            self._raise_trouble(describe_path(name))
            return Told(untold=f"okrsync can read no description that says what {one.field} of {name} is")
        if kind == "percent":
            return Told(unit=PERCENT, factor=PERCENT_POINTS)
        if kind != "currency":
            return Told()
        if self._currency is None:
            self._raise_trouble(OF_MANY, OF_ONE)
            return Told(untold=NO_CURRENCY)
        return Told(unit=money(self._currency))

    def _raise_trouble(self, *paths: str) -> None:
        for path in paths:
            if path in self._trouble:
                raise Unreachable(
                    f"the unit of the number could not be asked for: {self._trouble[path].message}",
                    connection=self._connection,
                    scope="query",
                )


def _in_units(asked: Iterable[Asked]) -> Iterable[Asked]:
    """Those of a field that may hold money or a percentage."""
    return ((name, one) for name, one in asked if one.function in IN_UNITS)


def _key(name: str, one: Aggregate) -> str:
    return f"type of {name.lower()}.{one.field.lower()}"


def _code(answer: Any) -> str | None:
    """The one currency code in an answer."""
    records = answer.get("records") if isinstance(answer, dict) else None
    if not isinstance(records, list) or len(records) != 1 or not isinstance(records[0], dict):
        return None
    codes = [value for key, value in records[0].items() if key in ("IsoCode", "DefaultCurrencyIsoCode")]
    return _code_in(codes[0]) if codes else None


def _code_in(found: Any) -> str | None:
    return found if isinstance(found, str) and re.fullmatch("[A-Z]{3}", found) else None
