"""Quantities and units as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from mapping.errors import MappingError, Undefined
from mapping.numbers import korean, meant
from mapping.quantity import Quantity
from mapping.units import DURATION, NUMBER, PERCENT, Dimension, Unit, in_words, money

SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₩": "KRW", "₹": "INR"}
SCALES = {"k": 10**3, "m": 10**6, "b": 10**9, "bn": 10**9}
SECONDS = {
    "ms": Decimal("0.001"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
    "d": Decimal(86_400),
    "w": Decimal(604_800),
}

_NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_PLAIN = re.compile(_NUMBER)
_PERCENT = re.compile(rf"({_NUMBER})\s*%")
_RATIO = re.compile(rf"ratio\s+({_NUMBER})")
_DURATION = re.compile(r"-?(?:\d+(?:\.\d+)?(?:ms|[smhdw])\s*)+")
_MINUTES = re.compile(r"\d+(?:\.\d+)?m")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdw])")
_AMOUNT = rf"({_NUMBER})\s*((?i:bn|[kmb]))?"
# Codes in capitals only: "12 ops" is no money.
_MONEY = re.compile(rf"([-+]?)([{''.join(SYMBOLS)}]|[A-Z]{{3}}\s+)\s*{_AMOUNT}|{_AMOUNT}\s+([A-Z]{{3}})")
# No "m" without a currency: that is minutes.
_SCALED = re.compile(rf"({_NUMBER})\s*([kKMB]|bn)")

_NAMED = re.compile(r"[-+*/(]\s*[A-Za-z_(]|[A-Za-z_]{4}")

EXAMPLES = "a number (1200, 12M), a percentage (80%, ratio 0.8), money ($12M, 12000000 EUR) or a duration (2m37s, 3h)"


@dataclass(frozen=True)
class SourceUnit:
    """What a source's bare numbers mean: `unit` after multiplication by `factor`."""

    unit: Unit
    factor: Decimal = Decimal(1)


SOURCE_UNITS = {
    "number": SourceUnit(NUMBER),
    "%": SourceUnit(PERCENT, Decimal("0.01")),
    "ratio": SourceUnit(PERCENT),
    "milliseconds": SourceUnit(DURATION, Decimal("0.001")),
    "seconds": SourceUnit(DURATION),
    "minutes": SourceUnit(DURATION, Decimal(60)),
    "hours": SourceUnit(DURATION, Decimal(3600)),
    "days": SourceUnit(DURATION, Decimal(86_400)),
}


OTHER_NAMES = {
    "percent": '"%"', "percentage": '"%"', "pct": '"%"', "퍼센트": '"%"', "fraction": "ratio", "count": "number",
    "h": "hours", "hrs": "hours", "시간": "hours", "min": "minutes", "mins": "minutes", "분": "minutes", "d": "days",
    "일": "days", "s": "seconds", "sec": "seconds", "초": "seconds", "ms": "milliseconds", "dollar": "USD",
    "dollars": "USD", "$": "USD", "us$": "USD", "euro": "EUR", "euros": "EUR", "€": "EUR", "pound": "GBP",
    "pounds": "GBP", "£": "GBP", "won": "KRW", "원": "KRW", "₩": "KRW", "yen": "JPY", "¥": "JPY", "rupees": "INR",
}  # fmt: skip
"""What people write for a unit, and what okrsync calls it."""


def parse_unit(text: str) -> SourceUnit:
    """What `unit:` says of a source's numbers. Raises MappingError."""
    if text in SOURCE_UNITS:
        return SOURCE_UNITS[text]
    if re.fullmatch("[A-Z]{3}", text):
        return SourceUnit(money(text))
    if near := _unit_meant(text):
        raise MappingError(f"{text!r} is not a unit: write {near}")
    known = ", ".join(SOURCE_UNITS)
    raise MappingError(f"{text!r} is not a unit: write {known}, or a currency's code such as USD")


def _unit_meant(text: str) -> str | None:
    low = text.strip().lower()
    return next((name for name in SOURCE_UNITS if low in (name, name.removesuffix("s"))), None) or OTHER_NAMES.get(low)


