"""Small pictures: a sparkline of weeks, the trend of confidence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from markupsafe import Markup

from mapping.freshness import Freshness
from mapping.model import Status
from mapping.trail import Said, Trail, standing_at
from views.formats import short_day_at, value
from views.language import Language
from views.pictures.scale import amounts_scale
from views.templating import rendered

WEEKS = 8


def sparkline(trail: Trail, at: datetime, status: Status | Freshness, language: Language) -> Markup:
    """The value at the end of each of the last weeks; empty where there are less than two. The data is in the table of
    the key result's own picture."""
    moments = [at - timedelta(weeks=n) for n in reversed(range(WEEKS))]
    points = [standing_at(trail, one) for one in moments]
    known = [point.value for point in points if point is not None]
    if len(known) < 2 or len({one.unit for one in known}) > 1:
        return Markup("")
    y = amounts_scale([one.amount for one in known], 20)
    first = WEEKS - len(known)
    places = [
        (round((first + n) * 92 / (WEEKS - 1) + 1, 1), y.at(float(one.amount)) + 2) for n, one in enumerate(known)
    ]
    title = language.many(
        "{n} week: from {old} to {new}", "{n} weeks: from {old} to {new}", len(known),
        old=value(known[0], language), new=value(known[-1], language),
    )  # fmt: skip
    model = {"title": title, "places": places, "status": status.value}
    return Markup(rendered("pictures/spark.svg", language, **model))  # noqa: S704 - from a template that escapes


def confidence(said: Sequence[Said], language: Language) -> Markup:
    """Of the last twelve that people told, from 0 to 10; empty where there is none."""
    told = [one for one in said if one.confidence is not None][-12:]
    if not told:
        return Markup("")
    gap = 100 / max(1, len(told))
    dots = [
        (round((n + 0.5) * gap, 2), 76 - (one.confidence or 0) * 6, one.confidence, short_day_at(one.at, language))
        for n, one in enumerate(told)
    ]
    text = language.say(
        "The last confidence is {n} of 10, told on {day} by {by}.",
        n=told[-1].confidence, day=short_day_at(told[-1].at, language), by=told[-1].by,
    )  # fmt: skip
    model = {"dots": dots, "text": text, "said": told, "lines": list(pairwise(dots))}
    return Markup(rendered("pictures/confidence.svg", language, **model))  # noqa: S704 - from a template that escapes
