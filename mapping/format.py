"""Quantities as people read them."""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import cache

from mapping.quantity import CONTEXT, Quantity
from mapping.units import Dimension

_PARTS = (604_800, 86_400, 3600, 60, 1)
_NAMES = {"en": ("w", "d", "h", "m", "s"), "ko": ("주", "일", "시간", "분", "초")}
_BETWEEN = {"en": "", "ko": " "}
_SIGNS = "en"
"""A currency has the sign that formulas show too, whatever the language: $, not US$."""


def format_quantity(quantity: Quantity, *, compact: bool = False, locale: str = "en") -> str:
    """ "$12,400,000" ("$12.4M" compact), "83.2%", "2m37s" ("2분 37초"), "1,204". Halves are rounded away from zero.

    Numbers show up to four decimals. A percentage shows up to four where that is all of it ("99.995%"), else two.
    Money shows cents where there are some, and up to four decimals below one unit ("$0.0042").
    """
    with localcontext(CONTEXT):  # babel rounds in the thread's own
        match quantity.unit.dimension:
            case Dimension.MONEY:
                return _money(quantity.amount, quantity.unit.currency, compact=compact, locale=locale)
            case Dimension.PERCENT:
                points = quantity.amount * 100
                return f"{_number(points, 4 if points == _rounded(points, 4) else 2)}%"
            case Dimension.DURATION:
                return _duration(quantity.amount, locale)
            case _:
                return _number(quantity.amount, 4)


def _money(amount: Decimal, currency: str, *, compact: bool, locale: str) -> str:
    if compact and abs(amount) >= 1000:
        from babel.numbers import format_compact_currency

        # To four digits first: babel would show 999,999 as 1000K.
        shown = _rounded(amount, 3 - amount.adjusted())
        return format_compact_currency(shown, currency, locale=locale, fraction_digits=1).replace(".0", "", 1)
    sign, cents = _currency(currency)
    decimals = max(cents, 4) if abs(amount) < 1 else cents
    shown = _rounded(amount, decimals)
    if shown == _rounded(shown, 0):
        decimals = 0
    elif shown == _rounded(shown, cents):
        decimals = cents
    text = f"{abs(shown):,.{decimals}f}"
    while decimals > cents and text.endswith("0"):
        text, decimals = text[:-1], decimals - 1
    return f"{'-' if shown < 0 else ''}{sign}{text}"


@cache
def _currency(code: str) -> tuple[str, int]:
    """What stands before an amount, and its usual decimals."""
    from babel.numbers import format_currency, get_currency_precision

    shown = format_currency(0, code, format="¤0", locale=_SIGNS, currency_digits=False)
    return shown.removesuffix("0"), get_currency_precision(code)


def _number(amount: Decimal, decimals: int) -> str:
    """Both our languages group thousands by commas, as Python does, which is thirty times as fast as babel."""
    shown = f"{_rounded(amount, decimals):,f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _duration(seconds: Decimal, locale: str) -> str:
    rounded = _rounded(seconds, 4)
    rest = abs(rounded)
    parts = []
    for size, name in zip(_PARTS, _NAMES[locale], strict=True):
        count, rest = divmod(rest, size) if size > 1 else (rest, Decimal(0))
        if count:
            parts.append(f"{count.normalize() if size == 1 else count:f}{name}")
    text = _BETWEEN[locale].join(parts) or f"0{_NAMES[locale][-1]}"
    return f"-{text}" if rounded < 0 else text


def _rounded(amount: Decimal, decimals: int) -> Decimal:
    """The plus makes a negative zero a zero: nobody reads "-0"."""
    return +amount.quantize(Decimal(1).scaleb(-decimals))
