"""Numbers and units as exports write them."""

from __future__ import annotations

import re
from decimal import Decimal

from babel.numbers import is_currency

from importing.refuse import BadValue
from mapping.errors import MappingError
from mapping.parse import SOURCE_UNITS, SYMBOLS, parse_quantity, parse_unit
from mapping.units import NUMBER, PERCENT, Dimension

BINARY = "binary"
_NAMES = {
    "": "",
    "number": "number",
    "no unit": "number",
    "none": "number",
    "#": "number",
    "percent": "%",
    "percentage": "%",
    "percent complete": "%",
    "dollar": "USD",
    "dollars": "USD",
    "euro": "EUR",
    "euros": "EUR",
    "binary": BINARY,
    "boolean": BINARY,
    "done": BINARY,
    "done or not": BINARY,
    "yes/no": BINARY,
}
_DONE = {"done": 100, "yes": 100, "true": 100, "completed": 100, "1": 100, "100": 100, "100%": 100}
_OPEN = {"not done": 0, "no": 0, "false": 0, "open": 0, "0": 0, "0%": 0}
_MOST_DIGITS = 15
_DECIMALS = 9


def unit_of(name: str, *samples: object) -> str:
    """One of an OKR file's units, or BINARY. Without a name the samples tell: "$12M" is money. Raises BadValue."""
    word = name.strip()
    found = _NAMES.get(word.lower(), SYMBOLS.get(word, word))
    if found == BINARY:
        return found
    if not found:
        return next((unit for unit in map(_written_unit, samples) if unit != "number"), "number")
    if found.lower() in SOURCE_UNITS:
        return found.lower()
    # Any three capitals would do for an OKR file, but here NPS is more likely a score than a currency.
    if is_currency(found.upper()):
        return found.upper()
    known = ", ".join([*SOURCE_UNITS, BINARY])
    raise BadValue(f"the unit {name!r} is not known: write {known}, or a currency's code such as USD")


def _written_unit(value: object) -> str:
    if not isinstance(value, str):
        return "number"
    try:
        unit = parse_quantity(value).unit
    except MappingError:
        return "number"
    if unit == PERCENT:
        return "%"
    return "seconds" if unit.dimension is Dimension.DURATION else unit.currency or "number"


def amount_of(value: object, unit: str) -> Decimal | None:
    """So many of the unit: 45% is 45 of "%". None where nothing is written. Raises BadValue."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if unit == BINARY:
        return _binary(value)
    if isinstance(value, bool):
        raise BadValue(f"{value} is not a number")
    if isinstance(value, int | Decimal | float):
        return _bounded(Decimal(str(value)), value)
    if not isinstance(value, str):
        raise BadValue("it must be a number, not a list or an object")
    return _bounded(_from_text(value.strip(), unit), value)


def _from_text(text: str, unit: str) -> Decimal:
    source = parse_unit(unit)
    if re.fullmatch(r"[-+]?\d+(\.\d+)?[eE][-+]?\d{1,2}", text):
        return Decimal(text)
    try:
        found = parse_quantity(text)
    except MappingError as error:
        raise BadValue(str(error)) from None
    if found.unit == NUMBER:
        return found.amount
    if found.unit != source.unit:
        raise BadValue(f"{text!r} is {found.unit}, but the unit is {unit}: write both in one unit")
    return found.amount / source.factor


def _binary(value: object) -> Decimal:
    word = str(value).strip().lower()
    if word in _DONE or word in _OPEN:
        return Decimal({**_DONE, **_OPEN}[word])
    raise BadValue(f"{value!r} means neither done nor open: write done or not done")


def _bounded(amount: Decimal, written: object) -> Decimal:
    if not amount.is_finite():
        raise BadValue(f"{written} is not a number")
    if amount and not -_DECIMALS <= amount.adjusted() < _MOST_DIGITS:
        raise BadValue(f"{str(written)[:40]} is too large or too small: write it in a larger or smaller unit")
    return round(amount, _DECIMALS).normalize() if amount else Decimal(0)
