"""In which currency Salesforce adds up money: the org's corporate one, whatever each record is in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from connectors.errors import ConnectorError
from connectors.salesforce.composite import describe_path, query_path
from connectors.salesforce.soql import Aggregate, Select
from mapping.units import Unit, money

IN_UNITS = frozenset({"SUM", "AVG", "MIN", "MAX"})
OF_MANY = query_path("SELECT IsoCode FROM CurrencyType WHERE IsCorporate = true")
"""There only in orgs with several currencies."""
OF_ONE = query_path("SELECT DefaultCurrencyIsoCode FROM Organization")


class Money:
    """Learns from answers which fields hold money and in which currency; what it has not learned has no unit."""

    def __init__(self, currency: str | None) -> None:
        self._currency = currency
        self._asked = currency is not None
        self._fields: dict[str, frozenset[str]] = {}

    def queries(self, selects: Collection[Select]) -> list[str]:
        """The paths of the queries that tell the currency, if they are still needed."""
        return [] if self._asked or not _objects(selects) else [OF_MANY, OF_ONE]

    def descriptions(self, selects: Collection[Select]) -> list[str]:
        """The paths of the objects' descriptions that are still needed."""
        return [describe_path(name) for key, name in _objects(selects).items() if key not in self._fields]

    def learn(self, answers: Mapping[str, Any], selects: Collection[Select]) -> None:
        for key, name in _objects(selects).items():
            described = answers.get(describe_path(name))
            if isinstance(described, dict):
                fields = described.get("fields") or []
                self._fields[key] = frozenset(
                    str(field.get("name")).lower() for field in fields if field.get("type") == "currency"
                )
        for path in (OF_ONE, OF_MANY):
            if path in answers and not (isinstance(answers[path], ConnectorError) and answers[path].temporary):
                self._asked = True
                self._currency = _first_text(answers[path]) or self._currency

    def unit(self, select: Select, one: Aggregate) -> Unit | None:
        if self._currency is None or one.function not in IN_UNITS:
            return None
        holds_money = one.field.lower() in self._fields.get(select.object.lower(), frozenset())
        return money(self._currency) if holds_money else None


def _objects(selects: Collection[Select]) -> dict[str, str]:
    """The objects whose fields may hold money, by their names in lower case. A field of another object (Account.Name)
    stays without a unit."""
    return {
        select.object.lower(): select.object
        for select in selects
        if any(one.function in IN_UNITS and "." not in one.field for one in select.aggregates)
    }


def _first_text(answer: Any) -> str | None:
    records = answer.get("records") if isinstance(answer, dict) else None
    if not records or not isinstance(records[0], dict):
        return None
    texts = [value for key, value in records[0].items() if key != "attributes" and isinstance(value, str)]
    return texts[0] if texts else None