def parse_quantity(value: str | int | Decimal, unit: Unit | None = None) -> Quantity:
    """What a person wrote as a value, start, target or threshold. A bare number takes `unit`, unless that is a
    percentage or a duration: nobody can know whether 0.8 is 80% or 0.8%.

    Raises MappingError, also where the text has another unit than the one asked for.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        written = str(value).lower() if isinstance(value, bool) else repr(value)
        raise MappingError(f"{written} is not a value: write {EXAMPLES}")
    try:
        found = _read(value)
    except Undefined as error:
        raise MappingError(f"{value!r} is not a value: {error}") from None
    if found is None:
        instead = meant(value) if isinstance(value, str) else None
        raise MappingError(f"{value!r} is not a value: write {instead or EXAMPLES}")
    return found if unit is None else _as(found, unit, value)


def _read(value: str | int | Decimal) -> Quantity | None:
    if not isinstance(value, str):
        return Quantity(Decimal(value))
    text = value.strip()
    return _duration(text) or _percent(text) or _plain(text) or _money(text) or _korean(text)


def is_meant_as_quantity(text: str) -> bool:
    """Whether a person means a number with it, and no formula over metrics."""
    begins = text.strip()[:1]
    if begins in SYMBOLS:
        return True
    try:
        return _read(text) is not None or meant(text) is not None or (begins.isdigit() and not _NAMED.search(text))
    except MappingError:
        return True


def _as(found: Quantity, unit: Unit, written: object) -> Quantity:
    if found.unit == unit:
        return found
    if found.unit == NUMBER and unit.dimension not in (Dimension.DURATION, Dimension.PERCENT):
        return Quantity(found.amount, unit)
    if found.unit == NUMBER and unit == PERCENT:
        raise MappingError(f"{written} has no unit, but a percentage is needed: write {percentage_forms(found)}")
    if found.unit == NUMBER:
        raise MappingError(f"{written!r} needs a unit of time: write {written}s, {written}m or {written}h")
    minutes = isinstance(written, str) and _MINUTES.fullmatch(written)
    hint = f": write {str(written)[:-1]}M for millions" if minutes else ": write all its values in one unit"
    raise MappingError(f"{written!r} is {in_words(found.unit)}, but it must be {in_words(unit)}{hint}")


def percentage_forms(bare: Quantity) -> str:
    """The two ways to write what a bare number most likely means: "75%, or ratio 0.75" for 75 and for 0.75."""
    ratio = bare.amount if abs(bare.amount) <= 1 else bare.amount.scaleb(-2)
    return f"{_short(ratio.scaleb(2))}%, or ratio {_short(ratio)}"


def _short(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _plain(text: str) -> Quantity | None:
    if _PLAIN.fullmatch(text):
        return Quantity(_decimal(text))
    scaled = _SCALED.fullmatch(text)
    return Quantity(_decimal(scaled[1]) * SCALES[scaled[2].lower()]) if scaled else None


def _percent(text: str) -> Quantity | None:
    if match := _PERCENT.fullmatch(text):
        return Quantity(_decimal(match[1]) / 100, PERCENT)
    match = _RATIO.fullmatch(text)
    return Quantity(_decimal(match[1]), PERCENT) if match else None


def _duration(text: str) -> Quantity | None:
    if not _DURATION.fullmatch(text):
        return None
    total = sum((Decimal(amount) * SECONDS[name] for amount, name in _DURATION_PART.findall(text)), Decimal(0))
    return Quantity(-total if text.startswith("-") else total, DURATION)


def _money(text: str) -> Quantity | None:
    match = _MONEY.fullmatch(text)
    if not match:
        return None
    sign, before, amount, scale, amount_first, scale_first, after = match.groups()
    if sign and amount[0] in "+-":
        return None
    code = (after or before).strip()
    value = _decimal(amount or amount_first) * SCALES.get((scale or scale_first or "").lower(), 1)
    return Quantity(-value if sign == "-" else value, money(SYMBOLS.get(code, code)))


def _korean(text: str) -> Quantity | None:
    found = korean(text.removeprefix("₩"))
    if found is None:
        return None
    return Quantity(found[0], money("KRW")) if found[1] or text.startswith("₩") else Quantity(found[0])


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))
