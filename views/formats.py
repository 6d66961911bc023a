"""Values, shares, counts and times as people read them in their language."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from mapping.day import day_of
from mapping.format import format_quantity
from mapping.quantity import Quantity
from mapping.units import PERCENT
from views.language import Language

NOTHING = "-"
_SHORT_DAY = {"en": "d MMMM", "ko": "M월 d일"}
_DAY = {"en": "d MMMM y", "ko": "y년 M월 d일 (E)"}


def value(quantity: Quantity | None, language: Language) -> str:
    """ "$12,400,000", "83.2%", "2m37s" or "2분 37초"."""
    return NOTHING if quantity is None else format_quantity(quantity, locale=language.code)


def percent(fraction: Decimal | None) -> str:
    """Whole points, halves away from zero: 0.835 is 84%. The plus makes a negative zero a zero."""
    return NOTHING if fraction is None else f"{+(fraction * 100).quantize(Decimal(1), ROUND_HALF_UP):,}%"


def points(fraction: Decimal) -> str:
    return f"{+(fraction * 100).normalize():f}"


def count(number: int, thing: str) -> str:
    """For texts that are English only: "1 call", "1,200 calls"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def moment(at: datetime, language: Language) -> str:
    """To the minute, in a form that keeps columns: "2026-11-24 09:00 UTC"."""
    return f"{at.astimezone(language.zone):%Y-%m-%d %H:%M %Z}"


def day(at: date, language: Language) -> str:
    """ "24 November 2026", "2026년 11월 24일 (화)"."""
    from babel.dates import format_date

    return format_date(at, _DAY[language.code], locale=language.code)


def short_day(at: date, language: Language) -> str:
    """ "24 November", "11월 24일"."""
    from babel.dates import format_date

    return format_date(at, _SHORT_DAY[language.code], locale=language.code)


def short_day_at(at: datetime, language: Language) -> str:
    return short_day(day_of(at, language.zone), language)


def shift(fraction: Decimal) -> str:
    """A difference of progress in whole points, with its sign: "+4", "−13", "0"."""
    whole = (fraction * 100).quantize(Decimal(1), ROUND_HALF_UP)
    return f"{'+' if whole > 0 else '−' if whole < 0 else ''}{abs(whole):,}"


def difference(quantity: Quantity, language: Language) -> str:
    """With its sign: "+$268,400", "−0.67 points"."""
    sign = "−" if quantity.amount < 0 else "+"
    size = abs(quantity)
    if size.unit == PERCENT:
        shown = value(size, language).removesuffix("%")
        return language.say("{n} points", n=f"{sign}{shown}")
    return f"{sign}{value(size, language)}"


def day_at(at: datetime, language: Language) -> str:
    """The day that an instant is in, in the reader's zone."""
    return day(day_of(at, language.zone), language)
