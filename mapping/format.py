"""Quantities as people read them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from mapping.quantity import Quantity
from mapping.units import Dimension

_PARTS = ((604_800, "w"), (86_400, "d"), (3600, "h"), (60, "m"))


def format_quantity(quantity: Quantity, *, compact: bool = False, locale: str = "en") -> str:
    """ "$12,400,000" ("$12.4M" compact), "83.2%", "2m37s", "1,204".

    Money shows cents only where there are some; other numbers up to four decimals, percentages up to two.
    """
    match quantity.unit.dimension:
        case Dimension.MONEY:
            return _money(quantity.amount, quantity.unit.currency, compact=compact, locale=locale)
        case Dimension.PERCENT:
            return f"{_number(quantity.amount * 100, 2, locale)}%"
        case Dimension.DURATION:
            return _duration(quantity.amount)
        case _:
            return _number(quantity.amount, 4, locale)


def _money(amount: Decimal, currency: str, *, compact: bool, locale: str) -> str:
    from babel.numbers import format_compact_currency, format_currency

    if compact and abs(amount) >= 1000:
        return format_compact_currency(amount, currency, locale=locale, fraction_digits=1).replace(".0", "", 1)
    whole = amount == amount.to_integral_value()
    pattern = "¤#,##0;-¤#,##0" if whole else None
    return format_currency(amount, currency, format=pattern, locale=locale, currency_digits=not whole)


def _number(amount: Decimal, decimals: int, locale: str) -> str:
    from babel.numbers import format_decimal

    rounded = amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return format_decimal(rounded, format=f"#,##0.{'#' * decimals}", locale=locale)


def _duration(seconds: Decimal) -> str:
    sign, rest = ("-", -seconds) if seconds < 0 else ("", seconds)
    rest = rest.quantize(Decimal("0.001"), ROUND_HALF_UP)
    text = ""
    for size, name in _PARTS:
        count, rest = divmod(rest, size)
        if count:
            text += f"{count:f}{name}"
    if rest or not text:
        text += f"{rest.normalize():f}s"
    return sign + text
