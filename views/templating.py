"""Templates: each is given a model and says it in one language. Everything that is filled in is escaped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mapping.foreign import clean
from views import formats
from views.ages import span
from views.language import Language
from views.needs import change_list

MARKS = {
    "on track": "on", "achieved": "achieved", "behind": "behind", "at risk": "risk", "overdue": "overdue",
    "past its date": "overdue", "not started": "todo", "in progress": "doing", "closed": "closed",
    "cancelled": "closed", "postponed": "later", "held": "held", "stale": "stale", "unavailable": "gone",
    "no value": "gone", "unknown": "todo", "ended": "closed", "current": "on", "pinned": "pinned",
    "confidence fell twice": "behind", "no owner": "todo", "rule or target changed": "doing",
}  # fmt: skip
"""The shape and colour of each status, and of each reason why something needs a person."""


def rendered(template: str, language: Language, /, **model: Any) -> str:
    return _environment(language).get_template(template).render(model)


def asset(name: str) -> str:
    return (files("views") / "templates" / name).read_text(encoding="utf-8")


def stylesheet() -> str:
    return asset("style.css")


def letter_styles() -> str:
    """The sections that a page without the shell needs."""
    return stylesheet().partition("/* == 7 ")[0]


@cache
def _environment(language: Language) -> Environment:
    made = Environment(
        loader=PackageLoader("views"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_cleaned,
    )
    made.globals |= {
        "say": language.say,
        "many": language.many,
        "lang": language.code,
        "mark_of": MARKS.__getitem__,
        "styles": lambda: Markup(stylesheet()),  # noqa: S704 - our own file
        "letter_styles": lambda: Markup(letter_styles()),  # noqa: S704 - our own file
    }
    filters: dict[str, Callable[[Any], Any]] = {
        "percent": formats.percent,
        "points": lambda fraction: formats.NOTHING if fraction is None else formats.shift(fraction),
        "value": lambda quantity: formats.value(quantity, language),
        "difference": lambda quantity: formats.difference(quantity, language),
        "day": lambda day: formats.day(day, language),
        "short_day": lambda day: formats.short_day(day, language),
        "day_at": lambda at: formats.day_at(at, language),
        "short_day_at": lambda at: formats.short_day_at(at, language),
        "moment": lambda at: formats.moment(at, language),
        "span": lambda age: span(age if isinstance(age, timedelta) else timedelta(seconds=age), language),
        "clamped": clamped,
        "anchor": lambda text: quote(text, safe=""),
        "handle": lambda text: text.partition("@")[0],
        "change": lambda change: change_list([change], language),
        "whole": lambda number: f"{number:,}",
    }
    made.filters |= filters
    return made


def clamped(fraction: Decimal | None) -> Decimal:
    """Percent of a way, between its ends, as pictures want it."""
    part = min(Decimal(1), max(Decimal(0), fraction or Decimal(0)))
    return (part * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _cleaned(value: Any) -> Any:
    """Nothing that turns a text around or can't be seen reaches a page."""
    return clean(value, None, lines=True) if type(value) is str else value
